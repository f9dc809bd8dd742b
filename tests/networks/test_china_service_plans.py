"""Run times and service plans of China's railways, each forecast from all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from railshed.io.railways import read_railways
from railshed.network.model import Network
from railshed.scenario.service_plans.corridors import TrainDay, corridor_of, with_trains
from railshed.scenario.service_plans.fit import fit_of
from tests.support.scripts import CHINA, build_script

GUIDE = Path(__file__).parents[2] / "src" / "railshed" / "guide"
pytestmark = pytest.mark.china


def test_no_train_of_a_railway_is_in_its_own_fit(china: Network) -> None:
    """The fit that it is forecast from is that of the timetable without each train that calls twice on it."""
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
        assert found[one.name] == fit_of([with_trains(other, rest) for other in corridors if other is not one])


@pytest.mark.acceptance
def test_the_guide_has_these_errors() -> None:
    """Every figure of the guide, and the marks that they meet."""
    script = build_script("check_service_plans")
    found = script.summary(script.checks())
    figures = [f"{found['railways']:.0f}", *(f"{found[name]:.1f} %" for name in found if name.endswith("_pct"))]
    figures += [f"{found['end_hop_median_min']:.1f}", f"{found['stop_share_mean_error']:.2f}"]
    figures.append(f"{found['first_arrival_median_h']:.2f}")
    for lang in ("en", "zh"):
        text = (GUIDE / lang / "backtest.md").read_text(encoding="utf-8")
        assert [figure for figure in figures if figure not in text] == []
    assert found["run_bias_p90_pct"] <= 16
    assert found["end_hop_median_min"] <= 2
    assert found["stop_share_mean_error"] <= 0.2
