"""The legend of a city map: bands or changes with their figures, stations, borders, railways."""

from __future__ import annotations

from typing import Any

from railshed.maps import palette, stations, words
from railshed.maps.data import ChangeLayer, MapData
from railshed.maps.layers import LAYERS
from railshed.maps.page import SheetRow, Swatch, entry, one_line, paragraph
from railshed.maps.palette import BY_RAIL, GAINED, GAINED_HATCH, INK, LOST, LOST_HATCH, OUTLINES, SOFT, UNCHANGED
from railshed.util import bilingual
from railshed.util.bilingual import Words


def proposed_of(data: MapData, change: ChangeLayer | None) -> Any:
    """Return the lines drawn bold, None for none."""
    return data.proposed if change is None else change.proposed


def with_transit(data: MapData, text: Words) -> Words:
    """Return the words, with public transport for rail where buses are among the lines."""
    return text if data.roads is None else words.transit(text)


def ordered_bands(data: MapData) -> Any:
    """Return the bands, nearest first."""
    return data.bands.sort_values("cutoff_min", kind="stable").reset_index(drop=True)


def legend_rows(data: MapData, change: ChangeLayer | None, lang: str, size: float, width: float) -> list[SheetRow]:
    """Return the rows of a circle's legend, or of a comparison's."""
    rows = _band_rows(data, lang, size, width) if change is None else _change_rows(data, change, lang, size, width)
    return rows + map_rows(data, change, lang, size, width)


def map_rows(
    data: MapData, change: ChangeLayer | None, lang: str, size: float, width: float, *, circle: bool = True,
    inner: bool = True,
) -> list[SheetRow]:  # fmt: skip
    """Return the rows of all layers but bands and changes; without `circle` stations have rows of their own.

    Without `inner` no county borders are drawn.
    """
    rows: list[SheetRow] = []

    def add(text: Words, swatch: Swatch) -> None:
        rows.extend(entry(text, lang, swatch, size, width))

    def add_layer(key: str) -> None:
        layer = LAYERS[key]
        kind = "line" if layer.face == "none" else "patch"
        assert layer.words is not None
        add(layer.words, Swatch(kind, layer.face, layer.edge, layer.legend_width or layer.width, dash=layer.dash))

    if data.city_proper is not None:
        add_layer("proper")
    add(words.CORE, Swatch("square", INK, "white", 6.0))
    if circle:
        add(words.INSIDE, Swatch("dot", "white", INK, 4.6))
        add(words.OUTSIDE, Swatch("dot", palette.FAR, "white", 3.2))
    if circle and stations.is_metro(data.stations).any():
        add(words.METRO, Swatch("dot", "white", INK, 3.2))
    if stations.is_stop(data.stations).any():
        add(words.STOP, Swatch("dot", stations.STOP.face, "none", 2.0))
    if data.counties["prefecture"].ne("").any():
        add_layer("prefecture")
    if inner and len(data.counties):
        add_layer("county")
    if proposed_of(data, change) is not None:
        add_layer("proposed")
    if data.roads is not None and len(data.roads):
        add_layer("road")
    return rows + _rail_rows(data, lang, size, width)


def _rail_rows(data: MapData, lang: str, size: float, width: float) -> list[SheetRow]:
    """Return the classes of trains a day that the map has."""
    found = {palette.rail_width(trains) for trains in data.legs["trains"].unique()}
    rows = one_line(words.RAIL, lang, size, width, gap=3.0) if found else []
    below = None
    for least, wide in palette.RAIL_CLASSES:
        text = f"≥ {least}" if below is None else f"{least} – {below - 1}" if least else f"< {below}"
        if wide in found:
            rows += entry(Words(text), "zh", Swatch("line", edge=palette.RAIL, width=wide), size, width, gap=0.5)
        below = least
    return rows


