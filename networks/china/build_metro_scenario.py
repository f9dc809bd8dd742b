"""Scenarios of the metros opened after 2023-12-15, as the list of August 2026 has them: one a city,
and all together.

`python networks/china/build_metro_scenario.py RAW_DIR [--check]`. A line of which no part was open
is added. One that was extended is taken away and added whole, so that its trains run through; in
Beijing, whose trains come from a timetable, the new section is added as a line of its own, and one
changes where it begins. Times and headways are those of `build_metros.py`. A loop closes at its
first station, where one changes to ride on.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import build_metro_beijing as beijing  # noqa: E402
import build_metro_shanghai as shanghai  # noqa: E402
from build_metro_lines import (  # noqa: E402
    MetroLine,
    MetroStation,
    open_lines,
    read_lines,
    read_table,
    with_branches,
)
from build_metros import Inputs, headways, model_hops, read_inputs, top_kmh  # noqa: E402

from railshed.io.folder.lines import parse_headways  # noqa: E402
from railshed.util.units import format_clock  # noqa: E402

FOLDER = HERE / "scenarios" / "metro-since-2023"
WHOLE = FOLDER.with_suffix(".toml")
HEAD = '''title_zh = "2023年12月以后开通的地铁{of_zh}"
title_en = "Metros opened since December 2023{of_en}"
description = """
Written by build_metro_scenario.py; do not edit. Lines and sections of urban rail that opened between 2023-12-16 and
2026-08. Source: when they opened is from memory (metro_openings.csv), stations are those of a list of Amap's subway
page of 2026-08.
Ours: run times by the model, headways assumed by class of line (metro_headways.csv). A line that was extended is taken
away and added whole; in Beijing one changes where the new section begins. A loop closes at its first station, where
one changes to ride on.
"""
'''
#: beside the cities of `cities.csv`
NAMES = {"xuzhou": ("徐州", "Xuzhou")}


def changed(lines: Sequence[MetroLine]) -> Iterator[tuple[str, list[MetroLine]]]:
    """Yield (id of the route to take away, "" for none; lines to add) of each route that grew."""
    day = open_lines(lines)
    open_hops, listed = defaultdict(set), defaultdict(list)
    for line in day:
        open_hops[line.route_id] |= hops(line)
    for line in with_branches(lines):
        listed[line.route_id].append(line)
    for route_id, whole in listed.items():
        if all(hops(line) <= open_hops[route_id] for line in whole):
            continue
        if route_id not in open_hops or not open_hops[route_id]:
            yield "", whole
        elif whole[0].city == beijing.CITY:
            yield "", [part for line in whole for part in new_parts(line, open_hops[route_id])]
        else:
            yield route_id, whole


def hops(line: MetroLine) -> set[frozenset[str]]:
    """Return the pairs of stations that trains of the line join."""
    stations = [*line.stations, *line.stations[: line.is_loop]]
    return {frozenset((a.station_id, b.station_id)) for a, b in pairwise(stations)}


def new_parts(line: MetroLine, known: set[frozenset[str]]) -> Iterator[MetroLine]:
    """Yield the parts of a line of which no hop is known."""
    run: list[MetroStation] = []
    for a, b in [*pairwise(line.stations), (line.stations[-1], line.stations[-1])]:
        is_new = a is not b and frozenset((a.station_id, b.station_id)) not in known
        if is_new:
            run = [*(run or [a]), b]
        elif run:
            yield MetroLine(line.city, line.route_id, line.name, tuple(run))
            run = []


def quoted(value: object) -> str:
    """Return a text in quotes."""
    return json.dumps(value, ensure_ascii=False)


def stop_text(station: MetroStation, known: set[str]) -> str:
    """Return a stop: the id of a station of the network or of a line before, else a new station."""
    if station.station_id in known:
        return quoted(station.station_id)
    known.add(station.station_id)
    parts = (
        f"id = {quoted(station.station_id)}, name = {quoted(station.name)}, name_en = "
        f"{quoted(station.name_en)}, "
        f'lon = {station.lon:.6f}, lat = {station.lat:.6f}, station_class = "metro"'
    )
    return f"{{{parts}}}"


def added(line: MetroLine, name: str, inputs: Inputs, known: set[str]) -> str:
    """Return the modification that adds a line."""
    run = model_hops(line, top_kmh(line, inputs))
    stops = [*line.stations, *line.stations[: line.is_loop]]
    minutes = ", ".join(f"{seconds / 60:g}" for seconds, _ in run)
    periods = (
        f'  {{start_time = "{format_clock(p.start_s)}", end_time = "{format_clock(p.end_s)}", '
        f"headway_minutes = {p.headway_s * line.n_branches / 60:g}}},"
        for p in parse_headways(headways(line, inputs)["periods"])
    )
    dwell = f"\ndwell_minutes = {run[0][1] / 60:g}" if len(run) > 1 else ""
    return "\n".join(
        [
            "[[modification]]",
            'type = "add-trips"',
            f"name = {quoted(name)}",
            f'mode = "{"tram" if line.is_tram else "metro"}"',
            "stops = [",
            *(f"  {stop_text(station, known)}," for station in stops),
            "]",
            f"hop_minutes = [{minutes}]{dwell}",
            "frequencies = [",
            *periods,
            "]",
            "",
        ]
    )


def city_names() -> dict[str, tuple[str, str]]:
    """Return the Chinese and English name of each city by slug."""
    return NAMES | {
        row["slug"]: (row["name_zh"], row["name_en"]) for row in read_table("cities.csv")
    }


def pages(raw_dir: Path) -> dict[Path, str]:
    """Return the text of each file."""
    inputs = read_inputs(raw_dir)
    lines = read_lines(raw_dir, shanghai.read_places(raw_dir))
    known = {s.station_id for line in open_lines(lines) for s in line.stations}
    parts: dict[str, list[str]] = defaultdict(list)
    for removed, new in changed(lines):
        own = parts[new[0].city]
        if removed:
            own.append(f'[[modification]]\ntype = "remove-trips"\nroutes = ["{removed}"]\n')
        for number, line in enumerate(new, 1):
            name = f"{line.route_id}-2026" + (f"-{number}" if len(new) > 1 else "")
            own.append(added(line, name, inputs, known))
    names = city_names()
    found = {}
    for city, texts in sorted(parts.items()):
        zh, en = names[city]
        head = HEAD.format(of_zh=f"：{zh}", of_en=f": {en}")
        found[FOLDER / f"{city}.toml"] = "\n".join([head, *texts])
    files = "".join(f'  "{FOLDER.name}/{city}.toml",\n' for city in sorted(parts))
    return {**found, WHOLE: f"{HEAD.format(of_zh='', of_en='')}extends = [\n{files}]\n"}


def main(raw_dir: Path, is_check: bool) -> int:
    """Write the scenarios, or compare them with what would be written."""
    new = pages(raw_dir)
    if is_check:
        return int(
            any(
                not path.is_file() or path.read_text(encoding="utf-8") != text
                for path, text in new.items()
            )
        )
    FOLDER.mkdir(exist_ok=True)
    for path, text in new.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python networks/china/build_metro_scenario.py RAW_DIR [--check]")
    sys.exit(main(Path(sys.argv[1]), "--check" in sys.argv))
