"""Figures as files: the same bytes twice, and nothing half-written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railshed.maps.basemap import Basemap, approved, load_basemap
from railshed.maps.page import get_sheet
from railshed.maps.projection import Crs, check_crs
from railshed.util.bilingual import check_language
from railshed.util.errors import ParameterError
from railshed.util.files import atomic_path

FORMATS = ("png", "pdf", "svg")


@dataclass(frozen=True, slots=True)
class Pictures:
    """How the maps of a run are drawn and written; see `pictures_of`."""

    lang: str = "both"
    size: str = "a4"
    basemap: Basemap | None = None
    crs: Crs = None
    formats: tuple[str, ...] = ("png",)

    @property
    def options(self) -> dict[str, Any]:
        """What every function that draws a map takes."""
        return {"lang": self.lang, "size": self.size, "basemap": self.basemap, "crs": self.crs}

    def write(self, figure: Any, folder: Path, name: str) -> list[Path]:
        """Write the figure into `folder` in every format and return the paths."""
        return [save_figure(figure, folder / f"{name}.{kind}") for kind in self.formats]


def pictures_of(
    lang: str, size: str = "a4", basemap: Sequence[str | Path] = (), crs: Crs = None, formats: Sequence[str] = ("png",),
    approval: str = "",
) -> Pictures:  # fmt: skip
    """Return the settings of the maps of a run, checked.

    `approval` is the number (审图号) of the basemap, or where there is none of the maps themselves.

    Raises
    ------
    ParameterError
        For an unknown language, size, format or CRS.
    InputError
        For a basemap that cannot be read.
    """
    check_language(lang)
    get_sheet(size)
    check_crs(crs)
    chosen = tuple(dict.fromkeys(kind.lower().removeprefix(".") for kind in formats))
    bad = [kind for kind in chosen if kind not in FORMATS]
    if bad or not chosen:
        raise ParameterError(f"unknown map format {', '.join(bad) or '(none)'}; allowed: {', '.join(FORMATS)}")
    beneath = load_basemap(basemap, approval) if basemap else approved(approval) if approval else None
    return Pictures(lang, size, beneath, crs, chosen)


def save_figure(figure: Any, path: str | Path) -> Path:
    """Write the figure as PNG, PDF or SVG, by the ending of `path`, and return the path.

    Raises
    ------
    ParameterError
        When the ending is none of them.
    OutputError
        When the place cannot be written.
    """
    from railshed.maps.style import draw

    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ParameterError(f"unknown picture format {target.suffix!r} of {target.name}; allowed: .png, .pdf, .svg")
    with atomic_path(target) as part:
        draw(figure, part, kind)
    return target
