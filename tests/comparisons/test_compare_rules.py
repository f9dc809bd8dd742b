"""Gained and lost, faster and slower, before and after: a plan of the grid city that does all of
them, by hand.

The plan: a line from the northwest (128 thousand people at 49 minutes come within 60), no line to
the southwest (64 thousand drop out), the west in 10 instead of 18 minutes (a thousand save 11.5),
the train from the south in 35 instead of 33 (8 thousand lose 2). 22 thousand in the north, east and
northeast see no change.

Door to door, half of the minutes early: from mid it is 14:04 by shared bicycle to the centre (180 s
and 2,211 m x 0.3). West before: 10 + 18 + 5 + 14:04, and of trains every 20 minutes the 60th of 120
deadlines is 9:56 late, half 4:58: 52:02. After: 10 instead of 18 minutes, every 5 minutes from
05:00:02 on (the phase), 2:54 early, half 1:27: 40:31, or 11:31 less. Northwest: 10 + 18 + 5 + 14:04
and half of 4:23 (from 05:06:33, every 10 minutes): 49:16.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import railshed
from railshed.api.analysis import Analysis
from railshed.circles.surface import Surface
from railshed.comparisons.changes import change_rows, saved_rows, saved_seconds, states_of
from railshed.io.folder.write import write_network
from railshed.network.model import Network
from railshed.questions.compare.side_by_side import side_by_side
from railshed.questions.compare.tables import lost_stations
from railshed.scenario.apply import apply_scenario
from railshed.scenario.files import scenario_from_dict
from railshed.util.units import UNREACHED
from tests.support.clirunner import Command

TOY = Path(__file__).parents[2] / "networks" / "toy"
PERIOD = {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
NORTHWEST: dict[str, Any] = {
    "type": "add-trips",
    "name": "nw",
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "hop_minutes": [18],
    "frequencies": [PERIOD],
}
WITHOUT_SOUTHWEST: dict[str, Any] = {"type": "remove-trips", "routes": ["sw"]}
FASTER_WEST: dict[str, Any] = {
    "type": "add-trips", "name": "fast", "stops": ["west", "mid"], "hop_minutes": [10],
    "frequencies": [{**PERIOD, "headway_minutes": 5}],
}  # fmt: skip
SLOWER_SOUTH: dict[str, Any] = {
    "type": "adjust-speed", "routes": ["slow-north"], "scale": 33 / 35, "hops": [["south", "mid"]],
}  # fmt: skip
#: people in thousands: 1 + 2 + 64 = 67 before, 67 + 128 - 64 = 131 after
PLAN = (NORTHWEST, WITHOUT_SOUTHWEST, FASTER_WEST, SLOWER_SOUTH)


def scenario(*modifications: Mapping[str, Any], title: str = "plan") -> Any:
    return scenario_from_dict({"title": title, "modification": [dict(m) for m in modifications]})


@pytest.fixture(scope="module")
def run(toy: Network) -> Any:
    return railshed.prepare(toy)


@pytest.fixture(scope="module")
def found(run: Any) -> Any:
    return railshed.compare(run, "mid", scenario(*PLAN))


@pytest.fixture(scope="module")
def united(run: Any) -> Any:
    comparisons = [c for (c,) in run.comparisons(["mid", "east"], [scenario(*PLAN)])]
    return run.unite(comparisons, name="both")


# --- figures of a comparison --------------------------------------------------------------------


def thousands(row: Mapping[str, Any]) -> list[int]:
    """Return people before, after, gained and lost."""
    return [row[f"people_{state}"] // 1_000 for state in ("before", "after", "gained", "lost")]


@pytest.mark.parametrize("kind", ["total", "by_rail", "added_by_rail"])
def test_people_before_after_gained_and_lost(found: Any, kind: str) -> None:
    """67 thousand before, 131 after, 128 gained, 64 lost; three counties before and after, one
    comes, one drops out.
    """
    row = found.headline_row(kind)
    assert thousands(row) == [67, 131, 128, 64]
    assert [row[f"counties_{state}"] for state in ("before", "after", "gained", "lost")] == [
        3,
        3,
        1,
        1,
    ]
    assert (
        row["area_km2_after"]
        == row["area_km2_before"] + row["area_km2_gained"] - row["area_km2_lost"]
    )
    assert min(row["area_km2_gained"], row["area_km2_lost"]) > 0


def test_one_line_says_gained_then_lost(found: Any, united: Any) -> None:
    """The comparison and that of two cities say 128 thousand gained, 64 lost."""
    assert repr(found) == "<Comparison mid 'plan': people gained 128000, lost 64000 by rail>"
    assert repr(united) == "<UnionComparison 2 cities 'plan': people gained 128000, lost 64000>"


def test_united_circles_gain_and_lose_the_same_people(united: Any) -> None:
    """With the east the 4 thousand of the north, 16 of the northeast and 32 of the southeast are
    in, and the east's 2 are of a city: 117 before, 181 after."""
    row = united.headline_row()
    assert thousands(row) == [1 + 64 + 4 + 16 + 32, 181, 128, 64]
    assert (united.minutes_saved["people_faster"], united.minutes_saved["people_slower"]) == (
        1_000,
        8_000,
    )
    places = united.headline_places
    assert (places["trips_gained"], places["trips_lost"]) == (18 + 18, 12)
    stations = united.stations.set_index("station_id")
    assert stations["minutes_saved"].to_dict() == pytest.approx(
        {"west": 11.51, "south": -2.0, "northwest": np.nan, "southwest": np.nan}, nan_ok=True
    )
    assert stations["trips_gained"].to_dict() == {
        "west": 18,
        "south": 0,
        "northwest": 18,
        "southwest": -12,
    }
    assert united.definitions["door-to-station"].startswith(
        "united circles of 中城 Midtown, 东桥 Eastbridge, each with its own window; door to station"
    )
    assert (united.limit_s, united.cutoffs["door-to-station"]) == (5400, (30, 45, 60))
    states = united.polygons[united.polygons["cutoff_min"] == 60].set_index("state")
    assert states.loc["gained", "people"] == 128_000
    west_of = {state: states.geometry[state].centroid.y for state in ("gained", "lost")}
    assert west_of["gained"] > 0.3 > west_of["lost"]


