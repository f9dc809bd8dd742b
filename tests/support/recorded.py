"""Files of a run as text that can be recorded and compared: what is printed, tables, pages, layers, drawings."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from railshed import __version__

#: longer texts are recorded as their checksum
_MOST = 40_000


def contents(folder: Path, drawings: dict[str, str]) -> Iterator[str]:
    """Yield a heading and the text of each file of a folder but `run.json`, which names versions; drawings by name."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "run.json"]
    texts = {path.relative_to(folder).as_posix(): _TEXT.get(path.suffix, lambda _: "")(path) for path in files}
    for name, text in {**texts, **drawings}.items():
        text = steady(text)
        short = text if len(text) <= _MOST else f"{len(text)} {hashlib.sha256(text.encode()).hexdigest()[:24]}\n"
        yield f"=== {name}\n{short}"


def steady(text: str) -> str:
    """Return the text without what differs between releases and processors: the version, decimals after the sixth."""
    text = text.replace(f"railshed {__version__}", "railshed VERSION")
    return re.sub(r"-?\d+\.\d{7,}(e-?\d+)?", lambda found: f"{float(found[0]):.6f}", text)


def _page(path: Path) -> str:
    """Return what a page says, without marks; its scripts' data and its drawings as a checksum."""
    source = path.read_text(encoding="utf-8")
    inside = steady("".join(re.findall(r"<(?:script|svg|style).*?</(?:script|svg|style)>", source, flags=re.DOTALL)))
    shown = re.sub(r"<(script|style|svg).*?</\1>", "", source, flags=re.DOTALL)
    shown = re.sub(r'"data:[^"]*"', '""', shown)
    lines = (" ".join(line.split()) for line in html.unescape(re.sub(r"<[^>]+>", "\n", shown)).splitlines())
    return "\n".join([*filter(None, lines), hashlib.sha256(inside.encode()).hexdigest()[:24], ""])


def _layers(path: Path) -> str:
    """Return the layers of a vector file: names, columns, rows; shapes as type, area, length and centre."""
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    return "".join(f"- {name}\n{_rows(gpd.read_file(path, layer=name))}" for name in names)


def _rows(frame: Any) -> str:
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = frame.geometry
        x, y = shapes.representative_point().x, shapes.representative_point().y
        sizes = shapes.to_crs("EPSG:6933")
        frame = frame.drop(columns="geometry").assign(
            shape=shapes.geom_type, km2=sizes.area / 1e6, km=sizes.length / 1e3, x=x, y=y
        )
    return str(frame.to_csv(index=False, float_format="%.5f", lineterminator="\n"))


def drawn(figure: Figure) -> str:
    """Return what a figure draws, a line each, from back to front: kind, text, place and size in pixels, colours."""
    renderer = FigureCanvasAgg(figure).get_renderer()

    def lines(artist: Any, depth: int) -> Iterator[str]:
        if not artist.get_visible() or isinstance(artist, Axis):
            return
        box = artist.get_window_extent(renderer)
        parts = [type(artist).__name__, *(f"{value:.1f}" for value in box.extents)]
        if isinstance(artist, Text):
            parts += [repr(artist.get_text()), f"{artist.get_fontsize():.1f}", artist.get_ha(), artist.get_va()]
        parts += [part for name in _LOOKS if (part := _look(getattr(artist, name, None)))]
        yield " " * depth + " ".join(parts)
        for child in sorted(artist.get_children(), key=lambda child: child.get_zorder()):
            yield from lines(child, depth + 1)

    return "\n".join(lines(figure, 0)) + "\n"


_LOOKS = ("get_facecolor", "get_edgecolor", "get_color", "get_linewidth", "get_linewidths", "get_linestyle",
          "get_alpha", "get_hatch", "get_zorder", "get_sizes", "get_xlim", "get_ylim")  # fmt: skip


def _look(get: Any) -> str:
    """Return a property of an artist as text: colours as hexadecimal ones, arrays by their first and last values."""
    value = None if get is None else get()
    if value is None:
        return ""
    try:
        return str(to_hex(value, keep_alpha=True))
    except (TypeError, ValueError):
        text = re.sub(r"\s+|np\.float\d+", "", str(value))
        return re.sub(r"\d+\.\d+(e-?\d+)?", lambda found: f"{float(found[0]):.3g}", text)[:80]


_TEXT = {
    ".csv": lambda path: path.read_text(encoding="utf-8-sig"),
    ".html": _page,
    ".gpkg": _layers,
    ".geojson": _layers,
    ".md": lambda path: path.read_text(encoding="utf-8"),
}
