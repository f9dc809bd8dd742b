"""Figures of the China network as they stand: none changes without a word in the CHANGELOG.

    python tests/golden/test_golden.py --write        writes tests/golden/china.csv again

The ordinary run compares four cities, RAILSHED_GOLDEN=all compares every core city.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import railshed
from railshed import Circle
from railshed.api import analysis as api
from railshed.circles import analysis
from railshed.circles.cell_counts import PARTS

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("china.csv")
CITIES = ("beijing", "chengdu", "xian", "shanghai")
ABSENT = not (ROOT / "networks" / "china" / "timetable.zip").is_file()
HINT = (
    'figures changed. If that is meant: say what and why under "Numbers" in CHANGELOG.md, raise '
    "RESULTS_VERSION in src/railshed/circles/analysis.py, and write the file again with `python "
    "tests/golden/test_golden.py --write`"
)
pytestmark = [pytest.mark.china, pytest.mark.skipif(ABSENT, reason="networks/china is absent")]

Row = dict[str, str]


def shown(value: Any, digits: int = 0) -> str:
    """Return a figure as it stands in the file; "" where there is no data."""
    return "" if value is None else f"{value:.{digits}f}"


def row_of(circle: Circle) -> Row:
    """Return a city's figures: bridge, press, ranges, people by rail and in total by reading and
    cutoff, parts.
    """
    summary = circle.summary.to_dict()
    row = {"city": circle.city.slug}
    for rung in summary["bridge"]:
        for figure in ("stations", "counties", "people"):
            row[f"bridge.{rung['key']}.{figure}"] = shown(rung.get(figure))
    for figure in ("stations", "counties", "people"):
        row[f"press.{figure}"] = shown(summary["press"][figure])
    for ends in summary["corners"]:
        for end in ("low", "central", "high"):
            row[f"range.{ends['cutoff_min']}.{end}.people"] = shown(ends[end]["people"])
            row[f"range.{ends['cutoff_min']}.{end}.area_km2"] = shown(ends[end]["area_km2"], 1)
    for reading, block in summary["readings"].items():
        for line in block["table"]:
            name = f"{reading}.{line['cutoff_min']}.{line['kind']}"
            if line["kind"] in ("by_rail", "total", "added_by_trains"):
                row[f"{name}.people_outside_city"] = shown(line["people_outside_city"])
            if line["kind"] in ("by_rail", "total"):
                row[f"{name}.area_km2_outside_city"] = shown(line["area_km2_outside_city"], 1)
            if line["kind"] == "by_rail" and line["cutoff_min"] in (60, 90):
                row |= {f"{name}.{part}": shown(line[f"people_{part}"]) for part in PARTS[1:]}
        row[f"{reading}.strict.people_outside_city"] = shown(block["strict"]["people_outside_city"])
    for centre in summary["centres"][:1]:
        row["centre0.90.people_outside_city"] = shown(centre["people_by_rail_outside_city_90"])
    for key, value in (summary["beyond"] or {}).items():
        row[f"beyond.{key}"] = shown(value)
    return row


def computed(slugs: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield the rows of these cities, of all core cities where none are given."""
    network = railshed.load_network("china")
    run = analysis.prepare(network)
    chosen = slugs or sorted(city.slug for city in network.cities if city.role == "core")
    for circle in api.Analysis.of(run).circles(chosen):
        yield row_of(circle)


def kept() -> tuple[str, list[Row]]:
    """Return the results_version of the file's first header cell and its rows by city."""
    with FILE.open(encoding="utf-8", newline="") as file:
        first, *names = next(csv.reader(file))
        rows = [dict(zip(["city", *names], values, strict=True)) for values in csv.reader(file)]
    return first, rows


def write() -> None:
    """Write the file; its first header cell holds the results_version."""
    rows = list(computed())
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        names = list(dict.fromkeys(name for row in rows for name in row))
        out.writerow([header(), *names[1:]])
        out.writerows([row.get(name, "") for name in names] for row in rows)


def header() -> str:
    """Return the first cell of the file."""
    return f"city (results_version {analysis.RESULTS_VERSION})"


def test_results_version() -> None:
    """The file was written by this results_version; a release of that name in CHANGELOG has an
    entry under Numbers.
    """
    assert kept()[0] == header(), HINT
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = f"results_version {analysis.RESULTS_VERSION})"
    releases = [part for part in changelog.split("\n## ") if version in part.splitlines()[0]]
    assert any(re.search(r"^### Numbers\n- ", release, re.MULTILINE) for release in releases), HINT


def test_every_core_city_is_kept() -> None:
    """One row a core city, by slug."""
    network = railshed.load_network("china", areas=False)
    slugs = sorted(city.slug for city in network.cities if city.role == "core")
    assert [row["city"] for row in kept()[1]] == slugs


@pytest.mark.slow
def test_figures() -> None:
    """Every figure is what it was."""
    everything = os.environ.get("RAILSHED_GOLDEN") == "all"
    rows = {row["city"]: row for row in kept()[1]}
    for row in computed(None if everything else CITIES):
        old = rows[row["city"]]
        pairs = {key: (old.get(key, "absent"), row.get(key, "")) for key in {**old, **row}}
        changed = [f"{key}: {was} -> {now}" for key, (was, now) in pairs.items() if was != now]
        assert not changed, f"{row['city']}: {HINT}\n" + "\n".join(changed[:40])


def test_figures_hold_together() -> None:
    """In every row low <= central <= high, the bridge falls rung by rung, more time is more people,
    parts add up.
    """
    for row in kept()[1]:
        number = {key: int(value) for key, value in row.items() if value.isdecimal()}
        headline = (
            "door-to-door"
            if row["door-to-door.60.by_rail.people_outside_city"]
            else "door-to-station"
        )
        for cutoff in (60, 90) if headline == "door-to-door" else (60,):
            low, central, high = (
                number[f"range.{cutoff}.{end}.people"] for end in ("low", "central", "high")
            )
            assert low <= central <= high, row["city"]
            by_rail = f"{headline}.{cutoff}.by_rail"
            assert central == number[f"{by_rail}.people_outside_city"]
            assert central == sum(number[f"{by_rail}.{part}"] for part in PARTS[1:])
            assert (
                0 <= number[f"{headline}.{cutoff}.added_by_trains.people_outside_city"] <= central
            )
        if headline == "door-to-door":
            keys = (
                "fastest_of_day",
                "peak_percentile_50",
                "plus_entry_exit",
                "plus_access",
                "door_to_door",
            )
            stations = [number[f"bridge.{key}.stations"] for key in keys]
            assert stations == sorted(stations, reverse=True), row["city"]
            assert number["bridge.door_to_door.people"] == number["range.60.central.people"]
        for reading, cutoffs in (
            ("door-to-station", (30, 45, 60)),
            ("door-to-door", (45, 60, 75, 90)),
        ):
            names = [
                f"{reading}.{c}" for c in cutoffs if row[f"{reading}.{c}.total.people_outside_city"]
            ]
            for kind in ("by_rail", "total"):
                people = [number[f"{name}.{kind}.people_outside_city"] for name in names]
                assert people == sorted(people), row["city"]
            for name in names:
                assert (
                    number[f"{name}.by_rail.people_outside_city"]
                    <= number[f"{name}.total.people_outside_city"]
                )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
    print(f"{FILE} written: results_version {analysis.RESULTS_VERSION}, {len(kept()[1])} cities")