def test_minutes_saved_are_before_less_after(found: Any) -> None:
    """The west's thousand save 11:31, the south's 8 thousand lose 2 minutes; quartiles are those of
    who is faster.
    """
    figures = found.minutes_saved
    assert (figures["people_faster"], figures["people_slower"]) == (1_000, 8_000)
    assert [figures[f"minutes_saved_p{p}"] for p in (25, 50, 75)] == [11.52] * 3
    rows = {
        r["minutes_saved"]: r
        for r in found.saved_table
        if (r["reading"], r["cutoff_min"]) == ("door-to-door", 90)
    }
    assert {name: r["people"] for name, r in rows.items() if r["people"]} == {
        "faster": 1_000,
        "slower": 8_000,
        "slower by 1 to 5": 8_000,
        "within 1 minute": 22_000,
        "10 to 15": 1_000,
        "over 90 min before": 128_000,
        "over 90 min after": 64_000,
    }
    assert rows["slower"]["minutes_saved_p50"] == -2.0
    assert [rows["slower by 1 to 5"][key] for key in ("from_min", "to_min")] == [-5, -1]
    assert [rows["slower by 10 or more"][key] for key in ("from_min", "to_min")] == [None, -10]


def test_counties_stand_by_what_they_gain(found: Any) -> None:
    """The northwest comes in, the west is 11.5 min faster, the southwest, which drops out, is last;
    the south is slower beyond 60 minutes and not listed."""
    counties = found.counties.set_index("county_en")
    assert list(counties.index) == ["Plainview County", "Westhill County", "Slopeside County"]
    figures = (
        counties[["people_gained", "people_lost", "people_faster", "people_slower"]].astype(int)
        // 1_000
    )
    assert figures.to_numpy().tolist() == [[128, 0, 0, 0], [0, 0, 1, 0], [0, 64, 0, 0]]
    assert [counties["status_before"].iloc[k] for k in (0, 2)] == ["outside", "inside"]
    assert [counties["status_after"].iloc[k] for k in (0, 2)] == ["inside", "outside"]
    saved = counties["minutes_before"] - counties["minutes_after"]
    assert saved["Westhill County"] == pytest.approx(11.51, abs=0.011)


