"""The style of each written layer: the maps' colours, a rule for every value in the layer.

Layers hold several readings and cutoffs on top of each other. Each is a rule of its own that QGIS
shows in the legend; ticked are those of the headline alone, so that a layer looks right at once and
the others are a click away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from railshed.export.field_meanings import base_name
from railshed.export.symbology import Condition, FieldLabel, Style, StyleRule, Symbol
from railshed.maps import palette
from railshed.util.bilingual import EMPTY, Language, Words, say
from railshed.util.phrases import phrase

if TYPE_CHECKING:
    import geopandas as gpd

_Rules = Callable[[Any], Sequence[StyleRule]]
#: of polygons: a background map shines through
_OPACITY = 0.85


@dataclass(frozen=True, slots=True)
class FileDescription:
    """Title and definition of a file, and which reading and cutoff it shows first."""

    title: str = ""
    definition: tuple[str, ...] = ()
    definition_hash: str = ""
    #: headline reading, its cutoffs, and the one of the headline
    reading: str = ""
    cutoffs: tuple[int, ...] = ()
    cutoff_min: int = 60
    #: what readings are called, in Chinese and English
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: edge of the cells; 0: not known
    cell_m: int = 0
    #: as a map's sheet has them: title, headline figures, date of the timetable, definition,
    #: credits, and whether maps of the land need an approval number
    heading: Words = EMPTY
    figures: Words = EMPTY
    date: str = ""
    premises: tuple[Words, ...] = ()
    sources: tuple[Words, ...] = ()
    approval: bool = False
    #: of a workbook's heads
    lang: Language = "en"

    def reading_label(self, name: str) -> str:
        """Return the Chinese and English name of a reading."""
        return " ".join(dict.fromkeys(self.names.get(name, (name,))))


def style_of(layer: str, frame: gpd.GeoDataFrame, about: FileDescription) -> Style | None:
    """Return the style of a layer, None if it has none."""
    make = _STYLES.get(layer) or _STYLES.get(base_name(layer))
    if make is None or not len(frame):
        return None
    style = make(frame, about)
    return style if style is not None and any(style.symbols()) else None


def _values(frame: gpd.GeoDataFrame, column: str) -> list[Any]:
    """Return the values of a column, each once, as plain values in the order of the rows."""
    return list(dict.fromkeys(frame[column].tolist()))


def _within(cutoff: int) -> str:
    return f"{cutoff} 分钟内 within {cutoff} min"


def _band_symbols(n: int, kind: str = "fill", ground_m: float = 0.0) -> list[Symbol]:
    """Return the symbols of `n` bands, nearest first."""
    if kind == "fill":
        return [
            Symbol("fill", colour, palette.BAND_EDGE, 0.12) for colour in palette.band_colours(n)
        ]
    return [
        Symbol("marker", colour, shape="square", size_mm=1.0, ground_m=ground_m)
        for colour in palette.band_colours(n)
    ]


def _groups(
    frame: gpd.GeoDataFrame, column: str, names: Mapping[Any, str], shown: Any, rules: _Rules
) -> tuple[StyleRule, ...]:
    """Return a group of rules for each value of a column, by its name."""
    return tuple(
        StyleRule(
            name,
            ((column, "=", value),),
            shown=value == shown,
            rules=tuple(rules(frame[frame[column] == value])),
        )
        for value, name in names.items()
    )


def _by_reading(
    frame: gpd.GeoDataFrame, about: FileDescription, rules: _Rules
) -> tuple[StyleRule, ...]:
    """Return a group of rules for each reading of the frame; shown is the headline's, or else the
    first.
    """
    names = {name: about.reading_label(name) for name in _values(frame, "reading")}
    return _groups(
        frame,
        "reading",
        names,
        about.reading if about.reading in names else next(iter(names)),
        rules,
    )


def _by_cutoff(
    frame: gpd.GeoDataFrame, about: FileDescription, rules: _Rules
) -> tuple[StyleRule, ...]:
    """Return a group of rules for each cutoff of the frame; shown is the headline's."""
    names = {cutoff: _within(cutoff) for cutoff in sorted(_values(frame, "cutoff_min"))}
    return _groups(
        frame,
        "cutoff_min",
        names,
        about.cutoff_min if about.cutoff_min in names else max(names),
        rules,
    )


