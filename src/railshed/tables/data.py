"""What is printed about data: problems, notes, networks, cities, what came of imports and exports."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from railshed.network.dates import CHOSEN_DAY
from railshed.tables.console import console_of, table_of
from railshed.util.bilingual import Language
from railshed.util.units import format_clock

if TYPE_CHECKING:
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.util.errors import Issue

_NOTES_SHOWN = 15
#: counts of network.toml's notes that `railshed networks` prints; --json has them all
_COUNTS = {
    "kept.trains": "trains", "kept.stop_rows": "stop times", "kept.stations": "stations", "lines": "commuter lines",
    "cities": "cities", "regions": "regions", "counties": "counties",
}  # fmt: skip


def print_notes(network: Network, lang: Language) -> None:
    """Print what reading left out, mended or estimated; what stands in network.toml is not repeated.

    Files that no feed's timetable needs are named by `check` and run.json alone.
    """
    notes = [note for note in _reading_notes(network.notes) if "files not used: " not in note]
    if not notes and not network.issues:
        return
    console = console_of()
    console.print("读入说明" if lang == "zh" else "Notes on reading", style="bold")
    for note in notes[:_NOTES_SHOWN]:
        console.print(f"  {note}")
    more = [f"{len(notes) - _NOTES_SHOWN} more notes: run.json"] if len(notes) > _NOTES_SHOWN else []
    more += [f"{len(network.issues)} warnings: `railshed check` lists them"] if network.issues else []
    for line in more:
        console.print(f"  {line}")


def _reading_notes(notes: Sequence[str]) -> list[str]:
    return [note for note in notes if not note.startswith(("network.toml ", CHOSEN_DAY))]


def print_issues(path: str, issues: Sequence[Issue], notes: Sequence[str]) -> None:
    """Print the problems of a network, errors first, each where it stands and how to mend it; then notes and counts."""
    console = console_of()
    if issues:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("severity", "code", "where", "what", "value", "what to do"):
            table.add_column(column, overflow="fold")
        for issue in sorted(issues, key=lambda i: i.severity != "error"):
            row = "" if issue.row is None else f" row {issue.row}"
            where = f"{issue.file}{row}{' ' + issue.field if issue.field else ''}".strip()
            table.add_row(issue.severity, issue.code, where, issue.message, issue.value, issue.remedy)
        console.print(table)
    for note in _reading_notes(notes):
        console.print(f"note: {note}")
    n_errors = sum(issue.severity == "error" for issue in issues)
    n_warnings = len(issues) - n_errors
    counts = f"{n_errors} error{'s' * (n_errors != 1)}, {n_warnings} warning{'s' * (n_warnings != 1)}"
    console.print(f"{path}: {counts}")


def print_imported(network: Network, folder: str, notes: dict[str, Any], issues: Sequence[Issue]) -> None:
    """Print what a new network folder holds, what reading left out or estimated, and what to do next."""
    console = console_of()
    counts = f"{network.n_stations:,} stations, {network.n_trips:,} trips"
    lines = f", {len(network.lines_included):,} lines by headway" if network.lines_included else ""
    console.print(f"{folder}: {counts}{lines}; service day {network.date}")
    for note in notes["reading"].values():
        console.print(f"  {note}")
    for code, count in notes.get("warnings", {}).items():
        first = next(issue for issue in issues if issue.code == code)
        console.print(f"  {count:,} warnings {code}, the first: {first}")
    quoted = shlex.quote(folder)
    console.print(f"check it: railshed check {quoted}", soft_wrap=True)
    console.print(f"a circle: railshed circle -n {quoted} --at LON,LAT -o out", soft_wrap=True)


def print_findings(folder: str, files: Sequence[str], notes: Sequence[str], missing: str) -> None:
    """Print what an import found that makes no network, and what it lacks."""
    console = console_of()
    console.print(f"{folder}: no network yet, for no line can be made of this file; {missing}")
    for note in notes:
        console.print(f"  {note}")
    console.print(f"written to {folder}: {', '.join(files)}")


def print_exported(network: Network, path: str, notes: Sequence[str]) -> None:
    """Print what a feed holds and what it words otherwise."""
    console = console_of()
    counts = f"{network.n_stations:,} stations, {network.n_trips:,} trips"
    console.print(f"written to {path}: {counts}")
    for note in notes:
        console.print(f"  {note}")


def print_networks(found: Sequence[dict[str, Any]], lang: Language) -> None:
    """Print shipped networks with counts, sources and licences."""
    console = console_of()
    for network in found:
        title = network.get("title") if lang == "zh" else network.get("title_en") or network.get("title")
        console.print(Text.assemble((network["id"], "bold"), f"  {title}  {network.get('date', '')}"))
        if network["problem"]:
            console.print(f"  {network['problem']}")
        counts = [f"{network['counts'][k]:,} {name}" for k, name in _COUNTS.items() if k in network["counts"]]
        if counts:
            console.print("  " + ", ".join(counts))
        for source, licence in zip_longest(network["sources"], network["licences"], fillvalue=""):
            console.print(f"  - {source} · {licence}")


def city_json(network: Network, city: City) -> dict[str, Any]:
    """Return one city as plain values."""
    names = {s.station_id: s.name for s in network.stations}
    return {
        "slug": city.slug, "name": city.name, "name_en": city.name_en, "role": city.role, "regions": city.regions,
        "feeder": city.feeder, "window_to": _span(city.window_to), "window_from": _span(city.window_from),
        "core_stations": [{"id": s, "name": names.get(s, "")} for s in city.core_station_ids],
        "centres": [c.name for c in city.centres], "city_proper": city.proper_counties,
    }  # fmt: skip


def _span(window: tuple[int, int]) -> str:
    return f"{format_clock(window[0])}-{format_clock(window[1])}"


def print_cities(network: Network, cities: Sequence[City], lang: Language) -> None:
    """Print the cities of a network."""
    names = {s.station_id: s.name for s in network.stations}
    heads = ["slug", "name", "role", "regions", "feeder", "to", "from", "core stations", "centres"]
    table = table_of(f"{network.title}: {len(cities)} cities", heads, right=99)
    for city in cities:
        table.add_row(
            city.slug, f"{city.name} {city.name_en}", city.role, "|".join(city.regions), city.feeder,
            _span(city.window_to), _span(city.window_from),
            " ".join(names.get(s, s) for s in city.core_station_ids), str(len(city.centres)),
        )  # fmt: skip
    console_of().print(table)


#: of most commands
_FILES = ("GeoPackage", "CSV", "map", "run.json")
_FILES_ZH = {"map": "地图", "chart": "图", "scenarios": "方案文件"}


def print_saved(out: Path | None, lang: Language, files: Sequence[str] = _FILES) -> None:
    """Say where the files are, or how to get them and which they are."""
    if out is not None:
        text = f"已写入 {out}" if lang == "zh" else f"written to {out}"
    else:
        *first, last = (_FILES_ZH.get(name, name) for name in files)
        text = (
            f"加 -o DIR 可存 {'、'.join(first)}与 {last}" if lang == "zh" else f"save with -o DIR: {', '.join(files)}"
        )
    console_of().print(text)
