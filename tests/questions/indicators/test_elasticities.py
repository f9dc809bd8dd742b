"""What moves market access: each change against the modification that does the same; observed
against reachable.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from railshed.api.analysis import Analysis
from railshed.network.model import Network
from railshed.questions.indicators.elasticities import (
    FACTORS,
    elasticities,
    with_speed,
    with_station_times,
    with_trips_twice,
)
from railshed.questions.indicators.regions import measured
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from tests.support.clirunner import Command


def test_faster_trains_are_those_of_the_modification(toy: Network) -> None:
    """To the second, as `adjust-speed` of every route."""
    table = {"type": "adjust-speed", "routes": sorted(set(toy.trips.route_ids)), "scale": 1.1}
    one, other = (
        with_speed(toy, 1.1).stop_times,
        resolve(toy, Scenario.from_dict({"modification": [table]})).network,
    )
    for name in ("trip_idx", "station_idx", "arrival_s", "departure_s"):
        assert np.array_equal(getattr(one, name), getattr(other.stop_times, name)), name


def test_every_trip_runs_a_second_time_halfway_to_the_next(toy: Network) -> None:
    """Twice the calls of the day at every station; the first copy leaves between the first two
    trips of its pattern.
    """
    more = with_trips_twice(toy, toy.date)
    runs = np.array([s.runs_on(toy.date) for s in toy.services])[toy.trips.service_idx]
    before = np.bincount(
        toy.stop_times.station_idx[runs[toy.stop_times.trip_idx]], minlength=toy.n_stations
    )
    ids = np.array(more.trips.trip_ids)[more.stop_times.trip_idx]
    copies = np.char.endswith(ids.astype(str), "+")
    assert np.array_equal(
        np.bincount(more.stop_times.station_idx[copies], minlength=toy.n_stations), before
    )
    assert more.n_trips == toy.n_trips + runs.sum()
    first = {
        t: int(more.stop_times.departure_s[more.call_starts[k]])
        for k, t in enumerate(more.trips.trip_ids)
    }
    later = [first[f"{t}+"] - first[t] for t in toy.trips.trip_ids if f"{t}+" in first]
    assert 0 < min(later) <= max(later) <= 1800


def test_less_time_in_stations_is_a_tenth_of_each(toy_run: Analysis) -> None:
    less = with_station_times(toy_run, 0.9)
    for name, times in toy_run.assumptions.station_times.items():
        assert less.assumptions.station_times[name].entry_s == round(0.9 * times.entry_s)
    assert (less.compiled.to.change_s <= toy_run.compiled.to.change_s).all()


def test_elasticities_are_logs_of_ratios(toy_run: Analysis) -> None:
    """None is below 0: a train more, a faster one, or less time in stations takes nothing from the
    potential.
    """
    before = measured(toy_run, "toy", reading="turn-up-and-go")
    found = elasticities(toy_run, before)
    assert [one.change for one in found] == list(FACTORS)
    for one in found:
        assert one.ratio >= 1
        assert one.potential == pytest.approx(np.log(one.ratio) / np.log(FACTORS[one.change]))
    assert found[0].potential > 0


def test_the_command_prints_elasticities_and_quadrants(railshed: Command, tmp_path: Path) -> None:
    """With a CSV of commuters; every mistake of it at once; neither goes with a scenario or all
    regions.
    """
    file = tmp_path / "commuters.csv"
    file.write_text(
        "county_code,commuters\n990103,5000\n990201,3000\n990104,20\n990202,10\n", encoding="utf-8"
    )
    asked = ("indicators", "toy", "-n", "toy", "--elasticities", "--commuters", file)
    done = railshed(*asked, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "every train a second time" in done.out
    assert "commuting, unserved" in done.out
    assert {"elasticities.csv", "quadrants.csv", "toy.gpkg", "toy.png"} <= {
        p.name for p in (tmp_path / "out").iterdir()
    }
    file.write_text("county_code,commuters\n990103,many\n1,3\n990103,1\n", encoding="utf-8")
    wrong = railshed(*asked)
    assert wrong.code == 2
    for text in (
        "is not a number",
        "is no county of the agglomeration",
        "stands in an earlier row",
    ):
        assert text in wrong.err, wrong.err
    assert railshed("indicators", "--all", "-n", "toy", "--elasticities").code == 2


def test_a_city_counts_alone(toy_run: Analysis) -> None:
    """A core city's name gives its agglomeration with that city as the only goal."""
    alone, all_of = measured(toy_run, "中城"), measured(toy_run, "toy")
    assert (alone.region.region_id, [city.slug for city in alone.cities]) == ("toy", ["mid"])
    assert alone.table == all_of.table