def _bands(
    frame: gpd.GeoDataFrame, column: str, label: Callable[[Any], str]
) -> tuple[StyleRule, ...]:
    """Return a rule for each value of a column, in the colours of bands, the largest first and
    darkest.
    """
    levels = sorted(_values(frame, column), reverse=True)
    return tuple(
        StyleRule(label(level), ((column, "=", level),), symbol)
        for level, symbol in zip(levels, _band_symbols(len(levels)), strict=True)
    )


def _known(
    frame: gpd.GeoDataFrame,
    column: str,
    looks: Mapping[Any, tuple[str, Symbol]],
    hidden: Sequence[Any] = (),
) -> list[StyleRule]:
    """Return a rule for each value of a column that has a look, in the order of the looks; `hidden`
    are not ticked.
    """
    there = set(frame[column])
    return [
        StyleRule(text, ((column, "=", value),), symbol, value not in hidden)
        for value, (text, symbol) in looks.items()
        if value in there
    ]


def _steps_down(
    column: str, steps: Sequence[float], label: Callable[[Any], str], symbols: Sequence[Symbol]
) -> tuple[StyleRule, ...]:
    """Return a rule for what lies from each step up to the one before it; zero itself is
    in none.
    """
    below: list[tuple[Condition, ...]] = [(), *(((column, "<", step),) for step in steps)]
    return tuple(
        StyleRule(label(least), ((column, ">=" if least else ">", least), *under), symbol)
        for least, symbol, under in zip(steps, symbols, below, strict=False)
    )


def _levels(column: str, label: Callable[[Any], str]) -> Callable[[Any, FileDescription], Style]:
    """Return what makes a style of bands by the least value of a column, most first."""
    return lambda frame, about: Style(_bands(frame, column, label), opacity=_OPACITY)


