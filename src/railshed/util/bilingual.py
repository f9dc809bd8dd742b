"""Text in two languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from railshed.util.errors import ParameterError

Language = Literal["zh", "en"]


def pick(pair: tuple[str, str], lang: Language) -> str:
    """Return the Chinese or the English of a pair."""
    return pair[0] if lang == "zh" else pair[1]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and English; where one is empty the other stands for it."""

    zh: str
    en: str = ""


LANGUAGES = ("both", "zh", "en")


def check_language(lang: str) -> None:
    """Raise ParameterError where `lang` is not one of LANGUAGES."""
    if lang not in LANGUAGES:
        raise ParameterError(f"unknown map language {lang!r}; allowed: {', '.join(LANGUAGES)}")


def say(words: Words, lang: str) -> list[str]:
    """Return the texts to print, the first as the main one: one for a single language, two for both."""
    texts = {"zh": [words.zh or words.en], "en": [words.en or words.zh], "both": [words.zh, words.en]}[lang]
    return list(dict.fromkeys(text for text in texts if text))


def fill(words: Words, *values: object, **named: object) -> Words:
    """Return the words with their gaps filled; Words fill each language by its own text."""
    zh = [v.zh or v.en if isinstance(v, Words) else v for v in values]
    en = [v.en or v.zh if isinstance(v, Words) else v for v in values]
    named_zh = {k: v.zh or v.en if isinstance(v, Words) else v for k, v in named.items()}
    named_en = {k: v.en or v.zh if isinstance(v, Words) else v for k, v in named.items()}
    return Words(words.zh.format(*zh, **named_zh), words.en.format(*en, **named_en))


def both(describe: Callable[[Language], str | None]) -> Words:
    """Return a text that a function makes in one language, in both; None is an empty text."""
    return Words(describe("zh") or "", describe("en") or "")


def both_lines(describe: Callable[[Language], Sequence[str]]) -> list[Words]:
    """Return the lines that a function makes in one language, each in both."""
    return [Words(*pair) for pair in zip(describe("zh"), describe("en"), strict=True)]


def joined(parts: Sequence[Words], zh: str = "、", en: str = ", ") -> Words:
    """Return texts in a row, with a separator of each language."""
    return Words(zh.join(part.zh or part.en for part in parts), en.join(part.en or part.zh for part in parts))
