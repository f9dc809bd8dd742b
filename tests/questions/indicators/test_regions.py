"""The measures of an agglomeration against its united circles, person by person, and what they
promise.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from railshed import Network, prepare
from railshed.api.analysis import Analysis
from railshed.comparisons.plans import run_after
from railshed.questions.indicators.drawn_integration import drawn_integration
from railshed.questions.indicators.regions import (
    RegionChanges,
    RegionIndicators,
    measured,
    region_indicators,
    with_shapes,
)
from railshed.questions.rank.ranking import cities_of
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.scenario.plan import with_seed
from railshed.util.errors import NotFoundError, ParameterError
from tests.comparisons.test_forecast import NORTHWEST
from tests.support.clirunner import Command


@pytest.fixture(scope="module")
def found(toy_run: Analysis) -> RegionIndicators:
    return toy_run.indicators("toy")


@pytest.mark.parametrize("cutoff", [60, 90])
def test_who_reaches_a_core_city_are_the_people_of_the_united_circles(
    toy_run: Analysis, found: RegionIndicators, cutoff: int
) -> None:
    """Each person once: those of the overlap's member cities within the cutoff, by the census."""
    region = found.region
    cities = cities_of(toy_run.compiled.network, None, region.region_id)
    rows = toy_run.union(cities, cutoff_min=cutoff).members
    rows = rows[rows["region"] == region.region_id]
    (row,) = (row for row in found.table if row["cutoff_min"] == cutoff)
    assert row["integration"] * found.total == pytest.approx(
        rows[f"people_total_{cutoff}"].sum(), abs=2
    )
    shares = [(one[f"share_{cutoff}"], one["people"]) for one in found.county_table]
    assert sum(share * people for share, people in shares) / found.total == pytest.approx(
        row["integration"], abs=1e-3
    )


def test_counties_and_evenness_hold_together(found: RegionIndicators) -> None:
    """Counties by rising potential; shares rise with the cutoff; a Gini within 0 and 1; Theil's
    part is a share.
    """
    rows = found.county_table
    assert [row["potential"] for row in rows] == sorted(row["potential"] for row in rows)
    assert all(0 <= row["share_60"] <= row["share_90"] <= 1 for row in rows)
    assert 0 <= found.equity["gini"] <= 1
    assert 0 <= found.equity["theil_between"] <= 1
    assert found.equity["without"] == pytest.approx(
        1 - found.people[np.isfinite(found.minutes).any(axis=1)].sum() / found.total
    )


def test_mutual_pairs_are_of_both_ways(toy_run: Analysis) -> None:
    """Two cities, by the minutes of each one's main centre in the other's circle."""
    run = toy_run.compiled.network
    both = toy_run.union(["mid", "east"], cutoff_min=120)
    found = region_indicators(both, run.get_region("toy"))
    (pair,) = found.mutual
    assert [pair["there_min"], pair["back_min"]] == np.round(
        [found.between[0, 1], found.between[1, 0]], 1
    ).tolist()
    for cutoff in (60, 90):
        ways = [pair["there_min"], pair["back_min"]]
        assert pair[f"mutual_{cutoff}"] == all(
            minutes is not None and minutes <= cutoff for minutes in ways
        )


def test_what_is_missing_is_said(toy_run: Analysis) -> None:
    with pytest.raises(NotFoundError, match="unknown region"):
        measured(toy_run, "nowhere")
    near = toy_run.union(["mid"], cutoff_min=60)
    with pytest.raises(ParameterError, match="need 90 or more"):
        region_indicators(near, toy_run.compiled.network.get_region("toy"))


def test_the_command_writes_tables(railshed: Command, tmp_path: Path) -> None:
    """One agglomeration and all; either is asked for; CSV and run.json hold the figures."""
    assert railshed("indicators", "-n", "toy").code == 2
    plain = json.loads(railshed("indicators", "--all", "-n", "toy", "--json").out)
    assert {one["region"] for one in plain} >= {"toy"}
    done = railshed("indicators", "toy", "-n", "toy", "-o", tmp_path / "out", "--full")
    assert done.code == 0, done.err
    assert done.out.startswith(
        "Of the 991,000 people of Grid Agglomeration, 32.6% (32.3% to 32.6%) reach a core city"
    )
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"integration.csv", "counties.csv", "equity.csv", "run.json"} <= names
    assert "Gini" in railshed("indicators", "--all", "-n", "toy", "--full", "--no-progress").out


