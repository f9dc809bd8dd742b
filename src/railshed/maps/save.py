"""The settings under which figures are drawn, and figures as files: the same bytes twice, and
nothing half-written.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import allow_rasterization
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from railshed.util.errors import ParameterError
from railshed.util.files import atomic_path
from railshed.util.parallel import ONE_THREAD

#: unhinted text has the same width at every resolution, so labels measured once never meet in
#: another format
_OWN: dict[str, Any] = {
    "text.hinting": "none",
    "hatch.linewidth": 0.7,
    "pdf.fonttype": 42,  # Chinese of type 3 is outlines, which cannot be selected
    "svg.fonttype": "path",
    "svg.hashsalt": "railshed",
}
#: by format what is given to matplotlib, of a PNG to Pillow: nothing that changes from run to run
_SAVING: dict[str, dict[str, Any]] = {
    "png": {
        "compress_type": zlib.Z_RLE
    },  # a third faster than the usual strategy, for files 6 % larger
    "pdf": {"metadata": {"CreationDate": None}},
    "svg": {"metadata": {"Date": None}},
}


@contextmanager
def settings() -> Iterator[None]:
    """Use matplotlib's defaults and the maps' own settings within; the user's come back
    afterwards.
    """
    with ONE_THREAD, mpl.rc_context():
        mpl.rcdefaults()  # does not change the backend
        mpl.rcParams.update(_OWN)
        yield


class MapFigure(Figure):
    """A figure that is drawn under the maps' settings by every canvas."""

    @allow_rasterization  # type: ignore[untyped-decorator]
    def draw(self, renderer: Any) -> None:
        """Draw everything."""
        with settings():
            super().draw(renderer)


def save_figure(figure: Any, path: str | Path) -> Path:
    """Write the figure as PNG, PDF or SVG, by the ending of `path`, and return the path.

    Raises ParameterError when the ending is none of them; OutputError when the place cannot be
    written.
    """
    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in _SAVING:
        raise ParameterError(
            f"unknown picture format {target.suffix!r} of {target.name}; allowed: .png, .pdf, .svg"
        )
    with atomic_path(target) as part, settings():
        if kind == "png":
            drawn(figure).save(part, kind, dpi=(figure.dpi, figure.dpi), **_SAVING[kind])
        else:
            figure.savefig(part, format=kind, **_SAVING[kind])
    return target


def drawn(figure: Any, dpi: float | None = None) -> Image.Image:
    """Return a `MapFigure` in pixels of three channels, which take half the time of matplotlib's
    four to write.
    """
    own = figure.dpi, figure.canvas
    try:
        figure.dpi = dpi or figure.dpi
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    finally:
        figure.dpi, figure.canvas = own
