"""Text in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from railshed.util.errors import ParameterError

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and English; where one is empty the other stands for it."""

    zh: str
    en: str = ""


def check_language(lang: str) -> None:
    """Raise ParameterError where `lang` is neither "both" nor one of LANGUAGES."""
    allowed = ("both", *LANGUAGES)
    if lang not in allowed:
        raise ParameterError(f"unknown map language {lang!r}; allowed: {', '.join(allowed)}")


def say(words: Words, lang: str) -> list[str]:
    """Return the texts to print, the first as the main one: one for a single language, two for both."""
    texts = {"zh": [words.zh or words.en], "en": [words.en or words.zh], "both": [words.zh, words.en]}[lang]
    return list(dict.fromkeys(text for text in texts if text))


def fill(words: Words, *values: object, **named: object) -> Words:
    """Return the words with their numbered and named gaps filled; Words fill each language by its own text."""
    zh = words.zh.format(*(_in_chinese(v) for v in values), **{k: _in_chinese(v) for k, v in named.items()})
    en = words.en.format(*(_in_english(v) for v in values), **{k: _in_english(v) for k, v in named.items()})
    return Words(zh, en)


def _in_chinese(value: object) -> object:
    return value.zh or value.en if isinstance(value, Words) else value


def _in_english(value: object) -> object:
    return value.en or value.zh if isinstance(value, Words) else value


def about(name: str, words: Words) -> Words:
    """Return the words after a name and a colon; what has no Chinese gets none."""
    return Words(f"{name}：{words.zh}" if words.zh else "", f"{name}: {words.en}")


def joined(parts: Sequence[Words], zh: str = "、", en: str = ", ") -> Words:
    """Return texts in a row, with a separator of each language."""
    return Words(zh.join(part.zh or part.en for part in parts), en.join(part.en or part.zh for part in parts))
