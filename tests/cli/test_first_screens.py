"""First screens of rankings, suggestions, trade-offs, back-tests, travel times, checks and rules,
on the toy city.

Each has at most 25 lines of 150 columns, its answer first; no English word is left in Chinese;
every figure is one of the JSON of the same command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from railshed.util.units import format_clock
from tests.support.clirunner import Command, printed
from tests.support.traced import figures, forms

FOLDER = Path(__file__).parents[1] / "golden" / "toy"
MOST_LINES, MOST_COLUMNS = 25, 150
#: by name the arguments; names and figures of the answer in English and in Chinese, in their order,
#: worked out in networks/toy/README.md and the tests of `appraisal`
SCREENS: dict[str, tuple[str, str, str]] = {
    "rank": (
        f"rank {FOLDER}/rank.toml -n toy --city mid --budget 40km --no-progress",
        "nw; 4.27 million; 128,000; 90",
        "nw; 427.5万; 12.8万; 90",
    ),
    "suggest": (
        (
            "suggest toy -n toy --number 2 --detour 1 --max-trains 500 --min-km 5 --top-speed 350 "
            "--no-progress"
        ),
        "7; Midtown South; Slopeside; 278,548",
        "7; 中城南; 西南坡; 27.9万",
    ),
    "trade-offs": (
        f"trade-offs mid -n toy -s {FOLDER}/line.toml --no-progress",
        "Midtown; northwest line; 4.65 million; +; 137,067; −; 318,720",
        "中城; northwest line; 465.3万; +; 13.7万; −; 31.9万",
    ),
    "backtest": (
        f"backtest toy toy {FOLDER}/line.toml --city mid",
        "Midtown; northwest line; 60; 128,000",
        "中城; northwest line; 60; 12.8万",
    ),
    "why": (
        "why west -n toy --city mid --cutoff 20",
        "Westhill; 20; Midtown; 34.4; 54.4",
        "西山; 中城; 20; 34.4; 54.4",
    ),
    "reach": (
        "reach -n toy --city mid",
        "2024-05-15; 10; 10; 60; Midtown; 07:30; 09:30",
        "2024-05-15; 07:30; 09:30; 10; 10; 60; 中城",
    ),
    "check": ("check toy", "toy; 0; 0", "toy; 0; 0"),
    "compliance": (f"compliance -n toy -s {FOLDER}/line.toml", "NW; 5; 5; 0; 0", "NW; 5; 5; 0; 0"),
}
#: words that Chinese text has too: names of the data, commands, options, endings, units
LATIN = {
    *(
        "railshed",
        "trade",
        "offs",
        "compare",
        "circle",
        "check",
        "full",
        "json",
        "csv",
        "omx",
        "toml",
        "run",
    ),
    *(
        "DIR",
        "CSV",
        "GeoPackage",
        "km",
        "km²",
        "toy",
        "nw",
        "ne",
        "gone",
        "NW",
        "northwest",
        "line",
        "mid",
    ),
    *("ndrc", "gov", "cn", "fggz", "fgzy", "xmtjd", "html"),
}


def derived(name: str, plain: Any) -> list[Any]:
    """Return what a screen counts or sums of the JSON, and the minutes of its bands."""
    if name == "rank":
        return [
            len(plain["candidates"]),
            len(plain["notes"]),
            60,
            80,
            90,
            *([round(100 * plain["first"]["least_p"])] if plain["first"] else []),
        ]  # heads, the spread
    if name == "trade-offs":
        return [60, 80, 90]
    if name == "suggest":
        sure = [round(100 * p) for p in (plain["first"] or {}).values() if isinstance(p, float)]
        return [80, *sure, *range(1, 1 + len(plain["links"]))]
    if name == "backtest":
        (found,) = plain["backtests"]
        gain = [row for row in found["table"] if row["scope"] == "gain"]
        return [len(found["assumed"]), *(row["people_hit"] + row["people_miss"] for row in gain)]
    if name == "why":
        rides = plain["parts"][0]["rides"]
        clocks = [
            format_clock(ride[f"{end}_s"])[:5] for ride in rides for end in ("departure", "arrival")
        ]
        return [
            *clocks,
            "07:30 09:30",
            *[text for row in plain["changes"] for text in (row["en"], row["zh"])],
        ]
    if name == "reach":
        times = [[row[key] for row in plain] for key in ("travel_time_p0", "travel_time_p50")]
        bands = (30, 60, 90, 120)
        within = [
            sum(t is not None and t <= band for t in column) for column in times for band in bands
        ]
        return [*bands, len(plain), *within, "2024-05-15", "07:30 09:30"]
    if name == "check":
        return [
            sum(row["count"] for row in plain if row["severity"] == one)
            for one in ("error", "warning")
        ]
    if name == "compliance":
        verdicts = [row["verdict"] for row in plain]
        return [len(plain), *(verdicts.count(one) for one in ("met", "not met", "not known"))]
    return []


def scaled(plain: Any) -> Any:
    """Return the values with every number of three digits or more made another one."""
    if isinstance(plain, dict):
        return {key: scaled(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [scaled(value) for value in plain]
    known = isinstance(plain, int | float) and not isinstance(plain, bool) and abs(plain) >= 100
    return plain * 1.37 if known else plain


@pytest.mark.parametrize("name", SCREENS)
def test_a_first_screen(name: str, railshed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 25 lines of 150 columns, the answer first; Chinese in Chinese; each figure is one of
    the JSON.
    """
    monkeypatch.setenv("COLUMNS", str(MOST_COLUMNS))
    arguments, *answers = SCREENS[name]
    plain = json.loads(printed(railshed, *arguments.split(), "--json").out)
    known = forms([plain, derived(name, plain), 0])
    for lang, answer in zip(("en", "zh"), answers, strict=True):
        done = printed(railshed, *arguments.split(), "--lang", lang)
        assert done.code == 0, done.err
        lines = done.out.splitlines()
        assert len(lines) <= MOST_LINES
        assert max(map(cell_len, lines)) <= MOST_COLUMNS
        text = " ".join(line.strip() for line in lines)
        assert re.match(
            r"\D*?".join(["", *map(re.escape, answer.split("; "))]) + r"(?![\d,.]*\d)", text
        )
        assert [figure for figure in figures(text) if figure not in known] == []
        if lang == "zh":
            ids = {row["station_id"] for row in plain} if name == "reach" else set()
            assert set(re.findall(r"[A-Za-z][A-Za-z²]+", done.out)) - LATIN - ids == set()


