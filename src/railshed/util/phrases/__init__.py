"""Texts of tables and reports, by key and in both languages: one place to read, translate and correct them."""

from __future__ import annotations

from railshed.util.bilingual import Words, fill
from railshed.util.phrases.appraisal import APPRAISAL
from railshed.util.phrases.circle import CIRCLE
from railshed.util.phrases.comparison import COMPARISON
from railshed.util.phrases.data import DATA
from railshed.util.phrases.definitions import DEFINITIONS
from railshed.util.phrases.findings import FINDINGS
from railshed.util.phrases.heads import HEADS
from railshed.util.phrases.report import REPORT

#: Chinese and English by key; `{gap}` is filled by `phrase`
PHRASES: dict[str, tuple[str, str]] = {
    **DEFINITIONS, **CIRCLE, **COMPARISON, **FINDINGS, **REPORT, **APPRAISAL, **DATA,
}  # fmt: skip


def phrase(key: str, **values: object) -> Words:
    """Return a text with its gaps filled; Words fill each language by its own text.

    Raises
    ------
    KeyError
        Unknown key, or a gap without a value.
    """
    return fill(Words(*PHRASES[key]), **values)


def heads(*keys: str) -> tuple[Words, ...]:
    """Return heads of columns; KeyError where a key is unknown."""
    return tuple(Words(*HEADS[key]) for key in keys)
