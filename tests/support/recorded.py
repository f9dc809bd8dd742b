"""What a run says, as short text that can be recorded: figures and the words beside them, not how
they look.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

#: columns, keys and layers that hold no figure: the words of a definition, how layers are drawn
_WORDS = re.compile(r"definition(_zh|_en)?|layer_styles|geometry")


def contents(folder: Path, drawings: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a heading and the figures of each file of a folder but `run.json`, in folders below it
    the heading alone.

    Then, by drawing, the texts that no drawing before it has.
    """
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name != "run.json"
    ):
        yield f"=== {path.relative_to(folder).as_posix()}"
        if path.parent == folder:
            yield from _LINES.get(path.suffix, lambda _: ())(path)
    seen: set[str] = set()
    for name, texts in drawings.items():
        yield from (f"=== texts of {name}", *(text for text in texts if text not in seen))
        seen.update(texts)


def rounded(text: str) -> str:
    """Return the text with numbers of at most four decimals: the last bits differ between
    processors.
    """
    return re.sub(r"\d+\.\d{5,}", lambda found: f"{float(found[0]):.4f}", text)


def texts_of(figure: Figure) -> list[str]:
    """Return the texts of a drawing, each once, in the order in which they are drawn; those of its
    grid left out.
    """

    def texts(artist: Any) -> Iterator[str]:
        if artist.get_visible() and not isinstance(artist, Axis):
            if isinstance(artist, Text) and not re.fullmatch(
                r"\d+°(\d+′)?[EWNS]?", artist.get_text()
            ):
                yield artist.get_text()
            for child in sorted(artist.get_children(), key=lambda child: child.get_zorder()):
                yield from texts(child)

    joined = "\n".join(texts(figure)).replace(
        "\n ", " "
    )  # minutes stand behind the name of their station
    return list(dict.fromkeys(filter(None, joined.splitlines())))


def outline(value: Any, name: str = "") -> Iterator[str]:
    """Yield the values of nested data, a line each; records without data inside as tables.

    Definitions are left out.
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            if not _WORDS.fullmatch(key):
                yield from outline(inner, f"{name}.{key}".strip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        if any(isinstance(inner, dict | list) for row in value for inner in row.values()):
            for number, row in enumerate(value):
                yield from outline(row, f"{name}[{number}]")
        else:
            yield from (f"{name}:", *_table(value))
    else:
        yield f"{name} = {_plain(value)}"


def _table(rows: Sequence[Mapping[str, Any]], most: int = 16, first: int = 4) -> Iterator[str]:
    """Yield records as lines below the names of their columns; of more than `most` the first and
    the columns' sums.
    """
    names = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if not _WORDS.fullmatch(str(name))
    ]
    yield ",".join(names)
    shown = rows if len(rows) <= most else rows[:first]
    yield from (",".join(_plain(row.get(name)) for name in names) for row in shown)
    if len(shown) < len(rows):
        yield "sums: " + ",".join(
            _plain(sum(_number(row.get(name)) for row in rows)) for name in names
        )


def _number(value: Any) -> float:
    """Return what a value adds to the sum of its column: itself, 0 where there is none, of words
    their letters.
    """
    try:
        return 0.0 if value != value else float(value or 0)
    except ValueError:
        return len(value)


def _plain(value: Any) -> str:
    """Return a value as text, numbers with seven digits."""
    if value is None or value != value:
        return ""
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _csv(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _table(list(csv.DictReader(file)))


def _layers(path: Path) -> Iterator[str]:
    """Yield the layers of a vector file: the sums of their columns and of the areas of their
    shapes.
    """
    for name in (name for name, _ in pyogrio.list_layers(path) if not _WORDS.fullmatch(name)):
        frame = gpd.read_file(path, layer=name)
        kinds = "".join(sorted(set(frame.geom_type)))
        if "Polygon" in kinds:
            frame["shape_km2"] = (frame.to_crs("EPSG:6933").area / 1e6).round(2)
        yield from (
            f"- {name}: {len(frame)} {kinds}",
            *_table(frame.to_dict("records"), most=0, first=0),
        )


def _page(path: Path) -> Iterator[str]:
    """Yield the lines of a page that have a figure, each once, up to the method; rows of tables as
    one line.
    """
    text = path.read_text(encoding="utf-8").split(">Method and formulas</h")[0]
    text = re.sub(r"<(script|style|svg|title).*?</\1>|data:[^\"]*", "", text, flags=re.DOTALL)
    text = re.sub(r"</t[dh]><t[dh][^>]*>", " | ", re.sub(r"\s+", " ", text))
    text = re.sub(r"</?(b|small|span|sup|code|i|em|strong|a)\b[^>]*>", " ", text)
    lines = (
        " ".join(line.split())
        for line in html.unescape(re.sub(r"(<[^>]+>)+", "\n", text)).splitlines()
    )
    return iter(dict.fromkeys(line for line in lines if re.search(r"\d| \| ", line)))


_LINES = {".csv": _csv, ".html": _page, ".gpkg": _layers, ".geojson": _layers}
