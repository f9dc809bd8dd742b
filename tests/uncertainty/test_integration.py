"""The interval around the share of an agglomeration's people who reach a core city."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

import railshed
from railshed import Network
from railshed.circles.analysis import AnalysisInputs, case_of
from railshed.questions.indicators.interval import with_interval
from railshed.questions.indicators.regions import RegionIndicators, measured
from railshed.uncertainty.draws import Chance, build_study
from railshed.uncertainty.intervals import drawn_rows
from tests.support.clirunner import Command
from tests.uncertainty.test_intervals import fixed, slower, with_rows


def both_cities(run: AnalysisInputs) -> RegionIndicators:
    return measured(run, "toy", cities=run.compiled.network.cities)


@pytest.mark.parametrize("direction", ["to", "both"])
@pytest.mark.parametrize("factor", [0.8, 1.5, 2.0])
def test_draws_of_a_fixed_factor_are_the_measures_under_it(
    toy: Network, factor: float, direction: str
) -> None:
    """Of two core cities together, by rail or without a ride: what a faster way reaches beyond the
    land counts too.
    """
    run = railshed.prepare(toy)
    under = run.changed(assumptions=slower(run.assumptions, factor, "bike", "shared-bicycle"))
    asked: dict[str, Any] = {"cities": toy.cities, "direction": direction}
    expected, as_it_is = (measured(one, "toy", **asked) for one in (under, run))
    drawn = railshed.prepare(with_rows(toy, bike_speed=fixed(factor)))
    found = with_interval(drawn, measured(drawn, "toy", **asked), 2)
    for mine, under_it in zip(found.table, expected.table, strict=True):
        assert mine["low"] == mine["high"] == pytest.approx(under_it["integration"], rel=1e-12)
    assert [one["integration"] for one in expected.table] != [
        one["integration"] for one in as_it_is.table
    ]


def test_ends_are_percentiles_of_the_draws(toy_run: AnalysisInputs) -> None:
    """The second lowest and the highest but one of ten shares, each summed by a loop; a city alone
    draws as itself.
    """
    plain = both_cities(toy_run)
    found = with_interval(toy_run, plain, 10, seed=3)
    rows, counts = drawn_rows(toy_run.compiled.network.assumptions), plain.circles.counts
    assert counts.people is not None
    assert toy_run.compiled.network.counties is not None
    mine, keys = plain.region.holds(toy_run.compiled.network.counties), counts.land.keys.tolist()
    people: dict[int, float] = defaultdict(float)
    for cell, county, n in zip(
        *(getattr(counts.people, k).tolist() for k in ("cell", "county", "people")), strict=True
    ):
        people[keys[cell]] += n if mine[county] else 0.0
    studies = [
        build_study(
            case_of(toy_run, city),
            plain.circles.reading,
            ("to",),
            [3600, 5400],
            Chance(rows, 3, 10, "toy"),
        )
        for city in plain.cities
    ]
    shares: dict[int, list[float]] = {60: [], 90: []}
    for draws in zip(*(study.drawn() for study in studies), strict=True):
        for k, cutoff in enumerate(shares):
            inside = set[int]()
            for study, (_, total) in zip(studies, draws, strict=True):
                inside |= set(study.land.keys[total[:, k]].tolist())
            shares[cutoff].append(sum(people[key] for key in inside) / plain.total)
    for row in found.table:
        ordered = sorted(shares[row["cutoff_min"]])
        assert (row["low"], row["high"]) == (pytest.approx(ordered[0]), pytest.approx(ordered[8]))
        assert row["low"] < row["high"]
    assert "low" not in plain.table[0], "without draws there is no interval"


def test_the_screen_names_the_range(railshed: Command) -> None:
    """In the sentence, in the table and in JSON; none with --draws 0."""
    shown = railshed("indicators", "toy", "-n", "toy").out
    assert "% to " in shown
    assert "middle 80 % of 40 draws" in shown
    every = railshed("indicators", "--all", "-n", "toy", "--no-progress").out
    assert "where the ranges of two overlap, their order is not certain" in " ".join(every.split())
    assert "32.3%-32.6%" in every
    assert "draws" not in railshed("indicators", "toy", "-n", "toy", "--draws", 0).out
