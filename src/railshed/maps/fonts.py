"""The shipped font, text measured in points, and lines broken at a width."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from importlib.metadata import version
from io import BytesIO
from typing import Any

import numpy as np

from railshed.util.cache import cached_arrays, code_hash
from railshed.util.files import sha256_file
from railshed.util.sums import plain_sum

FAMILY = "Railshed Sans SC"
#: characters that may not begin a line in Chinese typesetting
_NO_START = "，。、；：？！）》」』】〕％·…,.;:?!)%]}"
_NO_END = "（《「『【〔(["


def _file(*, bold: bool) -> Any:
    return resources.files("railshed.maps").joinpath(
        "typefaces", f"RailshedSansSC-{'Bold' if bold else 'Regular'}.ttf"
    )


def font_bytes() -> bytes:
    """Return the shipped font, regular, as a TrueType file."""
    data: bytes = _file(bold=False).read_bytes()
    return data


@cache
def register() -> None:
    """Make the shipped font known to matplotlib; its settings are left as they are."""
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in (str(_file(bold=False)), str(_file(bold=True))):
        if path not in known:
            font_manager.fontManager.addfont(path)


@cache
def font(size: float, *, bold: bool = False) -> Any:
    """Return the FontProperties of this size in points: the shipped font, then DejaVu Sans."""
    from matplotlib.font_manager import FontProperties

    register()
    return FontProperties(
        family=[FAMILY, "DejaVu Sans"], size=size, weight="bold" if bold else "normal"
    )


@cache
def _face(bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    face = FT2Font(str(_file(bold=bold)))
    face.set_size(100, 72)
    return face


@cache
def _known() -> frozenset[int]:
    return frozenset(_face(False).get_charmap())


@lru_cache(maxsize=4096)
def _advance(char: str, bold: bool) -> float:
    from matplotlib.ft2font import LoadFlags

    if ord(char) not in _known():  # the next font has it, or matplotlib warns
        return 1.0
    return (
        float(_face(bold).load_char(ord(char), flags=LoadFlags.NO_HINTING).linearHoriAdvance)
        / 65536
        / 100
    )


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line in points."""
    return size * _ems(text, bold)


@lru_cache(maxsize=1 << 16)
def _ems(text: str, bold: bool) -> float:
    """Return the width of one line by the size of its type; lines are broken again for every size
    that is tried.
    """
    return plain_sum(_advance(char, bold) for char in text)


def missing_glyphs(text: str) -> set[str]:
    """Return the characters of `text` that the shipped font lacks."""
    return {char for char in text if ord(char) not in _known() and not char.isspace()}


def font_face(text: str, family: str, *, bold: bool = False) -> str:
    """Return a CSS rule with the Chinese characters of a text alone, from the shipped font; ""
    where it has none.
    """
    codes = sorted(code for code in map(ord, set(text)) if code >= 0x2E80)
    if not codes:
        return ""
    given = (
        f"font {code_hash()} {version('fonttools')} {sha256_file(_file(bold=bold))} {family} "
        f"{bold} {codes}"
    )
    key = hashlib.sha256(given.encode()).hexdigest()
    [rule] = cached_arrays(
        key, lambda: [np.frombuffer(_face_rule(codes, family, bold).encode(), np.uint8)]
    )
    return rule.tobytes().decode()


def _face_rule(codes: Sequence[int], family: str, bold: bool) -> str:
    """Return the CSS rule of `font_face` for these characters."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    out = BytesIO()
    face = TTFont(BytesIO(_file(bold=bold).read_bytes()), recalcTimestamp=False)
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, flavor="woff")
    options.name_IDs = [0, 1, 2, 13, 14]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=codes)
    worker.subset(face)
    face.flavor = "woff"
    face.save(out, reorderTables=False)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    weight = 700 if bold else 400
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}'
    )


def wrap(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return `text` as lines of at most `width` points: hanzi part anywhere, Latin words
    at spaces.
    """
    lines = []
    line = ""
    for token in _tokens(text):
        if line and text_width((line + token).rstrip(), size, bold=bold) > width:
            lines.append(line.rstrip())
            line = token.lstrip()
        else:
            line += token
        while (
            text_width(line.rstrip(), size, bold=bold) > width and len(line) > 1
        ):  # a word longer than a line
            cut = next(
                n
                for n in range(len(line) - 1, 0, -1)
                if n == 1 or text_width(line[:n], size, bold=bold) <= width
            )
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _tokens(text: str) -> list[str]:
    """Return the pieces that a line may not part."""
    parts = re.findall(r"\s+|[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+", text)
    tokens: list[str] = []
    for part in parts:
        sticks = tokens and (part[0] in _NO_START or part.isspace() or tokens[-1][-1] in _NO_END)
        if sticks:
            tokens[-1] += part
        else:
            tokens.append(part)
    return tokens
