"""The interval around the share of an agglomeration's people who reach a core city."""

from __future__ import annotations

from dataclasses import replace

import pytest

from railshed.api.analysis import Analysis
from railshed.circles.analysis import case_of
from railshed.indicators import regions
from railshed.uncertainty import integration, intervals
from railshed.uncertainty.draws import Chance, build_study
from tests.support.clirunner import Command


def both_cities(run: Analysis) -> regions.RegionIndicators:
    return regions.indicators(run, "toy", cities=run.compiled.network.cities)


def test_draws_that_change_nothing_give_the_share(toy_run: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawn search equals the plain one where nothing is drawn, for several core cities together."""
    still = {
        name: replace(row, kind="none")
        for name, row in intervals.drawn_rows(toy_run.compiled.network.assumptions).items()
    }
    monkeypatch.setattr(integration, "drawn_rows", lambda _: still)
    found = integration.with_interval(toy_run, both_cities(toy_run), 2)
    assert len(found.cities) == 2
    for row in found.table:
        assert row["low"] == pytest.approx(row["integration"], rel=1e-12)
        assert row["high"] == pytest.approx(row["integration"], rel=1e-12)


def test_ends_are_those_of_draws_summed_by_loops(toy_run: Analysis) -> None:
    """People in any city's drawn cells, each once, summed by a loop over their groups, as percentiles 10 and 90."""
    plain = both_cities(toy_run)
    found = integration.with_interval(toy_run, plain, 10, seed=3)
    rows, keys = intervals.drawn_rows(toy_run.compiled.network.assumptions), plain.circles.ground.land.keys
    shares: dict[int, list[float]] = {60: [], 90: []}
    studies = [
        build_study(case_of(toy_run, city), plain.circles.reading, ("to",), [3600, 5400], Chance(rows, 3, 10, "toy"))
        for city in plain.cities
    ]
    for draws in zip(*(study.drawn() for study in studies), strict=True):
        for k, cutoff in enumerate(shares):
            inside = set[int]()
            for study, (_, total) in zip(studies, draws, strict=True):
                inside |= set(study.land.keys[total[:, k]].tolist())
            reached = sum(
                people for people, cell in zip(plain.people.tolist(), plain.cells.tolist(), strict=True)
                if int(keys[cell]) in inside
            )  # fmt: skip
            shares[cutoff].append(reached / plain.total)
    for row in found.table:
        ordered = sorted(shares[row["cutoff_min"]])
        assert row["low"] == pytest.approx(ordered[0])
        assert row["high"] == pytest.approx(ordered[8])
        assert row["low"] < row["high"]
    assert "low" not in plain.table[0], "without draws there is no interval"


def test_the_screen_names_the_range(railshed: Command) -> None:
    """In the sentence, in the table and in JSON; none with --draws 0."""
    shown = railshed("indicators", "toy", "-n", "toy").out
    assert "% to " in shown
    assert "middle 80 % of 40 draws" in shown
    assert "range of 60" in railshed("indicators", "--all", "-n", "toy", "--no-progress").out
    assert "draws" not in railshed("indicators", "toy", "-n", "toy", "--draws", 0).out
