"""Text in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from railshed.util.errors import ParameterError

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def pick(pair: tuple[str, str], lang: Language) -> str:
    """Return the Chinese or the English of a pair."""
    return pair[0] if lang == "zh" else pair[1]


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


def fill(words: Words, *values: object) -> Words:
    """Return the words with their numbered gaps filled; Words fill each language by its own text."""
    zh = [v.zh or v.en if isinstance(v, Words) else v for v in values]
    en = [v.en or v.zh if isinstance(v, Words) else v for v in values]
    return Words(words.zh.format(*zh), words.en.format(*en))
