"""Text in two languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from railshed.util.errors import ParameterError

#: "1 stations" in an English text: the noun stands in the catalogue as of several
_ONE = re.compile(
    r"(?<![\w.,|])1( more)? "
    r"(stations|trips|trains|lines|links|draws|orders|pairs|towns|counties|circles|people|"
    r"clauses|candidates|assumptions|errors|warnings|notes|kinds|problems|rows|hops|agglomerations)\b"
)
_SINGULAR = {"people": "person", "counties": "county"}

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and English; where one is empty the other stands for it."""

    zh: str
    en: str = ""


EMPTY = Words("")


def check_language(lang: str) -> None:
    """Raise ParameterError where `lang` is neither "both" nor one of LANGUAGES."""
    allowed = ("both", *LANGUAGES)
    if lang not in allowed:
        raise ParameterError(f"unknown map language {lang!r}; allowed: {', '.join(allowed)}")


def say(words: Words, lang: str) -> list[str]:
    """Return the texts to print, the first as the main one: one for a single language, two for
    both.
    """
    texts = {
        "zh": [words.zh or words.en],
        "en": [words.en or words.zh],
        "both": [words.zh, words.en],
    }[lang]
    return list(dict.fromkeys(text for text in texts if text))


def fill(words: Words, *values: object, **named: object) -> Words:
    """Return the words with their numbered and named gaps filled; Words fill each language by its
    own text.

    In English "1 stations" becomes "1 station".
    """

    def filled(lang: Language) -> str:
        def text(value: object) -> object:
            return "".join(say(value, lang)) if isinstance(value, Words) else value

        own = words.zh if lang == "zh" else words.en
        return own.format(*map(text, values), **{key: text(value) for key, value in named.items()})

    en = _ONE.sub(lambda one: f"1{one[1] or ''} {_SINGULAR.get(one[2], one[2][:-1])}", filled("en"))
    return Words(filled("zh"), en)


def about(name: str, words: Words) -> Words:
    """Return the words after a name and a colon; what has no Chinese gets none."""
    return Words(f"{name}：{words.zh}" if words.zh else "", f"{name}: {words.en}")


def joined(parts: Sequence[Words], zh: str = "、", en: str = ", ") -> Words:
    """Return texts in a row, with a separator of each language."""
    return Words(
        zh.join(part.zh or part.en for part in parts), en.join(part.en or part.zh for part in parts)
    )


def plain_words(text: Words) -> dict[str, str]:
    """Return a text as plain values; each language stands in where the other is empty."""
    return {"zh": text.zh or text.en, "en": text.en or text.zh}
