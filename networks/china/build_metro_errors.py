"""How wrong the metros are: `python networks/china/build_metro_errors.py RAW_DIR [--check]`, after
`build.py`.

Writes `metro_validation.csv` and `metro_validation.md`: modelled whole runs against
`metro_published_runs.csv`, which was written down before the model was run; Shanghai's own times
against the model that other cities use; and the length of each city's network at the end of 2023
against `metro_published_km.csv`. With `--check` it writes nothing and returns 1 where a file is not
what it would write.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import build_metro_rules as rules  # noqa: E402
import build_metro_shanghai as shanghai  # noqa: E402
from build_metro_lines import MetroLine, open_lines, read_lines, read_table  # noqa: E402
from build_metros import Inputs, model_hops, read_inputs, top_kmh  # noqa: E402
from build_run_errors import as_csv, as_markdown  # noqa: E402

HEAD = [
    "kind",
    "city",
    "line",
    "from",
    "to",
    "published",
    "modelled",
    "error_percent",
    "confidence",
    "source",
]
RUN_PERCENT, SHANGHAI_PERCENT, KM_PERCENT = 8.0, 5.0, 5.0
END_OF_YEAR = "2023-12-31"
CAUSES = """Lines of 80 km/h in younger networks run faster than Beijing's
and Shanghai's older ones, which stand longer (suzhou 1, xiamen 1, hefei 3, chengdu 6: +11 to +15 %); nothing was fitted
to these. Lines of few stations and 100 km/h or more are run too fast where curves or tunnels limit them (jinan 1,
hongkong's airport express, changsha's maglev). Where a whole run was read or is the operator's, the network uses it
(`metro_stock.csv`, minutes); the table shows the model all the same."""
SCOPES = """Figures that count other lines: guiyang without
line 3 (opened on 2023-12-16), zhengzhou without the line to Xuchang (2023-12-28), foshan with parts that stand under
guangzhou here, hangzhou without all of Shaoxing's line, beijing with the tramway T1. Detours of wenzhou, hongkong and
harbin are longer than Beijing's."""
#: of Shanghai: not run like a metro, or on tyres without a driver
NOT_A_METRO = ("磁浮线", "市域机场线", "浦江线")

#: city, line, from, to, published, modelled, confidence, source
Row = tuple[str, str, str, str, float, float, str, str]


def minutes_between(
    line: MetroLine, hops: Sequence[tuple[float, float]], start: str, end: str
) -> float | None:
    """Return the modelled minutes between two stations of a line, dwells between included; None if
    it lacks one.
    """
    names = [s.name for s in line.stations]
    if start not in names or end not in names:
        return None
    a, b = sorted((names.index(start), names.index(end)))
    part = hops if line.is_loop and a == b else hops[a:b]
    return (sum(run + dwell for run, dwell in part) - (0 if a == b else part[-1][1])) / 60


def former_lines(lines: Sequence[MetroLine]) -> Iterator[MetroLine]:
    """Yield line 17 of Chengdu as it ran until 2023-11: its western part is line 19 since."""
    (first,), (second,) = (
        [x for x in lines if (x.city, x.name) == ("chengdu", name)] for name in ("17号线", "19号线")
    )
    names = [s.name for s in second.stations]
    part = second.stations[names.index("九江北") :]
    at = [s.name for s in first.stations].index("九江北")
    yield replace(first, stations=(*first.stations[:at:-1], *part))


def published_runs(lines: Sequence[MetroLine], inputs: Inputs) -> Iterator[Row]:
    """Yield the published whole runs with those of the model."""
    missing = []
    for row in read_table("metro_published_runs.csv"):
        own = [
            line
            for line in lines
            if (line.city, line.name.split("/")[0]) == (row["city"], row["line"])
        ]
        own += [
            line
            for line in lines
            if line.city == row["city"] and line.name.startswith(f"{row['line']}(")
        ]
        found = [
            minutes_between(line, model_hops(line, top_kmh(line, inputs)), row["from"], row["to"])
            for line in own
        ]
        minutes = next((value for value in found if value is not None), None)
        if minutes is None:
            missing.append(f"{row['city']} {row['line']} {row['from']}-{row['to']}")
            continue
        ends = row["from"], row["to"]
        yield (
            row["city"],
            row["line"],
            *ends,
            float(row["minutes"]),
            minutes,
            row["confidence"],
            row["source"],
        )
    if missing:
        raise ValueError(
            f"metro_published_runs.csv: no line calls at both ends: {'; '.join(missing)}"
        )


def shanghai_runs(lines: Sequence[MetroLine], inputs: Inputs) -> Iterator[Row]:
    """Yield Shanghai's own minutes of each direction of a line with those of the model over the
    same hops.
    """
    for line in lines:
        if line.city != shanghai.CITY or line.name in NOT_A_METRO:
            continue
        hops = model_hops(line, top_kmh(line, inputs))
        stations = [*line.stations, *line.stations[: line.is_loop]]
        pairs = list(zip(pairwise(s.name for s in stations), hops, strict=True))
        for way in (pairs, [((b, a), hop) for (a, b), hop in pairs[::-1]]):
            known = [(inputs.shanghai_hops.get((line.name, *ends)), hop) for ends, hop in way]
            both = [(minutes, sum(hop) / 60) for minutes, hop in known if minutes is not None]
            own, model = (sum(values) for values in zip(*both, strict=True))
            yield (
                shanghai.CITY,
                line.name,
                way[0][0][0],
                way[-1][0][1],
                own,
                model,
                "high",
                "first and last trains",
            )