def test_stations_that_gain_and_lose(found: Any) -> None:
    """Largest saving first; in two hours the northwest has 12 trains, the west 24 for 6, the
    southwest 12 fewer. The terminal in the south of the city, whose only trains are gone, is still
    one and no loss."""
    rows = found.stations.set_index("station_id")
    assert list(rows.index) == ["west", "south", "northwest", "southwest"]
    assert rows["minutes_saved"].tolist()[:2] == pytest.approx([11.51, -2.0])
    assert rows["minutes_before"].tolist() == pytest.approx(
        [52.03, 69.53, np.nan, 34.07], nan_ok=True
    )
    assert rows["minutes_after"].tolist() == pytest.approx(
        [40.52, 71.53, 49.27, np.nan], nan_ok=True
    )
    assert rows["trips_gained"].tolist() == [24 - 6, 0, 12, -12]
    assert rows["change"].tolist() == ["", "", "gained", "lost"]
    assert rows["inside_before"].tolist() == [True, False, False, True]
    assert rows["inside_after"].tolist() == [True, False, True, False]
    assert lost_stations(found)["station_id"].tolist() == ["southwest", "south"]


def test_places_gained_and_lost(found: Any) -> None:
    """A county, a station each way; trips: 12 + 18 at two stations gained, 12 at one lost."""
    row = found.headline_places
    figures = {
        key: value
        for key, value in row.items()
        if key.startswith(("counties", "stations", "trips"))
    }
    assert figures == {
        "counties_gained": 1,
        "counties_lost": 1,
        "stations_gained": 1,
        "stations_lost": 1,
        "stations_trips_gained": 2,
        "stations_trips_lost": 1,
        "trips_gained": 30,
        "trips_lost": 12,
    }


def test_names_of_who_gains_and_loses(found: Any) -> None:
    """Side by side: the northwest's county and station are gained, the southwest's lost; the south
    is slower too.
    """
    row = side_by_side(found)
    assert thousands(row) == [67, 131, 128, 64]
    assert (row["people_faster"], row["people_slower"]) == (1_000, 8_000)
    assert (row["counties_gained"], row["counties_lost"]) == (["西北原县"], ["西南坡县"])
    assert (row["stations_gained"], row["stations_lost"]) == (["西北原"], ["西南坡"])
    assert row["stations_slower"] == ["西南坡", "南港"]
    assert (row["trips_gained"], row["trips_lost"], row["cutoff_min"]) == (30, 12, 60)


