"""Run times and service plans of China's railways, each forecast from all others."""

from __future__ import annotations

import numpy as np
import pytest

from railshed.io.railways import read_railways
from railshed.network.model import Network
from railshed.scenario.service_plans.corridors import TrainDay, corridor_of, with_trains
from railshed.scenario.service_plans.fit import fit_of
from tests.support.scripts import CHINA, build_script

pytestmark = pytest.mark.china


def test_no_train_of_a_railway_is_in_its_own_fit(china: Network) -> None:
    """The fit that it is forecast from is that of the timetable without each train that calls twice
    on it.
    """
    script, day = build_script("check_service_plans"), TrainDay.of(china)
    names = ("jinshan", "huning", "jinghu")
    chosen = [r for r in read_railways(CHINA / "line_speeds.csv", china) if r.line_id in names]
    assert len(chosen) == len(names)
    corridors = [corridor_of(day, railway) for railway in chosen]
    found = {one.name: fit for one, fit in script.left_out(day, corridors)}
    index = china.station_index()
    for one in corridors:
        here, calls = {index[key] for key in one.station_ids}, dict[int, set[int]]()
        for trip, station in zip(day.trip.tolist(), day.station.tolist(), strict=True):
            if station in here:
                calls.setdefault(trip, set()).add(station)
        mine = frozenset(trip for trip, stations in calls.items() if len(stations) > 1)
        assert mine == script.trips_at(day, one, 2)
        rest = day.without_trips(np.array(sorted(mine), np.int64))
        assert not mine & set(rest.trip.tolist())
        assert found[one.name] == fit_of(
            [with_trains(other, rest) for other in corridors if other is not one]
        )
