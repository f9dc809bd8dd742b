"""Why a place is outside: every change against a full run of what it proposes, and what is read of
a place's name.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from railshed.api.analysis import Analysis
from railshed.cells.cell_keys import key_cells
from railshed.circles.analysis import AnalysisInputs, case_of
from railshed.circles.study_area import cells_of, land_of
from railshed.circles.surface import surface_of
from railshed.comparisons.plans import run_after
from railshed.network.model import Network
from railshed.questions.why.place_query import query_of
from railshed.questions.why.remedies import BINDS, passing_trips
from railshed.questions.why.why_outside import WhyResult, why
from railshed.scenario.apply import resolve
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.units import HOUR, MINUTE, UNREACHED
from tests.support.clirunner import Command
from tests.support.small_networks import small_network


def in_full(run: AnalysisInputs, found: WhyResult, limit_min: int = 120) -> list[int]:
    """Return the place's seconds under each change, of a full run of what it proposes."""
    seconds = []
    for one in found.tried:
        remedy, city, changed = one.remedy, found.city, run
        if remedy.scenario is not None:
            changed = run_after(run, resolve(run.compiled.network, remedy.scenario, city=city.slug))
        start, end = (s + remedy.later_min * MINUTE for s in city.window_to)
        a = changed.assumptions
        changed = changed.changed(assumptions=a.with_access(*a.access_modes, *remedy.modes))
        case = case_of(
            changed, replace(changed.compiled.network.get_city(city.slug), window_to=(start, end))
        )
        land = land_of(changed.cells, changed.cells.numbers(np.array([found.place.key])))
        cells = cells_of(case, land, ("to",), limit_min * MINUTE)["to"]
        surface = surface_of(
            case, cells, changed.readings[found.reading], "to", cutoffs=[limit_min]
        )
        by_rail = int(surface.by_rail_s[0])
        seconds.append(by_rail if by_rail <= limit_min * MINUTE else UNREACHED)
    return seconds


@pytest.fixture(scope="module")
def points(toy_run: Analysis) -> list[str]:
    """Places drawn from the land around the city's stations."""
    city = toy_run.baseline(["mid"], cutoffs=[120]).cities[0]
    keys = np.random.default_rng(5).choice(city.facts.keys, 12)
    lon, lat = city.case.grid.unproject(*city.case.grid.centre(*key_cells(keys)))
    return [f"{x:.5f},{y:.5f}" for x, y in zip(lon, lat, strict=True)]


@pytest.mark.parametrize("reading", ["door-to-door", "turn-up-and-go"])
@pytest.mark.parametrize("k", range(12))
def test_every_change_is_what_a_full_run_says(
    toy_run: Analysis, points: list[str], k: int, reading: str
) -> None:
    """To the second, of all changes of places served and not served; the first that brings it in is
    the answer.
    """
    place = points[k]
    found = toy_run.why(place, "mid", reading=reading, cutoff_min=30)
    full = in_full(toy_run, found)
    assert [one.seconds for one in found.tried] == full
    first = next(
        (one for one, seconds in zip(found.tried, full, strict=True) if seconds <= 30 * MINUTE),
        None,
    )
    assert found.best is (None if found.is_inside else first)


def test_families_come_in_their_order(toy_run: Analysis) -> None:
    """From nothing to a new line; within a family the least first; as plain values with the
    modifications.
    """
    found = why(toy_run, "west", "mid", cutoff_min=20)
    families = [one.remedy.family for one in found.tried]
    assert families == sorted(families, key=list(BINDS).index)
    plain = found.as_plain()
    assert plain["minutes_short"] == round(found.seconds["door-to-door"] / MINUTE - 20, 1)
    known = [one.seconds for one in found.tried if one.seconds < UNREACHED]
    assert [row["minutes"] for row in plain["changes"] if row["minutes"]] == [
        round(s / MINUTE, 1) for s in known
    ]
    parts = plain["parts"][0]
    names = ("access", "entry", "wait", "ride", "change", "exit", "egress")
    assert sum(parts[f"{name}_min"] for name in names) == pytest.approx(parts["minutes"], abs=0.4)
    assert all(
        row["modifications"] or row["family"] in ("deadline", "access") for row in plain["changes"]
    )


