"""From the measures of an agglomeration to maps of its counties: minutes to what is reached, and
least changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from railshed.circles.overlap import OverlapResult
from railshed.maps import palette
from railshed.maps.data import Area, Headline, MapData, estimated
from railshed.maps.from_network import middle_of, network_map
from railshed.questions.indicators.places import OpportunityAccess
from railshed.questions.indicators.regions import CUTOFFS, RegionIndicators
from railshed.util.bilingual import Words
from railshed.util.phrases import phrase
from railshed.util.sums import plain_sum

#: a class of counties: its name, and rows of a table of counties
_Class = tuple[Words, Sequence[Mapping[str, Any]]]


def region_map(found: RegionIndicators) -> MapData:
    """Return the map of an agglomeration's counties by the minutes within which half of their
    people are.
    """
    name = found.region.words
    headlines = [
        Headline(
            phrase("map_reach_core", n=row["cutoff_min"]),
            estimated(round(row["integration"] * found.total)),
        )
        for row in found.table
    ]
    return _county_map(
        found.circles,
        found.counties,
        _by_minutes(found.county_table, "minutes"),
        name,
        title=phrase("region_map_title", name=name),
        band_head=phrase("region_map_head"),
        headlines=tuple(headlines),
        definition=(*found.circles.definition, phrase("region_counted")),
    )


def access_map(found: OpportunityAccess, circles: OverlapResult) -> MapData:
    """Return the map of counties by the minutes within which half of their people have the first
    opportunities.
    """
    column = found.columns[0]
    here = found.mine[found.county]
    nearest = found.by_person[column]["nearest"]
    name = found.region.words
    headlines = [
        Headline(
            phrase("map_reach_place", n=cutoff, column=column),
            estimated(round(found.people[near].sum())),
        )
        for cutoff in CUTOFFS
        for near in [here & (nearest <= cutoff)]
    ]
    return _county_map(
        circles,
        found.counties[found.mine],
        _by_minutes(found.county_table, f"{column}_nearest"),
        name,
        title=phrase("access_map_title", name=name, column=column),
        headlines=tuple(headlines),
        band_head=phrase("access_map_head", column=column),
        sources=(Words(f"{column}: {found.source}"),),
        definition=(
            *circles.definition,
            phrase("access_map_goals", n=len(found.places), column=column),
        ),
    )


def _by_minutes(rows: Sequence[Mapping[str, Any]], key: str) -> list[_Class]:
    """Return counties by classes of minutes; each class has those of the classes before."""
    return [
        (
            phrase("class_within", n=most),
            [row for row in rows if row[key] is not None and row[key] <= most],
        )
        for most in palette.COUNTY_STEPS_MIN
    ]


def remedy_map(
    circles: OverlapResult, rows: Sequence[Mapping[str, Any]], counties: Any, name: Words
) -> MapData:
    """Return the map of the counties outside, `rows` of `why_counties`, by what the least change is
    about.
    """
    classes: list[_Class] = [
        (
            phrase(f"binds_{kind}") if kind else phrase("binds_nothing"),
            [row for row in rows if row["binds"] == kind],
        )
        for kind in (*palette.BOUND_BY, None)
    ]
    helped = plain_sum(row["people"] or 0 for row in rows if row["binds"])
    left = plain_sum(row["people"] or 0 for row in rows if not row["binds"])
    return _county_map(
        circles,
        counties,
        classes,
        name,
        title=phrase("remedy_map_title", name=name, cutoff=circles.cutoff_min),
        band_head=phrase("binds_title"),
        band_note=phrase("remedy_map_note"),
        definition=circles.definition,
        headlines=(
            Headline(phrase("map_helped"), estimated(helped)),
            Headline(phrase("binds_nothing"), estimated(left)),
        ),
    )


def _county_map(
    circles: OverlapResult, counties: Any, classes: Sequence[_Class], name: Words, **more: Any
) -> MapData:
    """Return the map of classes of counties, drawn one over the other, within the outline
    of all.
    """
    import geopandas as gpd

    shapes = dict(zip(counties["county_code"], counties.geometry, strict=True))
    shown = [(words, rows) for words, rows in classes if rows]
    bands = gpd.GeoDataFrame(
        {
            "cutoff_min": range(len(shown)),
            "people": [plain_sum(row["people"] or 0 for row in rows) for _, rows in shown],
            "zh": [words.zh for words, _ in shown],
            "en": [words.en for words, _ in shown],
        },
        geometry=[
            gpd.GeoSeries([shapes[row["county_code"]] for row in rows]).union_all()
            for _, rows in shown
        ],
        crs=counties.crs,
    )
    whole = counties.union_all()
    reading = circles.reading
    network = circles.network
    stations = circles.stations.assign(inside=circles.stations["minutes"] <= CUTOFFS[0])
    return network_map(
        circles.counts,
        stations,
        city=Words(circles.name, circles.name_en),
        bands=bands,
        cutoff_min=CUTOFFS[0],
        centre=middle_of([network.anchor(city) for city in circles.cities]),
        date=str(network.date),
        subtitle=Words(reading.label_zh, reading.label),
        **({"band_note": phrase("minutes_note")} | more),
        outlines=(Area(name, whole, float(counties["population"].sum())),),
        extent=whole,
    )
