"""The settings under which maps are built, drawn and saved, whatever the user's matplotlib style is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
from matplotlib.artist import allow_rasterization
from matplotlib.figure import Figure

#: unhinted text has the same width at every resolution, so labels measured once never meet in another format
_OWN: dict[str, Any] = {
    "text.hinting": "none",
    "hatch.linewidth": 0.7,
    "pdf.fonttype": 42,  # Chinese of type 3 is outlines, which cannot be selected
    "svg.fonttype": "path",
    "svg.hashsalt": "railshed",
}
#: of PNG: a third faster than the usual 6, for files 3 % larger
_COMPRESSION = 3


@contextmanager
def settings() -> Iterator[None]:
    """Use matplotlib's defaults and the maps' own settings within; the user's come back afterwards."""
    with mpl.rc_context():
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


def draw(figure: Any, target: Path | IO[bytes], kind: str) -> None:
    """Write the figure as png, pdf or svg: the same bytes every time."""
    metadata: dict[str, None] = {
        "pdf": {"CreationDate": None},
        "svg": {"Date": None},
        "png": {"Software": None},
    }[kind]
    more = {"pil_kwargs": {"compress_level": _COMPRESSION}} if kind == "png" else {}
    with settings():
        figure.savefig(target, format=kind, metadata=metadata, **more)