def _polygons(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """By rail as bands by cutoff, nearest darkest; by rail or without a ride as outlines, not
    ticked.
    """

    def rules(mine: gpd.GeoDataFrame) -> list[StyleRule]:
        cutoffs = sorted(_values(mine, "cutoff_min"))
        kinds = _values(mine, "kind")
        outline = Symbol("fill", "", palette.SWATCH_EDGE, 0.3, dashed=True)
        looks = {
            "by_rail": ("轨道交通可达 by rail: ", _band_symbols(len(cutoffs))),
            "total": ("轨道交通或本地可达 by rail or locally: ", [outline] * len(cutoffs)),
        }
        return [
            StyleRule(
                text + _within(c),
                (("kind", "=", kind), ("cutoff_min", "=", c)),
                symbol,
                kind == "by_rail",
            )
            for kind, (text, symbols) in looks.items()
            if kind in kinds
            for c, symbol in zip(cutoffs, symbols, strict=True)
        ]

    return Style(_by_reading(frame, about, rules), opacity=_OPACITY)


def _state_symbols() -> dict[str, tuple[str, Symbol]]:
    """Return label and symbol by the state of a layer or a feature, in the maps' colours."""
    unchanged = Symbol("fill", palette.UNCHANGED, palette.SWATCH_EDGE, 0.15)
    gained, lost = (
        Symbol("fill", c, "#ffffff", 0.1, hatch=h)
        for c, h in ((palette.GAINED, "f_diagonal"), (palette.LOST, "diagonal_x"))
    )
    outline = Symbol("fill", "", palette.INK, 0.3, dashed=True)
    return {
        "gained": ("新增 gained", gained),
        "lost": ("减少 lost", lost),
        "unchanged": ("不变 unchanged", unchanged),
        "after": ("规划方案 with the scenario", unchanged),
        "before": ("现状 baseline", outline),
        "rail_only": ("仅轨道交通可达 by rail only", gained),
        "car_only": ("仅小汽车可达 by car only", lost),
        "both": ("轨道交通与小汽车均可达 by both", unchanged),
        "not_compared": (
            "未比较 not compared",
            Symbol("fill", "#ffffff", palette.SWATCH_EDGE, 0.15, hatch="f_diagonal"),
        ),
        "rail": ("轨道交通可达 by rail", Symbol("fill", "", palette.BY_RAIL, 0.45)),
        "car": ("小汽车可达 by car", outline),
        "hit": ("命中 hit", unchanged),
        "false_alarm": ("误报 false alarm", gained),
        "miss": ("漏报 miss", lost),
    }


#: states that hold others: not ticked, where the others are
_ALL_OF = ("rail", "car")


def _states(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """By reading, traffic where there is one, cutoff and state; of cutoffs the headline's
    is shown.
    """
    looks = _state_symbols()

    def by_cutoff(mine: gpd.GeoDataFrame) -> tuple[StyleRule, ...]:
        return _by_cutoff(mine, about, lambda own: _known(own, "state", looks, hidden=_ALL_OF))

    def rules(mine: gpd.GeoDataFrame) -> tuple[StyleRule, ...]:
        if "traffic" not in mine.columns:
            return by_cutoff(mine)
        return _groups(
            mine, "traffic", {t: str(t) for t in _values(mine, "traffic")}, "peak", by_cutoff
        )

    return Style(_by_reading(frame, about, rules), opacity=_OPACITY)


def _cells(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Squares by minutes by rail, in the bands' colours; cells that rail does not reach are not
    drawn.
    """
    cutoffs = sorted(about.cutoffs) or [about.cutoff_min]
    symbols = _band_symbols(len(cutoffs), "marker", about.cell_m)
    above: list[tuple[Condition, ...]] = [
        (),
        *((("minutes_by_rail", ">", cutoff),) for cutoff in cutoffs),
    ]
    return Style(
        tuple(
            StyleRule(_within(cutoff), (*over, ("minutes_by_rail", "<=", cutoff)), symbol)
            for cutoff, symbol, over in zip(cutoffs, symbols, above, strict=False)
        )
    )


def _saved(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Squares by minutes saved, the most darkest; slower in the colour of lost cells.

    Where there are no minutes before (after) within the study area, more than any step is saved
    (lost).
    """
    name = "minutes_saved"
    symbols = _band_symbols(len(palette.SAVED_STEPS_MIN), "marker", about.cell_m)
    rules = _steps_down(
        name,
        palette.SAVED_STEPS_MIN,
        lambda least: f"节省 {least} 分钟及以上 {least} min or more saved",
        symbols,
    )
    slower = Symbol("marker", palette.LOST, shape="square", size_mm=1.0, ground_m=about.cell_m)
    gone, come = (
        ((name, "is null", None), (f"inside_{side}", "=", True)) for side in ("before", "after")
    )
    return Style(
        (
            StyleRule("此前远超时限 far beyond before", come, rules[0].symbol),
            *rules,
            StyleRule("慢 1 分钟及以上 slower by 1 min or more", ((name, "<=", -1),), slower),
            StyleRule("方案中远超时限 far beyond after", gone, slower),
        )
    )


def _probability(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Bands by the least share of draws, the surest darkest; shown is by rail, of a forecast the
    largest cutoff.
    """
    key, head = ("kind", "by_rail") if "kind" in frame else ("cutoff_min", about.cutoff_min)
    labels = {"by_rail": "轨道交通可达 by rail", "total": "轨道交通或本地可达 by rail or locally"}
    names = {value: labels.get(value, f"{value} 分钟 min") for value in _values(frame, key)}
    bands = lambda mine: _bands(mine, "probability", lambda level: f"≥ {level:.0%}")  # noqa: E731
    return Style(
        _groups(frame, key, names, head if head in names else next(iter(names)), bands),
        opacity=_OPACITY,
    )


def _circles(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """The outline of each city's circle in the colours of the map; more cities than colours share
    one.
    """
    cities = _values(frame, "city")
    colours = [colour for colour, _ in palette.OUTLINES]
    colours = colours if len(cities) <= len(colours) else colours[:1] * len(cities)
    return Style(
        tuple(
            StyleRule(city, (("city", "=", city),), Symbol("fill", "", colour, 0.45))
            for city, colour in zip(cities, colours, strict=False)
        )
    )


def _probability_cells(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Squares by the share of draws within the cutoff by rail, of a forecast the largest one."""
    symbols = _band_symbols(4, "marker", about.cell_m)
    label = lambda least: f"≥ {least:.0%}" if least else "> 0%"  # noqa: E731
    ends = "_by_rail", f"_{about.cutoff_min}"
    column = next(c for c in frame if c.startswith("probability_") and c.endswith(ends))
    return Style(_steps_down(column, (0.9, 0.5, 0.1, 0.0), label, symbols))


def _station_symbols() -> dict[str, Symbol]:
    """Return the symbols of the maps' stations, in mm."""
    from railshed.maps import stations

    def symbol(kind: stations.Kind) -> Symbol:
        face, edge = (
            {"white": "#ffffff", "none": ""}.get(colour, colour)
            for colour in (kind.face, kind.edge)
        )
        width = round(kind.edge_width * _PT_MM, 2)
        size = round(2 * kind.radius * _PT_MM, 2)
        return Symbol(
            "marker",
            face,
            edge,
            width,
            shape="square" if kind.marker == "s" else "circle",
            size_mm=size,
        )

    names = ("core", "core_metro", "inside", "metro", "outside")
    return {name: symbol(getattr(stations, name.upper())) for name in names}


#: a point of paper in mm
_PT_MM = 25.4 / 72


def _stations(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Core stations, stations inside, others; those of metros smaller; names and minutes as labels.

    Those of a comparison by what changes.
    """
    if "change" in frame.columns:
        return _changed_stations(frame, about)
    symbols = _station_symbols()
    core: Condition = ("is_core", "=", True)
    others: tuple[Condition, ...] = (("is_core", "=", False),)
    inside, outside = ((*others, ("inside", "=", here)) for here in (True, False))
    metro: Condition = ("station_class", "=", "metro")
    rail: Condition = ("station_class", "<>", "metro")
    rules = (
        StyleRule("到达客站 core station", (core, rail), symbols["core"]),
        StyleRule("中心城区轨道站 core station of a metro", (core, metro), symbols["core_metro"]),
        StyleRule("圈内车站 station inside", (*inside, rail), symbols["inside"]),
        StyleRule("圈内轨道站 station inside, of a metro", (*inside, metro), symbols["metro"]),
        StyleRule("圈外车站 station outside", outside, symbols["outside"]),
    )
    minutes = "coalesce(' ' || to_string(ceil(\"minutes\")), '')"
    text = f'CASE WHEN "is_core" THEN "name" WHEN "inside" THEN "name" || {minutes} END'
    return Style(rules, FieldLabel(text, palette.INK))


def _changed_stations(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Stations whose minutes or trips differ, by reading, cutoff and what changes; labels are
    minutes before, after.
    """
    looks = {
        "gained": (
            "新增车站 gained",
            Symbol("marker", palette.GAINED, palette.INK, 0.2, size_mm=2.6),
        ),
        "lost": ("减少车站 lost", Symbol("marker", palette.LOST, palette.INK, 0.2, size_mm=2.6)),
        "": ("分钟或班次有变化 minutes or trips differ", _station_symbols()["inside"]),
    }

    before, after = (
        f"coalesce(to_string(ceil(\"minutes_{state}\")), '-')" for state in ("before", "after")
    )
    text = f"\"name\" || ' ' || {before} || ' → ' || {after}"
    rules = _by_reading(
        frame, about, lambda mine: _by_cutoff(mine, about, lambda own: _known(own, "change", looks))
    )
    return Style(rules, FieldLabel(text, palette.INK))


def _counties(frame: gpd.GeoDataFrame, about: FileDescription) -> Style | None:
    """Outlines by status within the headline cutoff, in a comparison by what comes in or drops out;
    no fill.

    Labels are names, with the per cent of people by rail within the cutoff, where there are any.
    """
    status = f"status_{about.cutoff_min}"
    share = f"share_by_rail_{about.cutoff_min}"
    if status in frame.columns:
        looks = {
            "inside": (
                "区县：至少半数人口在内 county, half of the people inside",
                _edge(palette.COUNTY_TEXT, 0.45),
            ),
            "touched": ("区县：部分在内 county, touched", _edge(palette.COUNTY_TEXT, 0.2)),
            "outside": ("区县：不在内 county, outside", _edge(palette.COUNTY_LINE, 0.15)),
            "no data": ("区县：人口未知 county, no data", _edge(palette.SWATCH_EDGE, 0.15)),
        }
        rules = _known(frame, status, looks)
        part = (
            f'CASE WHEN "{share}" > 0 THEN \'\\n\' || to_string(ceil(100 * "{share}")) || '
            "'%' ELSE '' END"
        )
        return Style(tuple(rules), FieldLabel(f'"county" || {part}', palette.COUNTY_TEXT, 7.0))
    if "status_before" not in frame.columns:
        return None
    inside, out = (
        tuple((f"status_{s}", sign, "inside") for s in ("before", "after")) for sign in ("=", "<>")
    )
    changes = [
        StyleRule("区县新增 county gained", (out[0], inside[1]), _edge(palette.GAINED, 0.7)),
        StyleRule("区县减少 county lost", (inside[0], out[1]), _edge(palette.LOST, 0.7)),
        StyleRule("区县在内 inside both", inside, _edge(palette.COUNTY_TEXT, 0.45)),
        StyleRule("区县不在内 not inside", out, _edge(palette.COUNTY_LINE, 0.15)),
    ]
    rules_of = _by_reading(frame, about, lambda mine: _by_cutoff(mine, about, lambda _: changes))
    return Style(rules_of, FieldLabel('"county"', palette.COUNTY_TEXT, 7.0))


def _county_minutes(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Classes of minutes, of the first column of opportunities where there are several; no fill
    beyond the last.
    """
    column = next(name for name in frame.columns if name == "minutes" or name.endswith("_nearest"))
    symbols = _band_symbols(len(palette.COUNTY_STEPS_MIN))
    rules = [
        StyleRule(
            f"{low} - {most} 分钟 min",
            ((column, "<=", most), (column, ">" if low else ">=", low)),
            symbol,
        )
        for low, most, symbol in zip(
            (0, *palette.COUNTY_STEPS_MIN), palette.COUNTY_STEPS_MIN, symbols, strict=False
        )
    ]
    beyond = StyleRule(
        "更远或不可达 beyond", ((column, "is null", None),), _edge(palette.COUNTY_LINE, 0.15)
    )
    return Style(
        (*rules, beyond), FieldLabel('"county"', palette.COUNTY_TEXT, 7.0), opacity=_OPACITY
    )


def _remedies(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """A colour for what the least change is about, in the order in which changes are tried."""
    kinds = [kind for kind in palette.BOUND_BY if kind in set(frame["binds"])]
    texts = [" ".join(say(phrase(f"binds_{kind}"), "both")) for kind in kinds]
    rules = [
        StyleRule(text, (("binds", "=", kind),), symbol)
        for text, kind, symbol in zip(texts, kinds, _band_symbols(len(kinds)), strict=True)
    ]
    none = StyleRule(
        "无单项改变 no single change",
        (("binds", "is null", None),),
        _edge(palette.COUNTY_TEXT, 0.3),
    )
    return Style((*rules, none), FieldLabel('"county"', palette.COUNTY_TEXT, 7.0), opacity=_OPACITY)


def _edge(colour: str, width_mm: float) -> Symbol:
    return Symbol("fill", "", colour, width_mm)


def _lines(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    name = "name" if "name" in frame.columns else frame.columns[0]
    rule = StyleRule(
        "规划线路 proposed line", (), Symbol("line", "", palette.PROPOSED, 0.9, dashed=True)
    )
    return Style((rule,), FieldLabel(f'"{name}"', palette.PROPOSED))


def _railways(frame: gpd.GeoDataFrame, about: FileDescription) -> Style:
    """Lines as wide as on the maps by trains a day, both ways."""
    steps, widths = zip(*palette.RAIL_CLASSES, strict=True)
    symbols = [Symbol("line", "", palette.RAIL, round(width * _PT_MM, 2)) for width in widths]
    texts = {n: f"铁路：每日 {n} 列以上 railway: {n} trains a day or more" for n in steps} | {
        0: "铁路：其余 other railway"
    }
    return Style(_steps_down("trains", steps, texts.__getitem__, symbols))


def _one_symbol(
    text: str, symbol: Symbol, name: str = "", colour: str = palette.INK, size_pt: float = 8.0
) -> Any:
    """Return what makes a style of one symbol, labelled with a field unless that is empty."""
    label = FieldLabel(f'"{name}"', colour, size_pt) if name else None
    return lambda frame, about: Style((StyleRule(text, (), symbol),), label)


_STYLES: Mapping[str, Callable[[Any, FileDescription], Style | None]] = {
    "polygons": _polygons,
    "cells": _cells,
    "stations": _stations,
    "counties": _counties,
    **dict.fromkeys(
        ("before", "after", "gained", "lost", "unchanged", "changes", "car", "backtest"), _states
    ),
    "county_minutes": _county_minutes,
    "county_access": _county_minutes,
    "remedies": _remedies,
    "minutes_saved": _saved,
    "inclusion": _probability,
    "inclusion_cells": _probability_cells,
    "forecast": _probability,
    **dict.fromkeys(("forecast_cells", "forecast_stations"), _probability_cells),
    "line": _lines,
    "links": _lines,
    "circles": _circles,
    "railways": _railways,
    "share": _levels(
        "share_from", lambda level: f"≥ {level:.0%}" if level else "任一分钟 any minute"
    ),
    "overlap": _levels("cities_from", lambda count: f"{count} 市及以上 {count} cities or more"),
    "towns": _one_symbol(
        "城镇 town",
        Symbol("marker", palette.TOWN_TEXT, "#ffffff", 0.15, size_mm=1.8),
        "name",
        palette.TOWN_TEXT,
    ),
    "boundaries": _one_symbol(
        "地级界线 prefecture",
        Symbol("fill", "", palette.PREFECTURE_LINE, 0.35, dashed=True),
        "prefecture",
        palette.PREFECTURE_TEXT,
        11.0,
    ),
    "city_proper": _one_symbol(
        "中心城区（不计入） city proper, counted apart", Symbol("fill", "", palette.INK, 0.6)
    ),
    "terminals": _one_symbol("客站 terminal", Symbol("marker", "", palette.INK, 0.35, size_mm=3.6)),
    "centres": _one_symbol(
        "就业中心 employment centre",
        Symbol("marker", palette.PROPOSED, "#ffffff", 0.2, shape="star", size_mm=3.2),
        "name",
        palette.PROPOSED,
    ),
}
