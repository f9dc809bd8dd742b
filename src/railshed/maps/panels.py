"""Small multiples: several circles of one place on one sheet, at one scale, with one legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from railshed.maps import circle, fonts, palette, stations, words
from railshed.maps.data import MapData
from railshed.maps.furniture import MapCanvas, compose, draw_scale
from railshed.maps.labels import Label, draw_labels
from railshed.maps.legend import add_layers
from railshed.maps.page import Column, SheetRow, Swatch, draw_rows, second_size
from railshed.maps.palette import SOFT
from railshed.maps.projection import local_projection
from railshed.maps.save import settings
from railshed.maps.style import MapStyle
from railshed.util.bilingual import EMPTY, Words, fill, joined, say
from railshed.util.errors import ParameterError
from railshed.util.phrases import MAP

MOST = 6
#: points on A4: between panels, above each for its title
_GAP = 9.0
_HEAD = 25.0


def draw_panels(
    panels: Sequence[MapData], style: MapStyle | None = None, *, title: Words
) -> Figure:
    """Return small multiples of one place as a matplotlib Figure, one panel each, two to six of
    them.

    All share centre, scale, colours and legend; above each stand its reading and what is within its
    cutoff. Errors as in `draw_circle`.
    """
    style = style or MapStyle()
    if not 2 <= len(panels) <= MOST:
        raise ParameterError(f"{len(panels)} maps side by side: allowed are 2 to {MOST}")
    for data in panels:
        data.check()
    first = replace(panels[0], title=title, subtitle=EMPTY)
    projection = local_projection(style.crs, *first.centre)
    cutoffs = sorted({int(c) for data in panels for c in data.bands["cutoff_min"]})
    colours = dict(zip(cutoffs, palette.band_colours(len(cutoffs)), strict=True))
    surround = circle.surround_of(
        first, title, style, projection, lambda column: _add_legend(column, first, colours)
    )
    with settings():
        sheet = compose(surround, style)
        bounds = np.array([circle.bounds_of(data, None, projection.crs) for data in panels])
        around = (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist())
        for data, frame in zip(
            panels, _frames(sheet.frame, len(panels), style.sheet.scale), strict=True
        ):
            canvas = sheet.with_map(
                around, projection, margin=0.04, least_m=circle.LEAST_M, frame=frame
            )
            _draw_panel(
                canvas, data, style, [colours[int(c)] for c in sorted(data.bands["cutoff_min"])]
            )
        draw_scale(canvas)
    return canvas.figure


def _frames(frame: circle.Box, n: int, scale: float) -> list[circle.Box]:
    """Return the frames of the panels, row by row from the top."""
    columns = 2 if n <= 4 else 3
    n_rows = math.ceil(n / columns)
    left, bottom, width, tall = frame
    gap = _GAP * scale
    head = _HEAD * scale
    wide = (width - gap * (columns - 1)) / columns
    high = (tall - gap * (n_rows - 1)) / n_rows - head
    return [
        (
            left + (k % columns) * (wide + gap),
            bottom + (n_rows - 1 - k // columns) * (high + head + gap),
            wide,
            high,
        )
        for k in range(n)
    ]


def _draw_panel(canvas: MapCanvas, data: MapData, style: MapStyle, colours: Sequence[str]) -> None:
    circle.draw_ground(canvas, data, style.beneath, inner=False)
    circle.draw_bands(canvas, data, colours)
    circle.draw_lines(canvas, data, None)
    dots = stations.draw_stations(canvas, data, 0.65 * canvas.scale)
    _write_head(canvas, data)
    code = "en" if canvas.lang == "en" else "zh"  # two languages find no room
    labels = stations.station_labels(data, dots, code, canvas.scale * 0.9)
    own = f"{canvas.view.frame[0]:.0f}-{canvas.view.frame[1]:.0f}-"
    draw_labels(
        canvas.figure,
        canvas.points,
        circle.placer_around(canvas, dots).place(_readable(labels)),
        prefix=own,
    )


def _readable(labels: Sequence[Label]) -> list[Label]:
    """Return the labels of the circle's stations in print that is large enough."""
    return [
        replace(
            label,
            forms=tuple(
                tuple(
                    tuple(replace(run, size=max(6.0, run.size)) for run in line) for line in lines
                )
                for lines in label.forms
            ),
        )
        for label in labels
        if label.kind in ("core", "station")
    ]


def _write_head(canvas: MapCanvas, data: MapData) -> None:
    """Write the reading and what is within its cutoff above the panel."""
    k = canvas.scale
    left, bottom, width, tall = canvas.view.frame
    names = say(data.reading, canvas.lang)
    rows = [SheetRow(names[0], 8.0 * k, bold=True, tail=" ".join(names[1:]))]
    if rows[0].width > width:
        rows[0] = replace(rows[0], tail="")
    texts = say(panel_figures(data), canvas.lang)
    size = max(6.0, 6.4 * k)
    text = "  ".join(texts)
    rows.append(
        SheetRow(text if fonts.text_width(text, size) <= width else texts[0], size, colour=SOFT)
    )
    draw_rows(canvas.figure, canvas.points, rows, left, bottom + tall + _HEAD * k, width)


def panel_figures(data: MapData) -> Words:
    """Return people, area and stations within the cutoff as one line above a panel."""
    n = int(data.stations["inside"].sum())
    parts = [Words(f"{n} 站", f"{n} stations")]
    for _, row in data.bands[data.bands["cutoff_min"] == data.cutoff_min].head(1).iterrows():
        figures = ((row.get("people"), words.people), (row.get("area_km2"), words.area))
        parts[:0] = [
            text(float(value))
            for value, text in figures
            if value is not None and not math.isnan(value)
        ]
    within = fill(MAP["within"], data.cutoff_min)
    found = joined(parts, "，")
    return Words(f"{within.zh}：{found.zh}", f"{within.en}: {found.en}")


def _add_legend(column: Column, data: MapData, colours: dict[int, str]) -> None:
    column.line(MAP["bands_all"], gap=1.0)
    for cutoff, colour in colours.items():
        column.entry(
            fill(MAP["within"], cutoff), Swatch("patch", colour, palette.SWATCH_EDGE), gap=2.0
        )
    note = MAP["panel_figures"] if data.city_proper is not None else MAP["panel_figures_all"]
    column.line(note, size=max(6.0, second_size(column.size)), colour=SOFT)
    add_layers(column, data, inner=False)
