"""The figures that README and guide quote, written from results.json between two marks: none is
typed by hand.

What is quoted, and the words around it in both languages, stand in `quotes.json`: head and foot of
the table; names of the rows that others have; lines, each a call by its workload and the beginning
of its case; and `elsewhere`, routers in C++ that are on no package index, measured by us in another
run: a paragraph of its own, without ours beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from measure import ROOT, duration, times

GUIDE = ROOT / "src" / "railshed" / "guide"
BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
WORDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Place:
    """A file with the two marks, the language of its table, and whether it has the
    headlines alone.
    """

    path: Path
    lang: Language
    headlines: bool = False


PLACES = (
    Place(ROOT / "README.md", "en", headlines=True),
    Place(GUIDE / "en" / "performance.md", "en"),
    Place(GUIDE / "zh" / "performance.md", "zh"),
)


@dataclass(frozen=True)
class Quote:
    """One line: the call of a case, its kernel, and the named rows that are compared with it."""

    text: tuple[str, str]
    workload: str
    #: the beginning of the case, and words within it
    case: str
    within: str = ""
    #: the call where the case has several
    call: str = ""
    #: the beginning of other cases with rows to compare
    beside: str = ""
    #: in the README too
    headline: bool = False


QUOTES = tuple(Quote(**line) for line in WORDS["quotes"])


def speed_lines(
    results: Mapping[str, Any], lang: Language = "en", *, headlines: bool = False
) -> list[str]:
    """Return the table in one language, of all quotes or of the headlines; what was not measured is
    left out.
    """
    quotes = [quote for quote in QUOTES if quote.headline or not headlines]
    lines = [line for quote in quotes if (line := _line(quote, results["workloads"], lang))]
    return [*WORDS["head"][lang], *lines, "", WORDS["foot"][lang], "", WORDS["elsewhere"][lang]]


def _line(quote: Quote, workloads: Mapping[str, Any], lang: Language) -> str:
    rows = workloads.get(quote.workload, {"rows": []})["rows"]
    calls = [r for r in rows if r["role"] == "call" and quote.call in (r["what"], "")]
    ours = next(
        (r for r in calls if r["case"].startswith(quote.case) and quote.within in r["case"]), None
    )
    if ours is None:
        return ""
    here = [r for r in rows if r["case"] == ours["case"]]
    kernel = next((duration(r["median_s"]) for r in here if r["role"] == "kernel"), "")
    beside = [r for r in rows if quote.beside and r["case"].startswith(quote.beside)]
    found = {r["what"]: r for r in [*beside, *here] if "ratio" in r}
    named = {what: name for what, name in WORDS["names"].items() if what in found}
    others = [f"{_in(lang, name)} {times(found[what]['ratio'])}" for what, name in named.items()]
    return (
        f"| {_in(lang, quote.text)} | {duration(ours['median_s'])} | {kernel} | "
        f"{', '.join(others)} |"
    )


def _in(lang: Language, words: Any) -> str:
    return words if isinstance(words, str) else str(words[lang == "zh"])


def with_quotes(text: str, results: Mapping[str, Any], place: Place) -> str:
    """Return the text of a file with the figures of the results between its marks."""
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return (
        "\n".join(
            [before + BEGIN, *speed_lines(results, place.lang, headlines=place.headlines), END]
        )
        + after
    )


def write_quotes(results: Mapping[str, Any]) -> None:
    """Write the figures into every file that quotes them."""
    for place in PLACES:
        text = with_quotes(place.path.read_text(encoding="utf-8"), results, place)
        place.path.write_text(text, encoding="utf-8", newline="\n")
