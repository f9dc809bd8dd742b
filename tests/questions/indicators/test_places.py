"""What people reach of opportunities against circles of each place summed by loops;
labour; files.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from railshed.api.analysis import Analysis
from railshed.cells.opportunities import Opportunities
from railshed.circles.city_at import city_at
from railshed.circles.overlap import overlap_of
from railshed.comparisons.plans import run_after
from railshed.questions.indicators.map import access_map
from railshed.questions.indicators.places import MOST_PLACES, OpportunityAccess, opportunity_access
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.util.errors import ParameterError
from tests.comparisons.test_forecast import NORTHWEST
from tests.support.clirunner import Command

#: a place in town, one beside a small station, one near another
PLACES = [(100.005, 0.298, 800, 40), (99.802, 0.1, 0, 10), (100.012, 0.49, 50, 0)]


def beds() -> Opportunities:
    lon, lat, jobs, n = zip(*PLACES, strict=True)
    return Opportunities.of_points(lon, lat, {"jobs": jobs, "beds": n}, label="places")


@pytest.fixture(scope="module")
def found(toy_run: Analysis) -> OpportunityAccess:
    return opportunity_access(toy_run, "toy", beds())


def test_counts_are_those_of_circles_summed_by_loops(
    toy_run: Analysis, found: OpportunityAccess
) -> None:
    """Each place as a city with the stations around it: counts, nearest, what each person has, who
    reaches it.
    """
    groups: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    people: dict[tuple[int, int], float] = {}
    for k, (lon, lat, *_) in enumerate(PLACES):
        city = city_at(
            toy_run.compiled.network, lon, lat, stations_within_km=2.4, name=f"place {k}"
        )
        circle = toy_run.circle(city, cutoffs=[120], draws=0)
        own, seconds, keys = circle.counts.people, circle.surface.total_s, circle.counts.land.keys
        assert own is not None
        for cell, county, n in zip(
            own.cell.tolist(), own.county.tolist(), own.people.tolist(), strict=True
        ):
            people[int(keys[cell]), county] = n
            if seconds[cell] <= 7200:
                groups[int(keys[cell]), county][k] = seconds[cell] / 60
    weight = {
        key: {
            k: 1.0 if m <= 30 else 0.68 if m <= 60 else 0.22 if m <= 90 else 0.0
            for k, m in own.items()
        }
        for key, own in groups.items()
    }
    demand = [sum(people[key] * own.get(k, 0.0) for key, own in weight.items()) for k in range(3)]
    labour = {row["county"]: row["people_60"] for row in found.labour_table}
    assert sorted(labour.values()) == sorted(
        round(sum(people[key] for key, own in groups.items() if own.get(k, 999) <= 60))
        for k in range(3)
    )
    for column, at in (("jobs", 2), ("beds", 3)):
        (row,) = (row for row in found.table if row["column"] == column)
        supply = [place[at] for place in PLACES]
        here = [key for key in groups if found.mine[key[1]]]
        within = sum(
            people[key] * sum(supply[k] for k, m in groups[key].items() if m <= 60) for key in here
        )
        total = 1_023_000 - 32_000  # the region's people, without the county that is outside it
        each = sum(
            people[key]
            * sum(w * supply[k] / demand[k] for k, w in weight[key].items() if demand[k])
            for key in here
        )
        assert row["all"] == sum(supply)
        assert row["within_60"] == pytest.approx(within / total, rel=1e-6)
        assert row["per_1000"] == pytest.approx(1000 * each / total, rel=1e-6)


def test_what_a_place_has_is_shared_out_to_the_last(
    toy_run: Analysis, found: OpportunityAccess
) -> None:
    """Over all people the shares add up to what the reached places have; means of counties to that
    of the region.
    """
    for column in found.columns:
        shared = float(found.by_person[column]["per_1000"] @ found.people) / 1000
        assert shared == pytest.approx(found.places[column].sum())
        (row,) = (row for row in found.table if row["column"] == column)
        mean = sum(one[f"{column}_within_60"] * one["people"] for one in found.county_table)
        assert mean / sum(one["people"] for one in found.county_table) == pytest.approx(
            row["within_60"], rel=1e-6
        )
        assert 0 <= row["gini"] <= 1
        assert 0 <= row["without"] <= 1


def test_more_trains_never_take_opportunities_away(
    toy_run: Analysis, found: OpportunityAccess
) -> None:
    """What a person reaches never falls, the nearest is never farther, no place has fewer
    people.
    """
    plan = resolve(toy_run.compiled.network, Scenario.from_dict({"modification": [NORTHWEST]}))
    after = opportunity_access(run_after(toy_run, plan), "toy", beds())
    for row, now in zip(found.table, after.table, strict=True):
        assert now["within_60"] >= row["within_60"]
        assert now["within_90"] > row["within_90"]
    for row, now in zip(
        found.places.to_dict("records"), after.places.to_dict("records"), strict=True
    ):
        assert now["people_60"] >= row["people_60"]


def test_areas_are_points_and_mistakes_are_said(toy_run: Analysis) -> None:
    import shapely

    square = shapely.box(100.0, 0.29, 100.01, 0.3)
    one = opportunity_access(toy_run, "mid", Opportunities.of_areas([square], {"jobs": [7]}))
    assert len(one.places) == 1
    assert one.table[0]["all"] == 7
    far = opportunity_access(
        toy_run, "toy", Opportunities.of_points([100.1], [0.42], {"jobs": [7]})
    ).labour_table[0]
    assert 0 == far["people_60"] < far["people_90"], "no station within reach: without a ride alone"
    with pytest.raises(ParameterError, match="sums to nothing"):
        opportunity_access(toy_run, "toy", Opportunities.of_points([100.0], [0.3], {"jobs": [0]}))
    with pytest.raises(ParameterError, match="no column but people"):
        opportunity_access(toy_run, "toy", Opportunities.of_points([100.0], [0.3], {"people": [3]}))
    n = MOST_PLACES + 1
    many = Opportunities.of_points(
        99.6 + np.arange(n) % 40 / 50, np.arange(n) // 40 / 50, {"jobs": np.ones(n)}
    )
    with pytest.raises(ParameterError, match="at most 500"):
        opportunity_access(toy_run, "toy", many)


def test_the_map_shows_the_people_of_the_table(toy_run: Analysis, found: OpportunityAccess) -> None:
    """Its headlines are people with the nearest within 60 and 90 minutes, its classes the counties
    by their middle.
    """
    data = access_map(found, overlap_of(toy_run, ["mid"]))
    nearest, here = found.by_person["jobs"]["nearest"], found.mine[found.county]
    for headline, cutoff in zip(data.headlines, (60, 90), strict=True):
        assert headline.people is not None
        assert headline.people.value == round(
            sum(found.people[here & (nearest <= cutoff)].tolist())
        )
        assert f"within {cutoff} min" in headline.words.en
    known = [row for row in found.county_table if row["jobs_nearest"] is not None]
    assert data.bands["people"].max() == sum(
        row["people"] for row in known if row["jobs_nearest"] <= 120
    )


def test_the_command_writes_layers_and_tables(railshed: Command, tmp_path: Path) -> None:
    """First screen, JSON, files; before and after a scenario."""
    file = tmp_path / "beds.csv"
    file.write_text(
        "lon,lat,jobs,beds\n" + "\n".join(",".join(map(str, row)) for row in PLACES),
        encoding="utf-8",
    )
    asked = ("indicators", "toy", "-n", "toy", "--opportunities", file, "--no-progress")
    done = railshed(*asked, "-o", tmp_path / "out", "--full")
    assert done.code == 0, done.err
    assert done.out.startswith("The people of Grid Agglomeration have")
    assert "Who reaches each of the 3 places" in done.out
    assert "beds.csv: jobs, beds" in done.err, "what was read is said, as for every file of people"
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "run.json",
        "toy_access.gpkg",
        "toy_access.png",
        "toy_access_columns.csv",
        "toy_access_counties.csv",
        "toy_access_places.csv",
    }
    (tmp_path / "nw.json").write_text(json.dumps({"modification": [NORTHWEST]}), encoding="utf-8")
    plain = json.loads(railshed(*asked, "-s", tmp_path / "nw.json", "--json").out)
    assert plain["after"]["columns"][0]["within_90"] > plain["before"]["columns"][0]["within_90"]
    assert "→" in railshed(*asked, "-s", tmp_path / "nw.json").out
    assert railshed("indicators", "--all", "-n", "toy", "--opportunities", file).code == 2
