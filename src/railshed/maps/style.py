"""How maps are drawn: the one argument of every function that draws or writes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from railshed.maps.basemap import AnyBasemap, Basemap, approved, load_basemap
from railshed.maps.page import SHEETS, Sheet
from railshed.maps.projection import Crs, check_crs
from railshed.util.bilingual import check_language
from railshed.util.errors import ParameterError

FORMATS = ("png", "pdf", "svg")


@dataclass(frozen=True, slots=True)
class MapStyle:
    """Language, sheet, CRS and basemap of maps, and the formats of their files.

    It is checked once, when it is made.

    Parameters
    ----------
    lang
        ``both``, ``zh`` or ``en``.
    size
        ``a4``, ``a3`` (landscape) or ``slide`` (16:9).
    crs
        EPSG code or PROJ text of the CRS that is drawn in, projected or geographic; default an
        equal-area one around the city.
    basemap
        One or several files, or the result of `load_basemap`, drawn beneath.
    approval
        Approval number (审图号) of the files beneath, or where there are none of the maps
        themselves.
    formats
        Of the files that `write` makes: png, pdf, svg.

    Raises
    ------
    ParameterError
        For an unknown language, size, CRS or format.
    InputError
        For a basemap that cannot be read.
    """

    lang: str = "both"
    size: str = "a4"
    crs: Crs = None
    basemap: AnyBasemap = None
    approval: str = ""
    formats: Sequence[str] = ("png",)
    #: the basemap as it is drawn, and its approval number
    beneath: Basemap | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check every field and read the basemap."""
        check_language(self.lang)
        if self.size not in SHEETS:
            raise ParameterError(f"unknown map size {self.size!r}; allowed: {', '.join(SHEETS)}")
        check_crs(self.crs)
        given = (self.formats,) if isinstance(self.formats, str) else self.formats
        formats = tuple(dict.fromkeys(kind.lower().removeprefix(".") for kind in given))
        bad = [kind for kind in formats if kind not in FORMATS]
        if bad or not formats:
            raise ParameterError(
                f"unknown map format {', '.join(bad) or '(none)'}; allowed: {', '.join(FORMATS)}"
            )
        object.__setattr__(self, "formats", formats)
        beneath = approved(self.approval) if self.approval else None
        if isinstance(self.basemap, Basemap):
            beneath = self.basemap
        elif self.basemap:
            beneath = load_basemap(self.basemap, self.approval)
        object.__setattr__(self, "beneath", beneath)

    @property
    def sheet(self) -> Sheet:
        """The page that is drawn on."""
        return SHEETS[self.size]

    def write(self, figure: Any, folder: Path, name: str) -> list[Path]:
        """Write the figure into `folder` in every format and return the paths."""
        from railshed.maps.save import save_figure

        return [save_figure(figure, folder / f"{name}.{kind}") for kind in self.formats]
