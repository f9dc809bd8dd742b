"""railshed equals an independent router, nigiri, on random networks and a real feed; what nigiri's
rules are.

The long run with four feeds is `test_nigiri_feeds.py`; its result is `nigiri_differences.md`.
"""

from __future__ import annotations

import datetime as dt
from random import Random

import numpy as np
import pytest

pytest.importorskip("pynigiri", reason="needs pynigiri, the independent router: extra `peers`")

from railshed import default_assumptions, load_network
from railshed.routing.compile import compile_network
from railshed.routing.journeys import Compiled
from railshed.util.units import HOUR, MINUTE, UNREACHED
from tests.peers.nigiri_compare import compare_export, compare_raw, compile_with, explicit
from tests.peers.nigiri_export import walks_of
from tests.peers.nigiri_oracle import Questions, Sample, arrivals, draw_sample, load_router
from tests.peers.nigiri_rules import spread
from tests.peers.test_nigiri_feeds import CASES
from tests.support.feeds import feed_with, write_zip
from tests.support.random_networks import DATE, random_network, span, to_model
from tests.support.shared import needs

pytestmark = pytest.mark.peers

DAY = dt.date(2024, 5, 15)
CALTRAIN = CASES[0]
needs_caltrain = needs(*CALTRAIN.files)
STOPS = "stop_id,stop_name,stop_lat,stop_lon\n"
CALLS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
TRANSFERS = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id\n"


def arrival(
    tmp_path, transfers: str, *, change_at: str = "b", stops: str = "", max_walk_min: int = 20
) -> int | None:
    """nigiri's minutes after 08:20 at which a change at b, or a walk from b to `change_at`, is
    over.

    One train leaves a at 08:00 and arrives at b at 08:20; from `change_at` a train runs to z every
    minute, in 10.
    """
    clock = [f"08:{20 + m}:00" for m in range(30)]
    later = [f"{8 + (30 + m) // 60:02d}:{(30 + m) % 60:02d}:00" for m in range(30)]
    calls = "t,08:00:00,08:00:00,a,1\nt,08:20:00,08:20:00,b,2\n"
    calls += "".join(
        f"u{m},{clock[m]},{clock[m]},{change_at},1\nu{m},{later[m]},{later[m]},z,2\n"
        for m in range(30)
    )
    files = feed_with(
        stops=STOPS
        + (stops or "b,B,31,104\nc,C,32,104\nd,D,33,104\n")
        + "a,A,30,104\nz,Z,34,104\n",
        trips="route_id,service_id,trip_id\nr,weekdays,t\n"
        + "".join(f"r,weekdays,u{m}\n" for m in range(30)),
        stop_times=CALLS + calls,
        transfers=TRANSFERS + transfers,
    )
    router = load_router(
        [write_zip(tmp_path / "f.zip", files)], DAY, "Asia/Shanghai", max_walk_min=max_walk_min
    )
    sample = Sample((0,), (1,), np.array([[8 * HOUR]]), 4 * HOUR)
    found = int(
        router.arrivals(Questions([[(router.find("a"), 0)]], [[router.find("z")]], True), sample)[
            0, 0, 0
        ]
    )
    return None if found == UNREACHED else (found - 8 * HOUR) // MINUTE - 30


@pytest.mark.parametrize(
    ("rows", "minutes"),
    [
        ("", 2),
        ("b,b,2,0,\n", 0),
        ("b,b,2,239,\n", 3),
        ("b,b,2,300,\nb,b,2,60,\n", 1),
        ("b,b,2,60,r\n", 1),
        ("b,b,1,,\n", 0),
        ("b,b,3,,\n", 2),
    ],
)
def test_nigiri_changes(tmp_path, rows, minutes):
    """2 minutes unless listed; cut to minutes; the shortest of several rows, also of those for
    single routes.
    """
    assert arrival(tmp_path, rows) == minutes


@pytest.mark.parametrize(
    ("rows", "limit", "minutes"),
    [
        ("", 20, None),
        ("b,c,2,300,\n", 20, 5),
        ("c,b,2,300,\n", 20, 5),
        ("b,c,2,60,\n", 20, 2),
        ("b,b,2,540,\nb,c,2,60,\n", 20, 9),
        ("b,d,2,300,\nd,c,2,360,\n", 12, 11),
        ("b,d,2,300,\nd,c,2,360,\n", 11, None),
        ("b,c,2,1200,\n", 11, 20),
        ("b,c,2,15360,\n", 20, 2),
    ],
)
def test_nigiri_walks(tmp_path, rows, limit, minutes):
    """Both ways, no shorter than the change at either end, joined below the limit, which two stops
    alone escape.

    The last is a defect of nigiri: 256 minutes become 0, since a walk is held in 8 bits, and then
    the change's 2.
    """
    assert arrival(tmp_path, rows, change_at="c", max_walk_min=limit) == minutes


@pytest.mark.parametrize(
    ("metres", "minutes"), [(10, 2), (179, 2), (181, 3), (499, 6), (501, None)]
)
def test_nigiri_links_stops_of_one_name(tmp_path, metres, minutes):
    """Stops of one name within 500 m are linked by the walk at 90 m a minute, at least 2
    minutes.
    """
    stops = f"b,B,31,104\nc,B,{31 + metres / 111_194.9:.7f},104\n"
    assert arrival(tmp_path, "", change_at="c", stops=stops) == minutes