def lengths(lines: Sequence[MetroLine], tracks: dict[frozenset[str], float]) -> Iterator[Row]:
    """Yield the published length of each city's network at the end of 2023 with the length here.

    `tracks` has the metres of track between stations (ids) where they are listed.
    """
    hops: dict[str, dict[frozenset[str], float]] = {}
    for line in lines:
        stations = [*line.stations, *line.stations[: line.is_loop]]
        for (a, b), metres in zip(pairwise(stations), line.hop_m, strict=True):
            pair = frozenset((a.station_id, b.station_id))
            hops.setdefault(line.city, {})[pair] = tracks.get(
                pair, metres * rules.METRO_RULES.detour
            )
    for row in read_table("metro_published_km.csv"):
        km = sum(hops[row["city"]].values()) / 1000
        yield row["city"], "", "", "", float(row["km"]), km, row["confidence"], row["counts"]


def percent(row: Row) -> float:
    """Return by how much the model differs, in per cent of what was published."""
    return (row[5] / row[4] - 1) * 100


def as_rows(kind: str, rows: Sequence[Row]) -> list[list[str]]:
    """Return the rows of the table of a kind."""
    return [
        [kind, *row[:4], f"{row[4]:g}", f"{row[5]:.1f}", f"{percent(row):+.1f}", row[6], row[7]]
        for row in rows
    ]


def within(rows: Sequence[Row], most: float) -> str:
    """Return how many rows lie within a per cent, in words."""
    n = sum(abs(percent(row)) <= most for row in rows)
    return f"{n} of {len(rows)} within {most:g} % (median {median(map(percent, rows)):+.1f} %)"


def nine_in_ten(rows: Sequence[Row]) -> float:
    """Return the per cent within which nine in ten rows lie."""
    return sorted(abs(percent(row)) for row in rows)[math.ceil(0.9 * len(rows)) - 1]


def page(
    runs: Sequence[Row],
    own: Sequence[Row],
    km: Sequence[Row],
    fitted: tuple[float, float, float],
    n: int,
) -> str:
    """Return the text of `metro_validation.md`."""
    head = ["city", "line", "from", "to", "published", "here", "error %", "confidence", "source"]
    sure = [row for row in runs if row[6] != "low"]
    tables = [as_markdown(head, [row[1:] for row in as_rows("", rows)]) for rows in (runs, own, km)]
    detour, margin, call_s = fitted
    median_own = median(abs(percent(row)) for row in own)
    return f"""# How wrong the metros are

Written by `build_metro_errors.py`; do not edit. Errors are (here - published) / published.

The model of `railshed.run_times` with rules fitted on {n} hops of Beijing's timetable alone: recovery {margin:.0%},
{call_s:g} s for each call (loss and dwell), track {detour:g} times the straight distance. Top speeds:
`metro_stock.csv`, by the distance of stations where it has none.

## Whole runs

Listed before the model was run (`metro_published_runs.csv`), nearly all from memory.

- {within(runs, RUN_PERCENT)}; nine in ten within {nine_in_ten(runs):.1f} %
- of medium or high confidence: {within(sure, RUN_PERCENT)}; nine in ten within {nine_in_ten(sure):.1f} %

The mark, nine in ten within {RUN_PERCENT:g} %, is missed. {CAUSES}

{tables[0]}

## Shanghai's own times, predicted by the model that other cities use

Over the hops that were read, both ways; whole minutes. Median of absolute errors {median_own:.1f} %;
{within(own, RUN_PERCENT)}. The mark was a median within {SHANGHAI_PERCENT:g} %.

{tables[1]}

## Length of the networks at the end of 2023, km

Straight distance times {rules.METRO_RULES.detour:g} (Beijing: listed track) of what was open on {END_OF_YEAR}, each
track once, against figures from memory of the China Association of Metros: {within(km, KM_PERCENT)}. {SCOPES}

{tables[2]}
"""


def files(raw_dir: Path) -> dict[str, str]:
    """Return the text of both files by name."""
    inputs = read_inputs(raw_dir)
    lines = read_lines(raw_dir, shanghai.read_places(raw_dir))
    hops = list(rules.read_hops(raw_dir, lines))
    tracks = {hop.stations: hop.track_m for hop in hops}
    runs = list(published_runs([*lines, *open_lines(lines), *former_lines(lines)], inputs))
    parts = (
        runs,
        list(shanghai_runs(lines, inputs)),
        list(lengths(open_lines(lines, END_OF_YEAR), tracks)),
    )
    rows: list[Any] = [
        r
        for kind, p in zip(("run", "shanghai", "km"), parts, strict=True)
        for r in as_rows(kind, p)
    ]
    return {
        "metro_validation.csv": as_csv(HEAD, rows),
        "metro_validation.md": page(*parts, rules.fit(hops), len(hops)),
    }


def main(raw_dir: Path, is_check: bool) -> int:
    """Write the files, or compare them with what would be written."""
    differs = 0
    for name, text in files(raw_dir).items():
        path = HERE / name
        if not is_check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{name} differs")
            differs = 1
    return differs


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python networks/china/build_metro_errors.py RAW_DIR [--check]")
    sys.exit(main(Path(sys.argv[1]), "--check" in sys.argv))
