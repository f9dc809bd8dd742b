"""Names are printed as they stand in the data: brackets and colons in them are no markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clirunner import Command
from tests.support.feeds import CITIES, FEED, feed_with, write_network, write_zip

#: what a console that reads markup would take for a style, the end of one, a picture
STYLE, END, PICTURE = "Berlin Hbf [tief]", "Senec [/red]", "Halt :train:"


@pytest.fixture
def stops() -> str:
    """stops.txt with such names."""
    text = (
        FEED["stops.txt"]
        .replace("甲,", f"{STYLE},")
        .replace("乙,", f"{END},")
        .replace("丙,", f"{PICTURE},")
    )
    return text.replace("Jia", "").replace("Yi", "[bold]").replace("Bing", "")


def test_names_of_stations_in_reach(railshed: Command, tmp_path: Path, stops: str) -> None:
    """All three names stand in the table letter by letter."""
    feed = write_zip(tmp_path / "f.zip", feed_with(stops=stops))
    done = railshed(
        "reach", "-n", feed, "--station", "a", "--direction", "from", "--window", "07:30-09:30"
    )
    assert (done.code, done.err.count("Traceback")) == (0, 0), done.err
    assert END in done.out
    assert PICTURE in done.out


def test_names_in_a_circle_its_title_and_its_folder(
    railshed: Command, tmp_path: Path, stops: str
) -> None:
    """Also the name given to the city and the folder written to."""
    feed, out = write_zip(tmp_path / "f.zip", feed_with(stops=stops)), tmp_path / "out[" / "b]"
    options = (
        "--window-to",
        "08:40-08:50",
        "--name",
        "Mitte [/b]",
        "-o",
        out,
        "--without-map",
        "--full",
    )
    done = railshed("circle", "-n", feed, "--at", "104.6,30.0", *options)
    assert (done.code, done.err.count("Traceback")) == (0, 0), done.err
    assert done.out.startswith("Mitte [/b] · by train")
    assert f"{END} [bold]" in done.out
    assert str(out) in done.out.replace("\n", "")


def test_names_of_cities(railshed: Command, tmp_path: Path, stops: str) -> None:
    """Names of cities, core stations and the network itself."""
    cities = CITIES | {"cities.csv": CITIES["cities.csv"].replace("Jia City", "Jia [/x] City")}
    folder = write_network(tmp_path / "n", cities, stops=stops)
    toml = folder / "network.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("试验", "net [/y]"), encoding="utf-8")
    done = railshed("cities", "-n", folder)
    assert (done.code, done.err.count("Traceback")) == (0, 0), done.err
    for name in (STYLE, "[bold]", "Jia [/x] City", "net [/y]: 2 cities"):
        assert name in done.out.replace("\n", "")