def test_who_gains_by_a_scenario(toy_run: Analysis, tmp_path: Path, railshed: Command) -> None:
    """Classes add up to the region; what is gained less lost is the difference of the people who
    reach a core city.
    """
    base = toy_run.compiled.network
    plan = resolve(base, Scenario.from_dict({"modification": [NORTHWEST]}))
    before = measured(toy_run, "toy")
    found = RegionChanges(before, measured(run_after(toy_run, plan), "toy", cities=before.cities))
    rows = found.by_class
    assert sum(row["people"] for row in rows) == before.total
    for k, cutoff in enumerate((60, 90)):
        moved = sum(row[f"gained_{cutoff}"] - row[f"lost_{cutoff}"] for row in rows)
        difference = found.after.table[k]["integration"] - before.table[k]["integration"]
        assert moved == pytest.approx(difference * before.total, abs=3)
        assert moved > 0
    (tmp_path / "nw.json").write_text(json.dumps({"modification": [NORTHWEST]}), encoding="utf-8")
    done = railshed(
        "indicators",
        "toy",
        "-n",
        "toy",
        "-s",
        tmp_path / "nw.json",
        "-o",
        tmp_path / "out",
        "--full",
    )
    assert done.code == 0, done.err
    shares = [f"{row['integration']:.1%}" for row in (before.table[-1], found.after.table[-1])]
    assert (
        f"{shares[0]} of the people of Grid Agglomeration reach a core city within 90 minutes, "
        f"{shares[1]}" in (" ".join(done.out.split()))
    )
    assert {"by_class.csv", "counties_before.csv", "integration_after.csv"} <= {
        f.name for f in (tmp_path / "out").iterdir()
    }
    assert railshed("indicators", "--all", "-n", "toy", "-s", tmp_path / "nw.json").code == 2


@pytest.mark.slow
@pytest.mark.china
def test_more_trains_never_lower_integration(china_run: Analysis) -> None:
    """S5 and S11 built: no county of the agglomeration reaches less."""
    after = china_run.compare("chengdu", "china/chengdu-s11").plan
    assert after is not None
    before, later = measured(china_run, "cy"), measured(prepare(after.network), "cy")
    for old, new in zip(before.table, later.table, strict=True):
        assert new["integration"] >= old["integration"]
    assert later.table[1]["integration"] > before.table[1]["integration"]


def test_draws_are_full_runs_of_their_timetables(toy_run: Analysis) -> None:
    """People who come in, by rail, in each draw of the phases; a row of it on the command line's
    first screen.
    """
    scenario = Scenario.from_dict({"modification": [NORTHWEST]})
    base, before, n = toy_run.compiled.network, measured(toy_run, "toy"), 4
    rows = drawn_integration(toy_run, before, resolve(base, scenario), n)
    land = before.circles.counts.land
    for row in rows:
        limit, gained = row["cutoff_min"] * 60, []
        inside = set(
            land.keys[
                np.min([s.total_s for s in before.circles.surfaces.values()], axis=0) <= limit
            ].tolist()
        )
        for shift in range(n):
            run = run_after(toy_run, resolve(base, with_seed([scenario], shift)[0]))
            circles = measured(run, "toy", cities=before.cities).circles
            (surface,), people = circles.surfaces.values(), circles.counts.people
            assert people is not None
            keys = circles.counts.land.keys[people.cell]
            new = (surface.by_rail_s[people.cell] <= limit) & ~np.isin(keys, list(inside))
            here = before.region.holds(circles.network.counties)[people.county]
            gained.append(people.people[new & here].sum())
        assert row["n_plans"] == n
        assert row["mean"] == pytest.approx(np.mean(gained), abs=1)
        assert row["low"] == pytest.approx(min(gained), abs=1)
    assert rows[-1]["mean"] > 0


def test_no_rows_are_an_empty_layer(toy: Network) -> None:
    """Where every county is inside there is nothing to draw, and no error."""
    assert toy.counties is not None
    assert len(with_shapes([], toy.counties)) == 0
    (one,) = with_shapes(
        [{"county_code": toy.counties["county_code"].iloc[0], "minutes": 3}], toy.counties
    )["minutes"]
    assert one == 3
