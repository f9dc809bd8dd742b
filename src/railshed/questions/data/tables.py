"""Blocks about data: problems, notes, networks, cities, what came of imports and exports."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.network.dates import CHOSEN_DAY
from railshed.questions.labels import ending, shortened
from railshed.show.blocks import Block, Code, Heading, Items, Paragraph, Table, remark, remarks
from railshed.util import number_format as n
from railshed.util.bilingual import EMPTY, Words, fill, joined
from railshed.util.errors import count_of
from railshed.util.phrases import PHRASES, heads, issue_kind, phrase
from railshed.util.units import format_clock

if TYPE_CHECKING:
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.util.errors import Issue

_NOTES_SHOWN = 15
#: core stations of a city that are named; --json has all
_CORE_SHOWN = 2
#: kinds of problems on the first screen of `check`, and errors, of two lines each, in place of as
#: many kinds
_KINDS_SHOWN = 18
_ERRORS_SHOWN = 4
#: counts of network.toml's notes that `railshed networks` prints; --json has them all
_COUNTS = (
    "included.trains",
    "included.stop_rows",
    "included.stations",
    "lines",
    "cities",
    "regions",
    "counties",
)


def reading_notes(network: Network, lang: str = "en") -> Iterator[Block]:
    """Yield what reading left out, mended or estimated, of which there is no Chinese; not what
    network.toml says.

    Files that no feed's timetable needs are named by `check` and run.json alone.
    """
    notes = [note for note in _of_reading(network.notes) if "files not used: " not in note]
    if not notes and not network.issues:
        return
    yield Heading(phrase("notes_on_reading"))
    if lang == "zh":
        yield remark(
            phrase("notes_in_english", notes=len(notes), warnings=count_of(network.issues))
        )
        return
    more = (
        [f"{len(notes) - _NOTES_SHOWN} more notes: run.json"] if len(notes) > _NOTES_SHOWN else []
    )
    more += (
        [f"{count_of(network.issues):,} warnings: `railshed check` lists them"]
        if network.issues
        else []
    )
    yield from remarks(map(Words, (*notes[:_NOTES_SHOWN], *more)))


def _of_reading(notes: Sequence[str]) -> list[str]:
    return [note for note in notes if not note.startswith(("network.toml ", CHOSEN_DAY))]


def issues_screen(name: str, issues: Sequence[Issue], notes: Sequence[str]) -> Iterator[Block]:
    """Yield the first screen of a check: how many errors and warnings, a line a kind,
    what to do.
    """
    kinds = Counter[tuple[str, str]]()
    for issue in issues:
        kinds[issue.severity, issue.code] += issue.count
    errors, warnings = (
        count_of(i for i in issues if i.severity == one) for one in ("error", "warning")
    )
    of = phrase("check_kinds", n=len(kinds)) if kinds else ""
    yield Paragraph(
        phrase("check_answer", name=name, errors=f"{errors:,}", warnings=f"{warnings:,}", kinds=of)
    )
    ordered = sorted(kinds.items(), key=lambda kind: (kind[0][0], -kind[1], kind[0][1]))
    rows = tuple(
        (phrase(f"severity_{severity}"), f"{count:,}", code, issue_kind(code))
        for (severity, code), count in ordered
    )
    table = Table(EMPTY, heads("severity", "n_issues", "code", "what_is_wrong"), rows, right=4)
    wrong = [issue for issue in issues if issue.severity == "error"][:_ERRORS_SHOWN]
    yield from shortened(table, _KINDS_SHOWN - 2 * len(wrong))
    if wrong:
        yield Items(tuple(Words(str(issue)) for issue in wrong))
    n_notes = len(_of_reading(notes))
    yield ending(
        ("doubt", phrase("check_doubt_errors" if errors else "check_doubt")),
        ("doubt", n_notes and phrase("check_notes", n=n_notes)),
        ("next", rows and phrase("check_next", name=name)),
    )


def issues_found(issues: Sequence[Issue], notes: Sequence[str]) -> Iterator[Block]:
    """Yield the problems of a network, errors first, each where it stands and how to mend it; then
    notes.
    """
    if issues:
        names = ("severity", "code", "where", "what", "value", "what to do")
        ordered = sorted(issues, key=lambda issue: issue.severity != "error")
        yield Table(EMPTY, names, tuple(map(_issue, ordered)), right=6)
    for note in _of_reading(notes):
        yield Paragraph(Words(f"note: {note}"))


def _issue(issue: Issue) -> tuple[str, ...]:
    row = "" if issue.row is None else f" row {issue.row}"
    where = f"{issue.file}{row}{' ' + issue.field if issue.field else ''}".strip()
    return issue.severity, issue.code, where, issue.message, issue.value, issue.remedy


def cache_screen(state: Mapping[str, Any]) -> Iterator[Block]:
    """Yield how many files were removed, where the cache is, what it holds and whether it
    is used.
    """
    if state["removed"] is not None:
        yield Paragraph(phrase("cache_removed", n=state["removed"]))
    sizes = {key: f"{state[key] / 2**20:,.1f}" for key in ("bytes", "limit")}
    yield Paragraph(
        phrase("cache_answer", folder=state["folder"], n=f"{state['files']:,}", **sizes)
    )
    yield remark(
        phrase("cache_unused", why=state["unused"]) if state["unused"] else phrase("cache_used")
    )


def imported(
    network: Network, folder: str, notes: dict[str, Any], issues: Sequence[Issue]
) -> Iterator[Block]:
    """Yield what a new network folder holds, what reading left out or estimated, and what to do
    next.
    """
    lines = f", {len(network.lines_included):,} lines by headway" if network.lines_included else ""
    yield Paragraph(Words(f"{folder}: {_counts(network)}{lines}; service day {network.date}"))
    yield from remarks(map(Words, notes["reading"].values()))
    for code, count in notes.get("warnings", {}).items():
        first = next(issue for issue in issues if issue.code == code)
        yield remark(Words(f"{count:,} warnings {code}, the first: {first}"))
    quoted = shlex.quote(folder)
    yield Code(f"check it: railshed check {quoted}")
    yield Code(f"a circle: railshed circle -n {quoted} --at LON,LAT -o out")


def _counts(network: Network) -> str:
    return f"{network.n_stations:,} stations, {network.n_trips:,} trips"


def exported(network: Network, path: str, notes: Sequence[str]) -> Iterator[Block]:
    """Yield what a feed holds and what it words otherwise."""
    yield Paragraph(Words(f"written to {path}: {_counts(network)}"))
    yield from remarks(map(Words, notes))


def networks(found: Sequence[dict[str, Any]]) -> Iterator[Block]:
    """Yield shipped networks with counts, sources and licences."""
    for network in found:
        title = network.get("title")
        date = network.get("date", "")
        names = Words(f"{title}", f"{network.get('title_en') or title}")
        yield Heading(Words(*(f"{network['id']}  {name}  {date}" for name in (names.zh, names.en))))
        if network["problem"]:
            yield remark(Words(network["problem"]))
        counts = [
            fill(Words("{} {}", "{} {}"), phrase(f"note_{key}"), f"{network['counts'][key]:,}")
            for key in _COUNTS
            if key in network["counts"]
        ]
        yield from remarks([joined(counts)])
        for source, licence in zip_longest(network["sources"], network["licences"], fillvalue=""):
            yield remark(Words(f"- {source} · {licence}"))


def city_json(network: Network, city: City) -> dict[str, Any]:
    """Return one city as plain values."""
    names = {s.station_id: s.name for s in network.stations}
    return {
        "slug": city.slug,
        "name": city.name,
        "name_en": city.name_en,
        "role": city.role,
        "regions": city.regions,
        "feeder": city.feeder,
        "window_to": _span(city.window_to),
        "window_from": _span(city.window_from),
        "core_stations": [{"id": s, "name": names.get(s, "")} for s in city.core_station_ids],
        "centres": [c.name for c in city.centres],
        "city_proper": city.proper_counties,
        "city_proper_source": city.proper_source,
    }


def _span(window: tuple[int, int]) -> str:
    return f"{format_clock(window[0])}-{format_clock(window[1])}"


def cities_of(network: Network, cities: Sequence[City]) -> Iterator[Table]:
    """Yield the cities of a network, and its regions by id and name."""
    named = {s.station_id: Words(s.name, s.name_en or s.name) for s in network.stations}
    core = {
        c.slug: [named.get(s, Words(s, s)) for s in dict.fromkeys(c.core_station_ids)]
        for c in cities
    }
    rows = tuple(
        (
            city.slug,
            Words(city.name, city.label),
            phrase(f"role_{city.role}"),
            " ".join(city.regions),
            _span(city.window_to),
            _span(city.window_from),
            str(len(city.centres)),
            n.joined(core[city.slug], _CORE_SHOWN) if core[city.slug] else "",
        )
        for city in cities
    )
    title = phrase(
        "cities_of", title=Words(network.title, network.title_en or network.title), n=len(cities)
    )
    names = (
        "slug",
        "name",
        "role",
        "regions",
        "direction_to",
        "direction_from",
        "n_centres",
        "core_stations",
    )
    yield Table(title, heads(*names), rows, right=len(names))
    if network.regions:
        regions = tuple((r.region_id, Words(r.name, r.name_en or r.name)) for r in network.regions)
        yield Table(phrase("regions_of"), heads("id", "name"), regions, right=2)


#: of most commands
_FILES = ("GeoPackage", "CSV", "map", "run.json")


def saved(out: Path | None, files: Sequence[str] = _FILES) -> Paragraph:
    """Return where the files are, or how to get them and which they are."""
    if out is not None:
        return Paragraph(phrase("written_to", folder=out))
    *first, last = (
        phrase(f"file_{name}") if f"file_{name}" in PHRASES else Words(name) for name in files
    )
    return Paragraph(phrase("save_with", first=joined(first), last=last))
