"""The commands that write folders and files, each on small data, with two sets of options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import osm_town
from tests.support.feeds import FEED, feed_with, shuffled, write_zip

#: a planned line and candidates of the toy network
_PLANS = Path(__file__).parents[1] / "golden" / "toy"
_FAST = ("--cell-size", "2000", "--map-lang", "en")
_MID = ("mid", "-n", "toy", *_FAST)


@dataclass(frozen=True)
class Writer:
    """A command that writes to -o: its arguments without it, and what makes another run of it."""

    arguments: Sequence[str]
    other: Sequence[str] = ()
    #: what the name of its one file ends with; "" of a folder
    suffix: str = ""
    #: what lets it write over what is there
    over: Sequence[str] = ()
    #: whether a run that was stopped leaves what is finished, with which the next one goes on
    goes_on: bool = False

    def run(self, out: Path, *, other: bool = False) -> list[str]:
        """Return the arguments of a run, or of another one."""
        return [*self.arguments, *(self.other if other else ()), *self.over, "-o", str(out)]


def writers(folder: Path, toy: Path) -> Mapping[str, Writer]:
    """Return the commands by name; what they read is written into a folder, or is `toy`, the toy
    network as GTFS.
    """
    plan, rank = str(_PLANS / "line.toml"), str(_PLANS / "rank.toml")
    town, cutoffs = str(osm_town.write_town(folder / "town.osm")), ("--cutoffs", "20,50")
    small = str(
        write_zip(folder / "small.zip", feed_with(trips=shuffled(str(FEED["trips.txt"]), 1)))
    )
    link = (
        "--number",
        "1",
        "--detour",
        "1",
        "--max-trains",
        "500",
        "--min-km",
        "5",
        "--top-speed",
        "350",
    )
    over, title = ("--overwrite",), ("--title", "another")
    return {
        "circle": Writer(("circle", *_MID, "--draws", "0", "--no-car"), cutoffs),
        "circle with a page": Writer(
            ("circle", *_MID, "--draws", "0", "--html", "--format", "geojson"), cutoffs
        ),
        "compare": Writer(("compare", *_MID, "-s", plan, "--plans", "2"), cutoffs),
        "report": Writer(("report", *_MID, "--without-map"), cutoffs),
        "atlas": Writer(
            ("atlas", "-n", "toy", "--without-map"), ("--map-lang", "en"), goes_on=True
        ),
        "trade-offs": Writer(("trade-offs", *_MID, "-s", plan), cutoffs),
        "backtest": Writer(("backtest", "toy", "toy", plan, "--city", "mid", "--plans", "2")),
        "rank": Writer(("rank", rank, "-n", "toy", "--city", "mid", "--plans", "2")),
        "suggest": Writer(("suggest", "toy", "-n", "toy", *link, "--plans", "2")),
        "import-gtfs": Writer(("import-gtfs", str(toy)), ("--title", "another"), over=over),
        "import-osm": Writer(("import-osm", town, "--date", "2024-05-14"), title, over=over),
        "export-gtfs": Writer(("export-gtfs", "-n", "toy"), ("--without-lines",), ".zip"),
        "export a small feed": Writer(
            ("export-gtfs", "-n", small), ("--date", "2024-05-16"), ".zip"
        ),
        "reach": Writer(("reach", "-n", "toy", "--city", "mid"), ("--direction", "from"), ".csv"),
        "reach as a matrix": Writer(
            ("reach", "-n", "toy", "--city", "mid"), ("--direction", "from"), ".omx"
        ),
        "compliance": Writer(("compliance", "-n", "toy", "-s", plan), (), ".csv"),
        "scenario": Writer(("scenario", plan, "-n", "toy"), (), ".toml"),
    }


def contents(path: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder by name, of a file by "": nothing where there
    is none.
    """
    if path.is_file():
        return {"": path.read_bytes()}
    return {
        str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()
    }
