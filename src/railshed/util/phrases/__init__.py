"""Texts of tables, maps and reports, by key: one catalogue a language (`zh.json`, `en.json`).

`heads` are heads of columns, `map` texts of maps, `page` and `live` texts of interactive maps and
the live page by the key that their scripts know ({0} and {1} are filled there), `phrases`
everything else. A gap such as ``{name}`` is filled by `phrase`; both catalogues have the same keys
in the same order, by topic.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from railshed.util.bilingual import EMPTY, Words, fill


def _catalogue(lang: str) -> dict[str, dict[str, str]]:
    text = (
        resources.files("railshed.util.phrases")
        .joinpath(f"{lang}.json")
        .read_text(encoding="utf-8")
    )
    found: dict[str, Any] = json.loads(text)
    return found


_ZH = _catalogue("zh")
_EN = _catalogue("en")
#: texts, heads of columns and texts of maps, of interactive ones and of the live page by key
PHRASES, HEADS, MAP, PAGE, LIVE = (
    {key: Words(zh, _EN[kind][key]) for key, zh in _ZH[kind].items()}
    for kind in ("phrases", "heads", "map", "page", "live")
)


def phrase(key: str, **values: object) -> Words:
    """Return a text with its gaps filled; Words fill each language by its own text.

    Raises KeyError for an unknown key, or a gap without a value.
    """
    return fill(PHRASES[key], **values)


def issue_kind(code: str) -> Words:
    """Return what is wrong with what has a problem of this code; the code where the catalogue does
    not have it.
    """
    return PHRASES.get(f"issue_{code}", Words(code))


def issue_remedy(code: str, remedy: str) -> Words:
    """Return how to mend a problem of this code; in English that is `remedy`, where there
    is one.
    """
    found = fill(PHRASES.get(f"remedy_{code}", EMPTY), allowed=remedy.removeprefix("allowed: "))
    return Words(found.zh, remedy or found.en)


def heads(*keys: str) -> tuple[Words, ...]:
    """Return heads of columns; KeyError where a key is unknown."""
    return tuple(HEADS[key] for key in keys)
