"""The legend of a city map: bands or changes with their figures, stations, borders, railways."""

from __future__ import annotations

from typing import Any

import numpy as np

from railshed.maps import palette, stations, words
from railshed.maps.data import ChangeLayer, MapData
from railshed.maps.layer_list import LAYERS, with_transit
from railshed.maps.page import Column, Swatch
from railshed.maps.palette import (
    GAINED,
    GAINED_HATCH,
    INK,
    LOST,
    LOST_HATCH,
    OUTLINES,
    SOFT,
    UNCHANGED,
)
from railshed.util.bilingual import Words, fill, joined, say
from railshed.util.phrases import MAP


def proposed_of(data: MapData, change: ChangeLayer | None) -> Any:
    """Return the lines drawn bold, None for none."""
    return data.proposed if change is None else change.proposed


def ordered_bands(data: MapData) -> Any:
    """Return the bands, nearest first."""
    return data.bands.sort_values("cutoff_min", kind="stable").reset_index(drop=True)


def add_legend(
    column: Column, data: MapData, change: ChangeLayer | None, unknown: bool = False
) -> None:
    """Add the legend of a circle, or of a comparison; `unknown`: with land without data."""
    if change is None:
        _add_bands(column, data)
    else:
        _add_change(column, data, change)
    add_layers(column, data, change, unknown=unknown)


def add_layers(
    column: Column,
    data: MapData,
    change: ChangeLayer | None = None,
    *,
    circle: bool = True,
    inner: bool = True,
    unknown: bool = False,
) -> None:
    """Add all layers but bands and changes; without `circle` stations have rows of their own.

    Without `inner` no county borders are drawn.
    """

    def add(key: str) -> None:
        layer = LAYERS[key]
        assert layer.words is not None
        width = layer.legend_width or layer.width
        column.entry(layer.words, Swatch("line", "none", layer.edge, width, dash=layer.dash))

    if data.city_proper is not None:
        column.entry(
            MAP["city_proper"], Swatch("patch", "none", palette.PROPER_EDGE, LAYERS["proper"].width)
        )
    if unknown:
        swatch = Swatch("patch", palette.NO_DATA, palette.NO_DATA_LINE, 0.4, palette.NO_DATA_HATCH)
        column.entry(MAP["unknown_land"], swatch)
    if len(data.stations):
        column.entry(MAP["core"], Swatch("square", INK, "white", 6.0))
    if circle and len(data.stations):
        column.entry(MAP["inside"], Swatch("dot", "white", INK, 4.6))
        column.entry(MAP["outside"], Swatch("dot", palette.FAR, "white", 3.2))
    if circle and stations.is_metro(data.stations).any():
        column.entry(MAP["metro"], Swatch("dot", "white", INK, 3.2))
    if stations.is_stop(data.stations).any():
        column.entry(MAP["stop"], Swatch("dot", stations.STOP.face, "none", 2.0))
    if data.counties["prefecture"].ne("").any():
        add("prefecture")
    if inner and len(data.counties):
        add("county")
    if proposed_of(data, change) is not None:
        add("proposed")
    if data.roads is not None and len(data.roads):
        add("road")
    _add_rails(column, data)


def _add_rails(column: Column, data: MapData) -> None:
    """Add the classes of trains a day that the map has."""
    metro = (
        data.legs["metro"].to_numpy(dtype=bool)
        if "metro" in data.legs
        else np.zeros(len(data.legs), dtype=bool)
    )
    if metro.any():
        column.entry(
            MAP["metro_line"], Swatch("line", edge=palette.METRO, width=palette.METRO_WIDTH)
        )
    found = {palette.rail_width(trains) for trains in data.legs["trains"][~metro].unique()}
    if found:
        column.line(MAP["rail"], gap=3.0)
    below = None
    for least, wide in palette.RAIL_CLASSES:
        if below is None:
            text = f"≥ {least}"
        else:
            text = f"{least} – {below - 1}" if least else f"< {below}"
        if wide in found:
            column.entry(Words(text), Swatch("line", edge=palette.RAIL, width=wide), gap=0.5)
        below = least


def _add_bands(column: Column, data: MapData) -> None:
    bands = ordered_bands(data)
    if not len(bands) and data.band_head is None:
        column.paragraph(MAP["no_band"], gap=3.0)
        return
    head = MAP["bands"] if data.city_proper is not None else MAP["bands_all"]
    column.line(with_transit(data, data.band_head or head), gap=1.0)
    if not len(bands):
        column.line(MAP["nowhere"], colour=SOFT)
    counted = False
    for colour, (_, band) in zip(palette.band_colours(len(bands)), bands.iterrows(), strict=True):
        right = _numbers(band.get("people"), band.get("area_km2"), column.lang)
        counted |= bool(right)
        text = (
            Words(band["zh"], band["en"])
            if "zh" in bands
            else fill(MAP["within"], int(band["cutoff_min"]))
        )
        column.entry(text, Swatch("patch", colour, palette.SWATCH_EDGE), right=right)
    if counted:
        column.line(
            data.band_note or MAP["cumulative"],
            size=max(6.0, column.size - 0.8),
            colour=SOFT,
            gap=2.0,
        )
    if data.worse is not None and not data.worse.geometry.is_empty:
        right = _numbers(data.worse.people, data.worse.area_km2, column.lang)
        column.entry(data.worse.words, Swatch("patch", LOST, "white", 0, LOST_HATCH), right=right)
    for area, swatch in (
        (data.trains, Swatch("patch", "none", palette.TRAINS, 0.4, palette.TRAINS_HATCH)),
        (data.no_ride, Swatch("patch", "none", palette.NO_RIDE, 1.0, dash=palette.NO_RIDE_DASH)),
    ):
        if area is not None and not area.geometry.is_empty:
            column.entry(
                area.words, swatch, right=_numbers(area.people, area.area_km2, column.lang)
            )
    _add_outlines(column, data)


def outline_styles(data: MapData) -> list[tuple[str, Any]]:
    """Return colour and dash of each outline; more than `OUTLINES` share one style."""
    n = len(data.outlines)
    return [OUTLINES[0]] * n if n > len(OUTLINES) else list(OUTLINES[:n])


def _add_outlines(column: Column, data: MapData) -> None:
    if len(data.outlines) > len(OUTLINES):
        column.entry(MAP["outlines"], Swatch("line", edge=OUTLINES[0][0], width=1.3))
        return
    for outline, (colour, dash) in zip(data.outlines, outline_styles(data), strict=True):
        right = _numbers(outline.people, outline.area_km2, column.lang)
        column.entry(outline.words, Swatch("line", edge=colour, width=1.3, dash=dash), right=right)


def _add_change(column: Column, data: MapData, change: ChangeLayer) -> None:
    for side, swatch in (
        (change.gained, Swatch("patch", GAINED, "white", 0, GAINED_HATCH)),
        (change.lost, Swatch("patch", LOST, "white", 0, LOST_HATCH)),
        (change.after, Swatch("patch", UNCHANGED, palette.SWATCH_EDGE)),
        (change.before, Swatch("line", width=0.9, dash=(0, (3, 1.5)))),
    ):
        right = _numbers(side.people, side.area_km2, column.lang)
        column.entry(with_transit(data, side.words), swatch, right=right)


def _numbers(people: float | None, area: float | None, lang: str) -> list[str]:
    """Return people and area as printed at the right of a legend entry."""
    found = [
        figure(float(value))
        for value, figure in ((people, words.people), (area, words.area))
        if value is not None
    ]
    return say(joined(found, " · ", " · "), "en" if lang == "en" else "zh")
