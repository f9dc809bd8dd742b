"""A city proper in place of a city's own: codes, names, a file, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from railshed import Network
from railshed.io.folder.city_proper import city_proper_of
from railshed.util.errors import InputError, ParameterError
from tests.support.clirunner import Command, assert_mistake

OWN = ("990101",)


def test_codes(toy: Network) -> None:
    """Each once, in their order."""
    assert city_proper_of("990102, 990101,990102", toy, "mid", OWN) == ("990102", "990101")


def test_names(toy: Network) -> None:
    """Chinese or English (capitals or not), beside codes, commas of either script; a county named
    twice is one.
    """
    own = toy.counties.set_index("county_code")
    given = (
        f"{own.county['990102']}，{own.county_en['990103']}、990101, "
        f"{own.county_en['990102'].lower()}"
    )
    assert city_proper_of(given, toy, "mid", OWN) == ("990102", "990103", "990101")


def test_a_name_of_several_counties(toy: Network) -> None:
    """Their codes are named, to choose from."""
    twice = replace(toy, counties=toy.counties.assign(county="Twin"))
    with pytest.raises(
        ParameterError, match=r"Twin is 98[0-9 and]+990101 and 990102.*give codes or names"
    ):
        city_proper_of("Twin", twice, "mid", OWN)


@pytest.mark.parametrize(
    ("given", "words"), [("990101,123", "123 is no county of"), (" ,", "(none) is no county")]
)
def test_what_is_no_county(toy: Network, given: str, words: str) -> None:
    """A code or name of no county, and nothing at all."""
    with pytest.raises(ParameterError, match="give codes or names joined by commas") as caught:
        city_proper_of(given, toy, "mid", OWN)
    assert words in str(caught.value)


def test_a_network_without_counties(toy: Network) -> None:
    """There is nothing to be proper of."""
    with pytest.raises(ParameterError, match="has no counties"):
        city_proper_of("990101", replace(toy, counties=None), "mid", OWN)


def test_a_file(toy: Network, tmp_path: Path) -> None:
    """Its rows of the city; another city has its own; all problems at once."""
    path = tmp_path / "proper.csv"
    path.write_text("city,county_code\nmid,990102\nmid,990103\n", encoding="utf-8")
    assert city_proper_of(str(path), toy, "mid", OWN) == ("990102", "990103")
    assert city_proper_of(str(path), toy, "east", ("980101",)) == ("980101",)
    path.write_text("city,county_code\nmod,990102\nmid,5\n,990102\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        city_proper_of(str(path), toy, "mid", OWN)
    assert [(i.row, i.field) for i in caught.value.issues] == [
        (1, "city"),
        (2, "county_code"),
        (3, "city"),
    ]


def test_on_the_command_line(cli: Command) -> None:
    """The circle names the city proper that is given, and who gave it; a mistake leaves with 2."""
    found = cli("circle", "mid", "-n", "toy", "--city-proper", "990101,980101")
    said = "City proper Eastbridge County, Midtown District (--city-proper 990101,980101)"
    assert said in " ".join(found.out.split())
    assert_mistake(
        cli("circle", "mid", "-n", "toy", "--city-proper", "1"),
        "--city-proper 1: 1 is no county of",
    )