@pytest.mark.parametrize("name", ["rank", "trade-offs", "backtest"])
def test_another_figure_would_be_found(
    name: str, railshed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a figure of the JSON another one, what is printed would not be made of it."""
    monkeypatch.setenv("COLUMNS", str(MOST_COLUMNS))
    arguments, answer, _ = SCREENS[name]
    plain = json.loads(printed(railshed, *arguments.split(), "--json").out)
    for found in plain["backtests"] if name == "backtest" else ():
        found.pop("verdict")  # the answer in words
    known: Callable[[Any], set[str]] = lambda data: forms([data, derived(name, data), 0])  # noqa: E731
    assert [figure for figure in figures(answer) if figure not in known(plain)] == []
    assert [figure for figure in figures(answer) if figure not in known(scaled(plain))] != []


@pytest.mark.parametrize("name", SCREENS)
def test_all_tables_by_full(name: str, railshed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """--full prints the first screen, then more, but for a check that found nothing."""
    monkeypatch.setenv("COLUMNS", str(MOST_COLUMNS))
    arguments = [*SCREENS[name][0].split(), "--lang", "en"]
    first, full = printed(railshed, *arguments).out, railshed(*arguments, "--full").out
    assert full.startswith(first)
    assert (full == first) == (name == "check")


def test_what_is_written_is_said(railshed: Command, tmp_path: Path) -> None:
    """`reach -o` and `compliance -o` name their file, of a matrix too."""
    for name in ("r.csv", "r.omx", "c.csv"):
        command = "compliance" if name == "c.csv" else "reach"
        done = railshed(*SCREENS[command][0].split(), "-o", tmp_path / name)
        assert done.code == 0, done.err
        assert str(tmp_path / name) in "".join(line.strip() for line in done.out.splitlines())
        assert (tmp_path / name).is_file()