def test_towns_gained_and_lost(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A town at the northwest's station is gained, one at the southwest's lost, one in the west
    neither.

    Before, the northwest's 31.5 km to the centre take 161 minutes by bike, beyond the 90 that cells
    are looked for in.
    """
    from railshed.network.gazetteer import Place

    at = {"Northwest": (99.8, 0.5), "Southwest": (99.8, 0.1), "West": (99.8, 0.3)}

    def towns_on(land: Any) -> Any:
        columns, rows = land.grid.index(*land.grid.project(*zip(*at.values(), strict=True)))
        cells = [
            np.flatnonzero((land.row == x) & (land.column == y))[0]
            for x, y in zip(columns, rows, strict=True)
        ]
        return [Place(name, "XX", 20_000, *place) for name, place in at.items()], np.array(cells)

    monkeypatch.setattr("railshed.comparisons.place_changes.towns_on", towns_on)
    monkeypatch.setattr("railshed.comparisons.result.has_places", lambda: True)
    found = railshed.compare(run, "mid", scenario(*PLAN))
    assert dict(zip(found.towns["name"], found.towns["change"], strict=True)) == {
        "Northwest": "gained",
        "Southwest": "lost",
    }
    assert (found.headline_places["towns_gained"], found.headline_places["towns_lost"]) == (1, 1)
    row = side_by_side(found)
    assert (row["towns_gained"], row["towns_lost"]) == (["Northwest"], ["Southwest"])
    minutes = found.towns.set_index("name")[["minutes_before", "minutes_after"]]
    assert minutes.loc["Northwest", "minutes_after"] < 60
    assert np.isnan(minutes.loc["Northwest", "minutes_before"])
    assert minutes.loc["Southwest", "minutes_before"] < 60


def test_figures_of_the_car_stand_before_and_after(found: Any) -> None:
    """By rail 67 and 131 thousand; in free flow the car reaches all 767: 700 of them alone before,
    636 after.
    """
    rows = [r for r in found.car_table if (r["reading"], r["cutoff_min"]) == ("door-to-door", 60)]
    row = next(r for r in rows if r["traffic"] == "free-flow")
    figures = {
        what: (row[f"people_outside_city_{what}_before"], row[f"people_outside_city_{what}_after"])
        for what in ("rail", "car", "car_only", "both")
    }
    assert figures == {
        "rail": (67_000, 131_000),
        "car": (767_000, 767_000),
        "car_only": (700_000, 636_000),
        "both": (67_000, 131_000),
    }


# --- layers of a comparison ---------------------------------------------------------------------


def test_polygons_lie_where_people_gain_and_lose(found: Any) -> None:
    """Gained land lies around the northwest, lost land around the southwest; each has the figures
    of its state.
    """
    import shapely

    states = found.polygons[found.polygons["cutoff_min"] == 60].set_index("state")
    northwest, southwest = shapely.Point(99.8, 0.5), shapely.Point(99.8, 0.1)
    holds = {
        state: (shape.contains(northwest), shape.contains(southwest))
        for state, shape in states.geometry.items()
    }
    assert holds == {
        "before": (False, True),
        "after": (True, False),
        "gained": (True, False),
        "lost": (False, True),
        "unchanged": (False, False),
    }
    people = [states.loc[s, "people"] for s in ("before", "after", "gained", "lost")]
    assert people == [67_000, 131_000, 128_000, 64_000]


def test_cells_reach_up_to_the_largest_cutoff(found: Any, run: Any) -> None:
    """All 201 thousand people whose minutes change are within 90 minutes before or after: northwest
    128, southwest 64, south 8, west 1. With 30 and 40 minutes alone those of the southwest are left
    who live within 6 minutes of its station (at 34:04), in 5 of 9 cells.
    """
    cells = found.cells
    assert cells["people"].sum() == pytest.approx(201_000, abs=1)
    within = np.minimum(cells["minutes_before"], cells["minutes_after"])
    assert 60 < within.max() <= 90
    gained = cells[~cells["inside_before"] & cells["inside_after"]]
    lost = cells[cells["inside_before"] & ~cells["inside_after"]]
    assert [round(part["people"].sum()) for part in (gained, lost)] == [128_000, 64_000]
    assert gained["minutes_after"].max() <= 60 < gained["minutes_before"].min()
    assert lost["minutes_before"].max() <= 60
    assert lost["minutes_after"].isna().all()  # beyond 90 minutes, for which no land is looked at
    people = cells[cells["people"] > 0]
    assert sorted(set(people["minutes_saved"].dropna().round(2))) == [-2.0, 11.52]
    near = railshed.compare(run, "mid", scenario(*PLAN), cutoffs=[30, 40]).cells
    assert near["people"].sum() == pytest.approx(64_000 * 5 / 9, abs=1)


def test_layers_of_both_circles_are_named_by_state(found: Any) -> None:
    """Stations before are those of the circle before, stations after those of the one after."""
    layers = found.layers()
    inside = [
        set(layers[f"stations_{state}"].query("inside")["station_id"])
        for state in ("before", "after")
    ]
    assert inside[1] - inside[0] == {"northwest"}
    assert inside[0] - inside[1] == {"southwest"}


# --- rules of changes on made times -------------------------------------------------------------


def surfaces(
    found: Any, before: Sequence[int], after: Sequence[int]
) -> tuple[Any, Surface, Surface]:
    """Return the counts and two surfaces whose first cells outside the city have these seconds, all
    others none.
    """
    (old, _), counts = found.headline, found.counts
    at = np.flatnonzero(counts.cell_part != 0)[: len(before)]

    def made(seconds: Sequence[int]) -> Surface:
        by_rail = np.full(len(old.total_s), UNREACHED, np.int32)
        by_rail[at] = seconds
        return replace(old, by_rail_s=by_rail, local_s=np.full(len(by_rail), UNREACHED, np.int32))

    return counts, made(before), made(after)


def test_bands_of_minutes_touch_and_do_not_overlap(found: Any) -> None:
    """A whole minute is of the band farther from 0: 60 s saved are 1 to 5, 59 s are within 1
    minute; slower alike.
    """
    saved = {
        "slower by 10 or more": [-601, -600],
        "slower by 5 to 10": [-599, -301, -300],
        "slower by 1 to 5": [-299, -61, -60],
        "within 1 minute": [-59, 0, 59],
        "1 to 5": [60, 299],
        "5 to 10": [300, 599],
        "10 to 15": [600, 899],
        "15 to 30": [900, 1799],
        "30 or more": [1800],
    }
    every = [s for seconds in saved.values() for s in seconds]
    counts, old, new = surfaces(found, [2400] * len(every), [2400 - s for s in every])
    rows = {r["minutes_saved"]: r["area_km2"] for r in saved_rows(counts, old, new, [60], 5400)}
    assert rows == {
        "faster": 2.5,
        "slower": 2.25,
        **{name: len(seconds) / 4 for name, seconds in saved.items()},
        "over 90 min before": 0,
        "over 90 min after": 0,
    }


def test_cutoffs_and_bounds_are_inclusive(found: Any) -> None:
    """60:00 is within 60 minutes, 60:01 is not; 90:00 is within the land, 90:01 is over it, before
    or after.
    """
    counts, old, new = surfaces(
        found, [3600, 3601, 3600, 5400, 5401, 3000], [3601, 3600, 3600, 3000, 3000, 5400]
    )
    (row,) = [r for r in change_rows(counts, old, new, [60]) if r["kind"] == "total"]
    areas = {state: row[f"area_km2_{state}"] for state in ("before", "after", "gained", "lost")}
    assert areas == {"before": 0.75, "after": 1.0, "gained": 0.75, "lost": 0.5}
    saved = saved_seconds(old, new, 5400)
    assert sorted(saved[saved != UNREACHED].tolist()) == [-2400, -1, 0, 1, 2400]
    rows = {r["minutes_saved"]: r["area_km2"] for r in saved_rows(counts, old, new, [60], 5400)}
    assert (rows["faster"], rows["slower"], rows["30 or more"]) == (0.5, 0.5, 0.25)
    assert (rows["over 90 min before"], rows["over 90 min after"]) == (0.25, 0)
    counts, old, new = surfaces(found, [3000], [5401])
    rows = {r["minutes_saved"]: r["area_km2"] for r in saved_rows(counts, old, new, [60], 5400)}
    assert (rows["over 90 min before"], rows["over 90 min after"]) == (0, 0.25)


def test_states_of_four_cells() -> None:
    """Neither, before only, after only, both."""
    was, now = np.array([0, 1, 0, 1], bool), np.array([0, 0, 1, 1], bool)
    figures = {
        state: np.flatnonzero(cells).tolist() for state, cells in states_of(was, now).items()
    }
    assert figures == {"before": [1, 3], "after": [2, 3], "gained": [2], "lost": [1]}


# --- trade-offs, back-tests ---------------------------------------------------------------------


def test_trade_offs_gain_less_what_they_lose(run: Any) -> None:
    """The line saves 128 thousand people time, the southwest's 64 come from below 60 to beyond 90:
    within 60 and 90 there are 64 more, and what is saved is the line's less what the 64 lose; who
    saves, saves as much as without.
    """
    alone, both = (
        run.trade_offs("mid", scenario(*m)).table[0]
        for m in ((NORTHWEST,), (NORTHWEST, WITHOUT_SOUTHWEST))
    )
    assert (alone["savers"], both["savers"]) == (128_000, 128_000)
    assert both["mean_minutes"] == pytest.approx(alone["mean_minutes"])
    assert (both["within_60"], both["within_90"]) == (64_000, 64_000)
    assert 30 * 64_000 < alone["saved"] - both["saved"] < 60 * 64_000


def test_hits_misses_and_false_alarms(toy: Network) -> None:
    """Predicted: the northwest (128). Came: the southeast (32) in 20 min, and the southwest (64)
    lost its line.

    In all 195 thousand, and 35 observed: 3 hit, 32 missed, 192 false alarms. No change would be
    wrong about 96, so the skill is 1 - 224/96. Of what was gained 0 are hit, 32 missed, 128 false
    alarms.
    """
    line = {**NORTHWEST, "hop_minutes": None, "top_speed_kmh": 160}
    southeast = {**NORTHWEST, "name": "se", "stops": ["southeast", "mid"], "hop_minutes": [20]}
    after = apply_scenario(toy, scenario(southeast, WITHOUT_SOUTHWEST))
    lines = scenario({key: value for key, value in line.items() if value is not None})
    found = railshed.prepare(toy).backtest(after, lines, "mid")
    circle, gain = (found.row("door-to-door", 60, scope) for scope in ("circle", "gain"))
    states = ("hit", "miss", "false_alarm")
    assert [circle[f"people_{state}"] // 1_000 for state in states] == [3, 32, 192]
    assert [gain[f"people_{state}"] // 1_000 for state in states] == [0, 32, 128]
    assert (circle["found_people"], circle["right_people"]) == (round(3 / 35, 4), round(3 / 195, 4))
    assert (circle["skill_people"], gain["skill_people"]) == (-1.3333, None)
    assert (gain["found_people"], gain["right_people"]) == (0, 0)
    assert (
        repr(found)
        == "<Backtest mid 'plan': people of the gain hit 0, miss 32000, false_alarm 128000>"
    )
    shapes = found.polygons[found.polygons["cutoff_min"] == 60].set_index("state")
    assert [shapes.loc[state, "people"] // 1_000 for state in states] == [3, 32, 192]
    assert shapes.geometry["miss"].centroid.x > 100 > shapes.geometry["false_alarm"].centroid.x


# --- records and commands -----------------------------------------------------------------------


def test_what_could_not_be_exported_stands_in_the_folder(tmp_path: Path) -> None:
    """A station with entry minutes of its own: network.toml beside the timetable says that they are
    not written.
    """
    bare = replace(railshed.load_network("toy", lines=False), notes=("a note of the network",))
    own = replace(bare, stations=(replace(bare.stations[0], entry_s=60), *bare.stations[1:]))
    for network, n_notes in (
        (bare, 1),
        (own, 2),
    ):  # one says that the cities are files of their own
        written = write_network(network, tmp_path / f"net{n_notes}")
        assert len(written) == n_notes
        figures = tomllib.loads(
            (tmp_path / f"net{n_notes}" / "network.toml").read_text(encoding="utf-8")
        )["notes"]
        assert figures == {
            "note_1": "a note of the network",
            **{f"written_{k}": text for k, text in enumerate(written, 1)},
        }
    assert written[-1].startswith(
        "not written: cities.csv, regions.csv, boundaries.parquet, population.parquet; give"
    )
    assert (
        "entry and exit minutes of their own at 1 stations are not written" in figures["written_1"]
    )


def test_the_record_of_a_comparison_has_both_circles(cli: Command, tmp_path: Path) -> None:
    """run.json of `compare`: the summaries of the circle before (67 thousand) and after (131), and
    what changes.
    """
    file = tmp_path / "nw.toml"
    file.write_text(
        'title = "nw"\n[[modification]]\ntype = "add-trips"\nname = "nw"\nhop_minutes = [18]\n'
        'stops = [{name = "西北原", id = "northwest", lon = 99.8, lat = 0.5}, "mid"]\n'
        'frequencies = [{start_time = "05:00", end_time = "23:00", headway_minutes = 10}]\n'
        '[[modification]]\ntype = "remove-trips"\nroutes = ["sw"]\n',
        encoding="utf-8",
    )
    done = cli("compare", "mid", "-n", "toy", "-s", file, "-o", tmp_path / "out", "--without-map")
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    people = [
        row["people_outside_city"]
        for summary in record["results"]
        for row in summary["readings"]["door-to-door"]["table"]
        if (row["cutoff_min"], row["kind"]) == (60, "by_rail")
    ]
    assert people == [67_000, 131_000]
    assert [summary["city"]["slug"] for summary in record["results"]] == ["mid", "mid"]
    (row,) = [
        r
        for r in record["difference"]
        if (r["reading"], r["cutoff_min"], r["kind"]) == ("door-to-door", 60, "total")
    ]
    assert thousands(row) == [67, 131, 128, 64]
    assert (row["city"], row["scenario"]) == ("mid", "nw")
    (line,) = record["side_by_side"]
    assert (line["people_gained"], line["people_lost"]) == (128_000, 64_000)
    (place,) = [
        r for r in record["places"] if (r["reading"], r["cutoff_min"]) == ("door-to-door", 60)
    ]
    assert (place["trips_gained"], place["trips_lost"]) == (12, 12)


def test_the_overlap_is_that_of_the_cutoff_asked_for(
    cli: Command, tmp_path: Path, run: Any
) -> None:
    """Of a region at 30 and 60 minutes the overlap is at 60, the headline cutoff: 117 thousand
    people, by hand.

    West 1 and southwest 64 to mid; north 4, northeast 16 and southeast 32 to the east; at 30 there
    are fewer.
    """
    import geopandas as gpd

    folder, out = tmp_path / "toy", tmp_path / "out"
    shutil.copytree(TOY, folder)
    cities = folder / "cities.csv"
    cities.write_text(
        cities.read_text(encoding="utf-8").replace("secondary", "core"), encoding="utf-8"
    )
    done = cli(
        "circle",
        "--region",
        "toy",
        "-n",
        folder,
        "--cutoffs",
        "30,60",
        "-o",
        out,
        "--without-map",
        "--no-progress",
    )
    assert done.code == 0, done.err
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["union"]["by_rail"]["cutoff_min"] == 60
    assert record["union"]["by_rail"]["people_outside_city"] == 117_000
    assert {row["cutoff_min"] for row in record["overlap"]} == {60}
    assert set(gpd.read_file(out / "toy_overlap.gpkg", layer="overlap")["cutoff_min"]) == {60}
    assert (
        Analysis.of(run).union(["mid", "east"]).union["by_rail"]["people_outside_city"] == 117_000
    )
    assert (
        Analysis.of(run)
        .union(["mid", "east"], cutoff_min=30)
        .union["by_rail"]["people_outside_city"]
        < 117_000
    )
