"""Observed commuters against who reaches a core city; a core city of an agglomeration alone."""

from __future__ import annotations

from pathlib import Path

from railshed.api.analysis import Analysis
from railshed.questions.indicators.regions import measured
from tests.support.clirunner import Command


def test_the_command_prints_quadrants(railshed: Command, tmp_path: Path) -> None:
    """With a CSV of commuters; every mistake of it at once; not with a scenario or all regions."""
    file = tmp_path / "commuters.csv"
    file.write_text(
        "county_code,commuters\n990103,5000\n990201,3000\n990104,20\n990202,10\n", encoding="utf-8"
    )
    asked = ("indicators", "toy", "-n", "toy", "--commuters", file)
    done = railshed(*asked, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert "commuting, unserved" in done.out
    assert {"quadrants.csv", "toy.gpkg", "toy.png"} <= {
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
    assert railshed("indicators", "--all", "-n", "toy", "--commuters", file).code == 2


def test_a_city_counts_alone(toy_run: Analysis) -> None:
    """A core city's name gives its agglomeration with that city as the only goal."""
    alone, all_of = measured(toy_run, "中城"), measured(toy_run, "toy")
    assert (alone.region.region_id, [city.slug for city in alone.cities]) == ("toy", ["mid"])
    assert alone.table == all_of.table
