"""What `check` passes can be computed: it meets the limits that `reach` and `circle` meet, by the
same arithmetic.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from railshed.circles.budgets import find_over_limits
from railshed.io.networks import load_network
from railshed.util.errors import InputError
from railshed.util.limits import LIMITS, LIMITS_VARIABLE
from tests.support.clirunner import Command, command_line
from tests.support.feeds import FEED, feed_with, write_zip
from tests.support.shared import SHARED, needs

#: t1 runs as six trips from 6:00 to 7:00; nothing calls at b2, 100 m north of b
STOPS = FEED["stops.txt"] + "b2,乙北,30.0009,104.3,Yi North\n"
HEADWAYS = "trip_id,start_time,end_time,headway_secs,exact_times\nt2,09:00:00,09:10:00,600,1\nt1,06:00:00,07:00:00,600,1\n"
#: six trips of t1 and one of t2, three calls each; seven trips of two legs on Monday, Tuesday and
#: Wednesday; the walk from b to b2 and back; 42 departures, and the 21 of b that one walks to from
#: b2; four stations in 150 minutes
NUMBERS = {"trips": 7, "calls": 21, "connections": 42, "walks": 2, "journeys": 63, "times": 600}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command line."""
    return command_line(monkeypatch, capsys)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Return a feed by headway with a walk between two stations."""
    return write_zip(tmp_path / "feed.zip", feed_with(stops=STOPS, frequencies=HEADWAYS))


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_check_reach_and_circle_have_the_same_limits(
    run: Command, feed: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    """At the limit all three end well, one below all three say the same sentence; windows of 150
    minutes.
    """
    evening = "17:00-19:30"
    reach = ["reach", "-n", feed, "--station", "a", "--window", evening]
    circle = [
        "circle",
        "-n",
        feed,
        "--at",
        "104.0,30.0",
        "--direction",
        "from",
        "--window-from",
        evening,
        "--draws",
        0,
    ]
    monkeypatch.setenv(LIMITS_VARIABLE, f"{name}={number}")
    assert [run(*command).code for command in (["check", feed], reach, circle)] == [0, 0, 0]
    monkeypatch.setenv(LIMITS_VARIABLE, f"{name}={number - 1}")
    said = f"{number:,} {LIMITS[name][1]}, at most {number - 1:,} are made"
    checked = run("check", feed, "--json")
    assert (checked.code, checked.out.count(said)) == (1, 1)
    for command in (reach, circle):
        done = run(*command)
        assert (done.code, done.out) == (2, "")
        assert said in done.err
        assert (
            f"{LIMITS_VARIABLE}={name}={'NUMBER' if name == 'walks' else number} allows as many"
            in done.err
        )


def test_the_row_with_the_most_trips_is_named(feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 2 of frequencies.txt, after which the trips are sorted."""
    monkeypatch.setenv(LIMITS_VARIABLE, "trips=6")
    with pytest.raises(InputError) as caught:
        load_network(feed)
    (issue,) = caught.value.issues
    assert (issue.file, issue.row, issue.field, issue.value) == (
        "frequencies.txt",
        2,
        "headway_secs",
        "600",
    )


def test_lines_by_headway_count_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy's one line of high confidence: 18 hours, six trips an hour, both ways, two calls
    each.
    """
    monkeypatch.setenv(LIMITS_VARIABLE, "trips=216,calls=432")
    assert sum("sw:" in trip_id for trip_id in load_network("toy").trips.trip_ids) == 216
    for limit, said in (
        ("trips=215", "216 trips by headway"),
        ("calls=431", "432 calls of trips by headway"),
    ):
        monkeypatch.setenv(LIMITS_VARIABLE, limit)
        with pytest.raises(InputError, match=said):
            load_network("toy")


def test_cells_are_a_warning_of_check_and_an_error_of_a_circle_that_reaches_them(
    run: Command, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run may reach fewer stations than all; `reach` needs no cells."""
    monkeypatch.setenv(LIMITS_VARIABLE, "cells=100")
    checked = run("check", feed, "--json")
    assert (checked.code, checked.out.count('"over-limit"')) == (0, 1)
    assert run("reach", "-n", feed, "--station", "a").code == 0
    done = run("circle", "-n", feed, "--at", "104.0,30.0", "--draws", 0)
    assert done.code == 2
    assert (
        "pairs of a station and a cell around it, at most 100 are made -> take larger cells"
        in done.err
    )


@pytest.mark.parametrize(
    "name",
    [
        "toy",
        "china",
        *(
            pytest.param(feed, marks=needs(f"gtfs/{feed}"))
            for feed in (
                "bart_2023.zip",
                "caltrain_2023.zip",
                "db_fernverkehr_2019.zip",
                "mexico_city_2018_freq.zip",
                "mtr_hsr_hongkong_2026-01-26.zip",
                "sao_paulo_freq_sample.zip",
                "wmata_2026-04.zip",
            )
        ),
    ],
)
def test_real_feeds_are_far_below_every_limit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of every limit is enough for each: Mexico City and China come nearest."""
    monkeypatch.setenv(
        LIMITS_VARIABLE, ",".join(f"{limit}={most // 3}" for limit, (most, _) in LIMITS.items())
    )
    network = load_network(SHARED / "gtfs" / name if name.endswith("zip") else name, areas=False)
    assert find_over_limits(network) == []


def test_a_timetable_that_carries_nobody_has_one_verdict(run: Command, tmp_path: Path) -> None:
    """Both platforms are one station: `check` calls it an error, and `reach` computes nothing of
    it.
    """
    stops = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\nA,甲,30.0,104.0,1,\n"
    stops += "".join(f"{stop},甲,30.0,104.0,0,A\n" for stop in "abc")
    feed = write_zip(tmp_path / "one.zip", feed_with(stops=stops))
    assert (run("check", feed).code, '"no-ride"' in run("check", feed, "--json").out) == (1, True)
    done = run("reach", "-n", feed, "--station", "A")
    assert (done.code, done.out) == (2, "")
    assert "carries anybody" in done.err


@pytest.mark.skipif(
    sys.platform != "linux", reason="the memory of a process is limited as Linux does"
)
@pytest.mark.parametrize("where", ["reach", "check"])
def test_a_full_memory_ends_in_one_sentence(where: str) -> None:
    """A MemoryError anywhere in a command: exit code 2, one sentence, no traceback."""
    code = (
        "import sys, numpy as np\nfrom railshed.cli import main\nimport railshed.io.cache as "
        "cache\ndef full(*_, **__):\n    np.ones(1 << 50)\n"
        "cache.load_network_once = full\nsys.argv = ['railshed', *sys.argv[1:]]\nmain.main()\n"
    )
    arguments = ["reach", "-n", "toy", "--station", "mid"] if where == "reach" else ["check", "toy"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith("railshed: error: the memory is full; take fewer cities")
