"""Many changes of a baseline together: the cells, people and probabilities of each alone."""

from __future__ import annotations

import numpy as np

from railshed.api.analysis import Analysis
from railshed.cells.cell_keys import cell_keys
from railshed.comparisons.ensemble import ensemble_of
from railshed.comparisons.incremental.baseline import baseline
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.service_plans.corridors import Railway, TrainDay, corridor_of
from railshed.scenario.service_plans.draws import RunErrors, Service, Timing, trains_apart
from railshed.scenario.service_plans.fit import Fit
from railshed.util.units import HOUR, MINUTE

READING = "door-to-station"
#: rules alone
FIT = Fit({}, (0.0,), {}, {}, (), {}, {}, (), 0.0)


def test_an_ensemble_has_what_each_change_has(toy_run: Analysis) -> None:
    """Three plans of one line, one of them empty: seconds of every cell, people gained as in the
    rows of a change.
    """
    base = baseline(toy_run, ["mid"], readings=[READING])
    network, city = base.network, base.network.get_city("mid")
    ids = (
        *[s.station_id for s in network.stations if s.station_id not in city.core_station_ids][:2],
        city.core_station_ids[0],
    )
    corridor = corridor_of(TrainDay.of(network), Railway("new", "New", ids, 200.0))
    timing = Timing(corridor, FIT, RunErrors(0.0, (0.0, 0.0)))
    plans = [
        timing.trains([0, 1, 2], [6 * HOUR + k * step * MINUTE for k in range(n)])
        for n, step in ((40, 5), (12, 20), (0, 1))
    ]
    changes = [
        base.with_trips(trains_apart(network, [Service("new", ids, plan)])) for plan in plans
    ]
    assert "mid" in changes[0].cities
    assert "mid" not in changes[2].cities
    found = ensemble_of(base.cities[0], [change.cities.get("mid") for change in changes], READING)
    assert len(found.keys) > 0
    cutoff = base.question.cutoffs[READING][-1]
    gained = [
        change.gained(READING, cutoff, "total")["mid"] if "mid" in change.cities else 0
        for change in changes
    ]
    assert found.people is not None
    assert np.abs(found.gained(cutoff, found.people) - gained).max() <= 2  # rows are rounded
    inside = found.after_s <= cutoff * MINUTE
    assert np.array_equal(found.probability(cutoff), inside.sum(axis=0) / 3)
    assert np.array_equal(found.after_s[2], found.before_s)
    one = found.only(slice(1, 2))
    assert np.array_equal(one.gained(cutoff, found.km2), found.gained(cutoff, found.km2)[1:2])
    for k, change in enumerate(changes[:2]):
        mine = change.cities["mid"]
        place = np.searchsorted(found.keys, mine.cells[READING])
        assert np.array_equal(found.after_s[k][place], mine.after_s[READING].of_kind("total"))


def test_cells_of_the_city_proper_have_no_km2(toy_run: Analysis) -> None:
    """Cells of 500 m at a new station by the edge of Midtown County: a quarter of a km2 outside it,
    none in it.
    """
    base = baseline(toy_run, ["mid"], readings=[READING])
    near = {"name": "近", "id": "near", "lon": 100.09, "lat": 0.3}
    every = [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}]
    line = {
        "type": "add-trips",
        "name": "n",
        "stops": [near, "mid"],
        "hop_minutes": [9],
        "frequencies": every,
    }
    change = base.with_scenario(
        scenario_from_dict({"title": "n", "modification": [line]}), city="mid"
    )
    found = ensemble_of(base.cities[0], [change.cities["mid"]], READING)
    codes, expected = base.network.counties["county_code"], {}
    for row, column, county in zip(
        found.land.row, found.land.column, found.land.county, strict=True
    ):
        in_proper = codes.iloc[int(county)] in base.network.get_city("mid").proper_counties
        expected[int(cell_keys(row, column))] = 0.0 if in_proper else 0.25
    assert found.km2.tolist() == [expected.get(int(key), 0.0) for key in found.keys]
    assert set(expected.values()) == {0.0, 0.25}


def test_changes_of_no_cell_gain_no_people(toy_run: Analysis) -> None:
    """No one, not "not known", where people are known and no draw changes a cell."""
    base = baseline(toy_run, ["mid"], readings=[READING], cutoffs=[60, 90])
    found = ensemble_of(base.cities[0], [None, None], READING)
    assert found.people is not None
    assert found.gained(60, found.people).tolist() == [0, 0]
