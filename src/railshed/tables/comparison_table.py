"""What the command line prints of several cities and scenarios: side by side, and what phases decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from railshed.circles.definitions import OUTSIDE
from railshed.comparisons.compare import spread_of
from railshed.tables.console import console_of, figures_first, kept, table_of
from railshed.util.bilingual import Language, pick
from railshed.util.number_format import format_people, km2

_NAMES_SHOWN = 40
_STATES = ("gained", "lost")


def print_side_by_side(rows: Sequence[dict[str, Any]], lang: Language) -> None:
    """Print cities and scenarios side by side, and united circles (rows of `differencetables.side_by_side`).

    Figures stand whole, titles and cities take two lines where they must; counties and stations are named below.
    """
    zh, console = lang == "zh", console_of()
    heads = (
        ["城市", "方案", "现状人口", "规划人口", "新增", "减少", "新增km²", "减少km²", "更快", "更慢"]
        if zh
        else ["city", "scenario", "people before", "after", "gained", "lost", "km² gained", "km² lost", "faster",
              "slower"]
    )  # fmt: skip
    counted = any(row["people_after"] is not None for row in rows)
    shown = (True, True, *(counted,) * 4, True, True, *(counted,) * 2)
    table = figures_first(table_of(_title(rows, lang), kept(shown, heads), right=2), words=2)
    for row in rows:
        cells = (
            _city(row, lang), _plan(row, rows, lang),
            *(format_people(row[f"people_{k}"], lang) for k in ("before", "after", *_STATES)),
            *(km2(row[f"area_km2_{k}"]) for k in _STATES),
            *(format_people(row[f"people_{k}"], lang) for k in ("faster", "slower")),
        )  # fmt: skip
        table.add_row(*kept(shown, cells))
    console.print(table)
    rest = "其余口径与分钟数见 -o DIR 的 *_compare.csv、*_places.csv" if zh else (
        "other readings and cutoffs: *_compare.csv and *_places.csv of -o DIR"
    )  # fmt: skip
    console.print(f"  {rest}")
    told = {"counties_gained": ("新增区县", "counties gained"), "counties_lost": ("减少区县", "counties lost"),
            "stations_slower": ("变慢或移出的车站", "stations that lose")}  # fmt: skip
    for row in rows:
        for key, words in told.items():
            names = row[key]
            more = f" … +{len(names) - _NAMES_SHOWN}" if len(names) > _NAMES_SHOWN else ""
            if names:
                what = f"{_city(row, lang)}, {_plan(row, rows, lang)}, {pick(words, lang)}"
                console.print(f"  {what}: {', '.join(names[:_NAMES_SHOWN])}{more}")


def _title(rows: Sequence[dict[str, Any]], lang: Language) -> str:
    first, zh = rows[0], lang == "zh"
    outside = (pick(OUTSIDE, lang),) if any(row["outside_city_proper"] for row in rows) else ()
    if zh:
        where = "，".join(("铁路或本地", *outside))
        return f"{first['cutoff_min']}分钟内({where})，{first['reading_zh'] or first['reading']}"
    where = ", ".join(("by rail or locally", *outside))
    return f"Within {first['cutoff_min']} min {where}, {first['reading']}"


def _city(row: dict[str, Any], lang: Language) -> str:
    return str(row["city_zh" if lang == "zh" else "city"])


def _plan(row: dict[str, Any], rows: Sequence[dict[str, Any]], lang: Language) -> str:
    """Return the title of a scenario; several together are called so where each has a row of its own."""
    n = row["n_scenarios"]
    alone = [other for other in rows if other["city"] == row["city"] and other["n_scenarios"] == 1]
    if n < 2 or len(alone) != n:
        return str(row["scenario"])
    return f"以上{n}个合计" if lang == "zh" else f"all {n} together"


def print_phases(draws: Sequence[dict[str, Any]], names: dict[str, str], lang: Language) -> None:
    """Print how much the phases of the added trains decide, one line a city; `names` are Chinese, by slug."""
    zh, console = lang == "zh", console_of()
    for city in dict.fromkeys(row["city"] for row in draws):
        mine = [row for row in draws if row["city"] == city]
        what = "people_total_gained" if mine[0]["people_total_gained"] is not None else "area_km2_total_gained"
        spread = spread_of(mine, what)
        own, least, middle, largest = (
            format_people(v, lang) if what.startswith("people") else f"{km2(v)} km²" for v in spread.values()
        )
        text = (
            f"{names[city]}：发车相位抽取{len(mine)}次，新增 {least} 至 {largest}，中位 {middle}；本方案 {own}"
            if zh
            else f"{city}: over {len(mine)} draws of the added trains' phases {least} to {largest} are gained, "
            f"middle {middle}; as drawn here {own}"
        )
        console.print(f"  {text}")