def _band_rows(data: MapData, lang: str, size: float, width: float) -> list[SheetRow]:
    bands = ordered_bands(data)
    if not len(bands) and data.band_head is None:
        return paragraph(words.NO_BAND, lang, size, width, gap=3.0)
    rows = one_line(data.band_head or with_transit(data, words.EITHER), lang, size, width, gap=1.0)
    rows += [] if len(bands) else one_line(words.NOWHERE, lang, size, width, colour=SOFT)
    counted = False
    for colour, (_, band) in zip(palette.band_colours(len(bands)), bands.iterrows(), strict=True):
        right = _numbers(band.get("people"), band.get("area_km2"), lang)
        counted |= bool(right)
        text = Words(band["zh"], band["en"]) if "zh" in bands else bilingual.fill(words.WITHIN, int(band["cutoff_min"]))
        rows += entry(text, lang, Swatch("patch", colour, palette.SWATCH_EDGE), size, width, right=right)
    if counted:
        note = data.band_note or (words.CUMULATIVE if data.city_proper is not None else words.CUMULATIVE_ALL)
        rows += one_line(note, lang, max(6.0, size - 0.8), width, colour=SOFT)
    if data.worse is not None and not data.worse.geometry.is_empty:
        right = _numbers(data.worse.people, data.worse.area_km2, lang)
        rows += entry(data.worse.words, lang, Swatch("patch", LOST, "white", 0, LOST_HATCH), size, width, right=right)
    rows += _outline_rows(data, lang, size, width)
    if data.by_rail is not None:
        text = with_transit(data, bilingual.fill(words.BY_RAIL, data.cutoff_min))
        rows += entry(text, lang, Swatch("patch", "none", BY_RAIL, 1.3), size, width)
    return rows


def outline_styles(data: MapData) -> list[tuple[str, Any]]:
    """Return colour and dash of each outline; more than `OUTLINES` share one style."""
    n = len(data.outlines)
    return [OUTLINES[0]] * n if n > len(OUTLINES) else list(OUTLINES[:n])


def _outline_rows(data: MapData, lang: str, size: float, width: float) -> list[SheetRow]:
    if len(data.outlines) > len(OUTLINES):
        return entry(words.OUTLINES, lang, Swatch("line", edge=OUTLINES[0][0], width=1.3), size, width)
    rows = []
    for outline, (colour, dash) in zip(data.outlines, outline_styles(data), strict=True):
        right = _numbers(outline.people, outline.area_km2, lang)
        swatch = Swatch("line", edge=colour, width=1.3, dash=dash)
        rows += entry(outline.words, lang, swatch, size, width, right=right)
    return rows


def _change_rows(data: MapData, change: ChangeLayer, lang: str, size: float, width: float) -> list[SheetRow]:
    rows: list[SheetRow] = []
    terms = change.terms or words.SCENARIO_TERMS
    for text, people, area, swatch in (
        (
            terms.gained,
            change.people_gained,
            change.area_gained_km2,
            Swatch("patch", GAINED, "white", 0, GAINED_HATCH),
        ),
        (terms.lost, change.people_lost, change.area_lost_km2, Swatch("patch", LOST, "white", 0, LOST_HATCH)),
        (terms.after, change.people_after, change.area_after_km2, Swatch("patch", UNCHANGED, palette.SWATCH_EDGE)),
        (
            terms.before,
            change.people_before,
            change.area_before_km2,
            Swatch("line", width=0.9, dash=(0, (3, 1.5))),
        ),
    ):
        rows += entry(with_transit(data, text), lang, swatch, size, width, right=_numbers(people, area, lang))
    return rows


def _numbers(people: float | None, area: float | None, lang: str) -> list[str]:
    """Return people and area as printed at the right of a legend entry."""
    pick = "en" if lang == "en" else "zh"
    found = [words.people(float(people))] if people is not None else []
    found += [words.area(float(area))] if area is not None else []
    return [bilingual.say(text, pick)[0] for text in found]