def test_nigiri_spreads_blank_times_evenly(tmp_path):
    """08:00 to 08:07 over four stops: 2.33 and 4.67 minutes on, rounded; half a pair stands for
    both.
    """
    assert spread([480, 480, None, None, None, None, 487, 487]) == [
        480,
        480,
        482,
        482,
        485,
        485,
        487,
        487,
    ]
    assert spread([480, None, 481, None, None, 484]) == [480, 480, 481, 481, 484, 484]
    files = feed_with(
        stops=STOPS + "".join(f"{stop},{stop},{30 + i},104\n" for i, stop in enumerate("abcd")),
        trips="route_id,service_id,trip_id\nr,weekdays,t\n",
        stop_times=CALLS + "t,08:00:00,08:00:00,a,1\nt,,,b,2\nt,,,c,3\nt,08:07:59,08:07:59,d,4\n",
    )
    router = load_router([write_zip(tmp_path / "f.zip", files)], DAY, "Asia/Shanghai")
    sample = Sample((0,), (1, 2, 3), np.array([[8 * HOUR]]), HOUR)
    questions = Questions(
        [[(router.find("a"), 0)]], [[router.find(stop)] for stop in "bcd"], walk_first=True
    )
    minutes = (router.arrivals(questions, sample)[0, :, 0] - 8 * HOUR) // MINUTE
    assert minutes.tolist() == [2, 5, 7]


def random_case(seed: int) -> tuple[Compiled, Sample]:
    """An unkind network with walks in straight lines, and times to leave each station for all
    others.
    """
    rng = Random(seed)
    plain = random_network(rng)
    place = [rng.randrange(2000) for _ in range(plain.n_stations)]
    pairs = [(a, b) for a in range(plain.n_stations) for b in range(plain.n_stations) if a != b]
    walks = {(a, b): abs(place[a] - place[b]) for a, b in pairs if abs(place[a] - place[b]) <= 200}
    changes = {i: min(change, 200) for i, change in enumerate(plain.change_s)}
    first, last = span(plain)
    everyone = tuple(range(plain.n_stations))
    leave = np.array([sorted(rng.randrange(first - 600, last) for _ in range(6)) for _ in everyone])
    return compile_with(to_model(plain), changes, walks, DATE), Sample(
        everyone, everyone, leave, 2 * HOUR
    )


@pytest.mark.parametrize("max_transfers", [None, 1])
def test_random_networks_to_the_second(tmp_path, max_transfers):
    """Arrivals between all stations of 40 unkind networks are nigiri's, to the second, any and few
    changes allowed.

    Zero-second hops, changes of 0 s, loops, trips of the days before and after, calls without
    pickup or drop-off.
    """
    reached = 0
    for seed in range(40):
        compiled, sample = random_case(seed)
        found = compare_export(compiled, sample, tmp_path, unit_s=1, max_transfers=max_transfers)
        assert found.unexplained() == [], f"seed {seed}"
        reached += found.n_reached
    assert reached > 2000


def test_a_rule_misread_by_a_second_is_seen(tmp_path):
    """With changes a second longer than those written out for nigiri, railshed arrives later
    somewhere.
    """
    later = 0
    for seed in range(10):
        compiled, sample = random_case(seed)
        found = compare_export(compiled, sample, tmp_path, unit_s=1)
        longer = {i: int(s) + 1 for i, s in enumerate(compiled.to.change_s)}
        wrong = compile_with(compiled.network, longer, walks_of(compiled), DATE)
        later += int((arrivals(wrong, sample) > found.theirs).sum())
    assert later > 0


@needs_caltrain
def test_caltrain_as_published(tmp_path):
    """Caltrain, each router with its own reader: no arrival differs under railshed's own rules."""
    found = compare_raw(CALTRAIN.feeds, CALTRAIN.date, tmp_path, n=15, n_minutes=5)
    assert found.n_reached > 500
    assert found.differs()[0].sum() == 0
    assert found.unexplained() == []


@needs_caltrain
def test_caltrain_exported(tmp_path):
    """Caltrain written by railshed with every rule in it, to the second: nigiri arrives at the same
    second.
    """
    network = load_network(CALTRAIN.feeds[0], date=CALTRAIN.date)
    compiled = explicit(network, CALTRAIN.date, 1, 240)
    sample = draw_sample(
        compiled, 1, n=15, n_minutes=5, span=(7 * HOUR, 9 * HOUR), bound_s=2 * HOUR, unit_s=1
    )
    found = compare_export(compiled, sample, tmp_path, unit_s=1)
    assert found.n_reached > 300
    assert found.unexplained() == []


def test_train_of_the_evening_before_summer_time(tmp_path):
    """GTFS times count from noon less 12 hours: 25:30 of 2019-03-30 in Berlin is 00:30 UTC, 02:30
    of the 31st.
    """
    files = feed_with(
        agency="agency_id,agency_name,agency_url,agency_timezone\nx,X,https://example.org,Europe/Berlin\n",
        calendar_dates="service_id,date,exception_type\nweekdays,20190330,1\n",
        calendar=None,
        trips="route_id,service_id,trip_id\nr,weekdays,t\n",
        stop_times=CALLS + "t,25:30:00,25:30:00,a,1\nt,25:50:00,25:50:00,b,2\n",
    )
    feed, day = write_zip(tmp_path / "f.zip", files), dt.date(2019, 3, 31)
    sample = Sample((0,), (1,), np.array([[0]]), 8 * HOUR)
    router = load_router([feed], day, "Europe/Berlin")
    questions = Questions([[(router.find("a"), 0)]], [[router.find("b")]], walk_first=True)
    assert router.arrivals(questions, sample).item() == 2 * HOUR + 50 * MINUTE
    compiled = compile_network(
        load_network(feed, date=dt.date(2019, 3, 30), validated=False),
        default_assumptions(),
        date=day,
    )
    assert arrivals(compiled, sample).item() == 2 * HOUR + 50 * MINUTE