@pytest.mark.parametrize("reading", ["door-to-door", "turn-up-and-go"])
def test_the_rides_are_those_of_the_parts(toy_run: Analysis, reading: str) -> None:
    """In order of time, and as long together as the part `ride`."""
    rides = (row := toy_run.why("west", "mid", reading=reading, cutoff_min=20).parts[0])["rides"]
    clocks = [ride[f"{end}_s"] for ride in rides for end in ("departure", "arrival")]
    assert clocks == sorted(clocks)
    ridden = sum(ride["arrival_s"] - ride["departure_s"] for ride in rides)
    assert ridden / MINUTE == pytest.approx(row["ride_min"], abs=0.1)


def test_a_train_faster_than_any_is_no_change(
    toy_run: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be built is left out; all else is tried as before."""
    usual = [one.remedy.key for one in toy_run.why("southeast", "mid", cutoff_min=45).tried]
    monkeypatch.setattr("railshed.questions.why.remedies.SPEEDS", (1.1, 90.0))
    found = [one.remedy.key for one in toy_run.why("southeast", "mid", cutoff_min=45).tried]
    assert found == [key for key in usual if key not in ("speed_1.25", "speed_1.5")]


def test_a_place_inside_needs_nothing(toy_run: Analysis) -> None:
    found = toy_run.why("mid", "mid", cutoff_min=120)
    assert found.is_inside
    assert found.short_s == 0
    assert found.best is None


def test_a_place_that_needs_no_ride_is_inside(toy_run: Analysis, railshed: Command) -> None:
    """The main centre: minutes without a ride, though a ride takes longer; it lies in the city
    proper.
    """
    found = toy_run.why("100.0,0.32", "mid")
    assert found.is_inside
    assert found.local_s < 10 * MINUTE < 60 * MINUTE < found.seconds["door-to-door"]
    assert (found.short_s, found.best, found.in_city_proper) == (0, None, True)
    done = railshed("why", "100.0,0.32", "--city", "mid", "-n", "toy")
    assert done.out.startswith(
        "100.0,0.32 is inside the 60-minute circle of Midtown without a ride: 4.5 minutes"
    )
    assert "lies in the city proper" in done.out
    assert not toy_run.why("west", "mid").in_city_proper


def test_who_is_brought_in_elsewhere(toy_run: Analysis) -> None:
    """A change that moves no cell brings no one in; one that does, the people of the comparison."""
    found = toy_run.why("west", "mid", cutoff_min=60)
    for one in found.tried:
        if one.remedy.scenario is not None:
            row = toy_run.compare("mid", one.remedy.scenario).row("door-to-door", 60, "by_rail")
            assert one.people == pytest.approx(row["people_gained"], abs=1)


def test_trains_that_pass() -> None:
    """Of four trains from a to c one calls at b, one starts there: the two others pass, in the
    minutes of the one.
    """
    places = {"a": (0, 0), "b": (10, 0), "c": (20, 0)}
    network = small_network(
        places,
        {
            "calls": [("a", "07:00"), ("b", "07:10"), ("c", "07:25")],
            "one": [("a", "08:00"), ("c", "08:15")],
            "two": [("a", "09:00"), ("c", "09:15")],
            "starts": [("b", "09:30"), ("c", "09:45")],
        },
    )
    found = passing_trips(network, 1, network.date)
    assert {key: [network.trips.trip_ids[t] for t in trips] for key, trips in found.items()} == {
        (0, 2, 10 * MINUTE, 15 * MINUTE): ["one", "two"]
    }
    assert passing_trips(network, 0, network.date) == {}


@pytest.mark.slow
def test_a_place_by_its_name(toy_run: Analysis) -> None:
    """A point, a station by id or name, a county; what is not known has near names, what is no
    degree is refused.
    """
    assert query_of(toy_run, "99.9, 0.1").kind == "point"
    assert query_of(toy_run, "west").kind == "station"
    counties = toy_run.compiled.network.counties
    assert counties is not None
    county = counties.iloc[0]
    found = query_of(toy_run, str(county["county_code"]))
    assert (found.kind, found.name) == ("county", county["county"])
    with pytest.raises(NotFoundError, match="unknown station, county or town 'wesst'"):
        query_of(toy_run, "wesst")
    with pytest.raises(ParameterError, match="no LON,LAT in degrees"):
        query_of(toy_run, "199,0")
    with pytest.raises(ParameterError, match="no land of the network is there"):
        toy_run.why("50,50", "mid")
    with pytest.raises(ParameterError, match="has no area"):
        toy_run.why("west", "mid", reading="station-to-station")


@pytest.mark.slow
def test_counties_are_asked_one_by_one(
    toy_run: Analysis, railshed: Command, tmp_path: Path
) -> None:
    """The row of each county outside is the answer of its nearest core city; those inside have
    none.
    """
    rows = toy_run.why_counties("toy", cutoff_min=45)
    counties = toy_run.compiled.network.counties
    assert counties is not None
    outside = []
    proper = toy_run.compiled.network.get_city("mid").proper_counties
    assert proper
    for code in counties.loc[
        toy_run.compiled.network.get_region("toy").holds(counties), "county_code"
    ]:
        if code in proper:
            continue
        try:
            found = toy_run.why(str(code), "mid", cutoff_min=45)
        except ParameterError:  # no station can be reached
            outside.append((code, None, None))
            continue
        if not found.is_inside:
            now = found.seconds["door-to-door"]
            minutes = None if now >= UNREACHED else round(now / MINUTE, 1)
            outside.append((code, minutes, found.best and found.best.remedy.words.en))
    assert sorted(outside) == sorted(
        (row["county_code"], row["minutes"], row["en"]) for row in rows
    )
    known = [row["minutes"] for row in rows if row["minutes"] is not None]
    assert known == sorted(known)
    done = railshed(
        "why",
        "--region",
        "toy",
        "-n",
        "toy",
        "--cutoff",
        45,
        "-o",
        tmp_path / "c.csv",
        "--no-progress",
    )
    assert done.code == 0, done.err
    assert done.out.startswith(
        f"{len(rows)} counties of Grid Agglomeration are outside the 45-minute circles"
    )
    assert len((tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + len(rows)
    for name in ("c.gpkg", "c.png"):
        assert (
            railshed(
                "why", "--region", "toy", "-n", "toy", "-o", tmp_path / name, "--no-progress"
            ).code
            == 0
        )
        assert (tmp_path / name).stat().st_size > 10_000
    wrong_ending = railshed("why", "--region", "toy", "-n", "toy", "-o", tmp_path / "c.xyz")
    assert (wrong_ending.code, "the ending says the format" in wrong_ending.err) == (2, True)
    for wrong in (
        ("why",),
        ("why", "west"),
        ("why", "west", "--region", "toy"),
        ("why", "--city", "mid"),
    ):
        assert railshed(*wrong, "-n", "toy").code == 2


@pytest.mark.china
@pytest.mark.slow
def test_two_places_of_china(china_run: Analysis, china: Network) -> None:
    """简阳南: a train in a quarter of an hour brings it in; each change is what a full run says."""
    found = china_run.why("简阳南", "chengdu")
    assert not found.is_inside
    assert found.best is not None
    assert found.best.remedy.family == "trains"
    some = replace(
        found,
        tried=[one for one in found.tried if one.remedy.family in ("feeder", "stop", "trains")][
            -4:
        ],
    )
    assert [one.seconds for one in some.tried] == in_full(china_run, some)
    assert 24 * HOUR > found.parts[0]["rides"][0]["departure_s"] > 0
