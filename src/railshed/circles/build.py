"""The circles of cities on land that they share: surfaces, bridge, corners and tables put
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from railshed.assumptions.readings import HEADLINE, Reading
from railshed.cells.cell_keys import cell_keys
from railshed.cells.population import NOWHERE
from railshed.circles.analysis import (
    HEADLINE_CUTOFF_MIN,
    HEADLINE_CUTOFFS,
    AnalysisInputs,
    cutoffs_of,
    defined_reading,
    definition_of,
    headline_of,
    headlines_of,
    limit_of,
    shown_reading,
)
from railshed.circles.bridge import build_bridge, headline_corners, press_of
from railshed.circles.cell_counts import CellCounts
from railshed.circles.city_model import CityModel
from railshed.circles.common_cells import CommonCells
from railshed.circles.definitions import describe_reading, describe_waits
from railshed.circles.doubts import judge_left_out, left_out_rows
from railshed.circles.observed import observed_rows, people_in
from railshed.circles.places import reach_row, reach_table
from railshed.circles.remarks import (
    empty_window_rows,
    lines_of,
    nearest_stations,
    quiet_mode_rows,
    street_summary,
)
from railshed.circles.result import CircleResult
from railshed.circles.study_area import Cells
from railshed.circles.summary import Deferred, ReachTable, ReadingSummary, Summary
from railshed.circles.surface import Surface, directed_surface
from railshed.network.sparse_service import sparse_service_of
from railshed.routing.directions import Direction
from railshed.util.frames import among, located
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, UNREACHED

#: kilometres from the main centre beyond which cities are compared
BEYOND_KM = 30


def circles_of(
    cases: Sequence[CityModel],
    run: AnalysisInputs,
    *,
    reading: str,
    direction: str,
    cutoffs: Sequence[int] | None,
) -> list[CircleResult]:
    """Return the circles of cases that share one land (one city before and after, say).

    Where the reading's journeys end nowhere near a centre of the first case, the circles are those
    door to station.
    """
    headline = defined_reading(run, cases[0], reading)
    by_reading = cutoffs_of(run, cutoffs)
    limit_s = limit_of(by_reading)
    variants = [case_variants(case) for case in cases]
    common = CommonCells(
        [c for v in variants for c in v.values()], direction, limit_s, run.opportunities, cases[0]
    )
    return [
        _circle(v, common, replace(common.counts, case=case), run, headline, by_reading)
        for case, v in zip(cases, variants, strict=True)
    ]


def case_variants(case: CityModel) -> dict[str, CityModel]:
    """Return the case by its access modes, then the other ends of the range: walk alone, and with a
    taxi.
    """
    own = case.assumptions.access_modes
    egress = case.assumptions.egress_modes
    found = {", ".join(own): case}
    with_taxi = [*dict.fromkeys([*own, "drive"])], [*dict.fromkeys([*egress, "drive"])]
    for access_modes, egress_modes in ((["walk"], ["walk"]), with_taxi):
        name = ", ".join(access_modes)
        if name not in found:
            found[name] = case.with_access(access_modes, egress_modes)
    return found


def _circle(
    variants: Mapping[str, CityModel],
    common: CommonCells,
    counts: CellCounts,
    run: AnalysisInputs,
    headline: Reading,
    by_reading: Mapping[str, tuple[int, ...]],
) -> CircleResult:
    case = counts.case
    direction = common.direction
    network = case.compiled.network
    cells = common.cells(case)
    defined = {
        name: r for name, r in run.readings.items() if r.legs != "station" and case.has_goal(r.legs)
    }
    surfaces = {
        name: directed_surface(case, cells, r, direction, cutoffs=by_reading[name])
        for name, r in defined.items()
    }
    shown = shown_reading(run, case, headline.name).name
    surfaces[shown] = _with_others(case, common, surfaces[shown])
    cutoffs = by_reading[headline.name]
    cutoff = headline_of(cutoffs)
    left_out = left_out_rows(
        case, surfaces[shown].reading, direction, headlines_of(by_reading[shown])[-1]
    )
    judge_left_out(left_out, case.city.slug, run.allow_loss)
    centres = _centre_rows(counts, cells, run, direction) if HEADLINE in surfaces else []
    summary = Summary(
        city={"slug": case.city.slug, "name": case.city.name, "name_en": case.city.name_en},
        network=network.network_id,
        date=case.compiled.date.isoformat(),
        reading=headline.name,
        direction=direction,
        headline_cutoff_min=cutoff,
        n_core_stations=len(case.core),
        n_centres=len(case.city.centres),
        city_proper_counties=list(case.city.proper_counties),
        city_proper_source=case.city.proper_source,
        people_label=counts.people_label,
        counted={name: float(values.sum()) for name, values in counts.others.items()},
        counted_elsewhere=dict(counts.elsewhere),
        lines_by_headway=lines_of(case),
        modes_without_service=quiet_mode_rows(case, headline, direction),
        low_service_windows=empty_window_rows(case, headline, direction),
        left_out=left_out,
        sparse_service=sparse_service_of(network.whole, case.city, case.compiled.date),
        bridge=build_bridge(counts, cells, run.readings, direction, cutoff, surfaces.get(HEADLINE)),
        press=press_of(counts, run.readings["station-to-station"], direction, HEADLINE_CUTOFF_MIN),
        find_corners=Deferred(
            partial(
                headline_corners,
                counts,
                variants,
                surfaces[shown],
                common,
                headlines_of(by_reading[shown]),
            )
        ),
        readings={
            name: _reading_summary(counts, run, surface, by_reading[name])
            for name, surface in surfaces.items()
        },
        not_defined=[
            name for name, r in run.readings.items() if r.legs != "station" and name not in defined
        ],
        centres=centres,
        beyond=_beyond(counts, surfaces[HEADLINE], centres) if centres else None,
        within_city=_within_city(counts, surfaces[shown]),
        observed=observed_rows(counts, surfaces[shown]),
        outside_boundaries_km2=counts.land.n_outside * counts.land.grid.cell_km2,
        streets=None
        if run.streets is None
        else street_summary(
            counts,
            run.streets,
            located(
                nearest_stations(
                    case, headline, run.readings["station-to-station"], direction, cutoff
                )
            ),
            surfaces[shown],
            cutoff,
        ),
        definition_hash=definition_of(case, run, headline, direction, cutoffs).hash,
    )
    return CircleResult(
        network=network,
        city=case.city,
        reading=headline,
        direction=direction,
        cutoffs=cutoffs,
        assumptions=run.assumptions,
        readings=run.readings,
        counts=counts,
        surfaces=surfaces,
        summary=summary,
        limit_s=common.limit_s,
        cutoffs_by_reading={
            name: own
            for name, own in by_reading.items()
            if name in surfaces or run.readings[name].legs == "station"
        },
        smooth_m=run.smooth_m,
        simplify_m=run.simplify_m,
    )


def _with_others(case: CityModel, common: CommonCells, surface: Surface) -> Surface:
    """Return the surface with what it would be without intercity and suburban trains."""
    others = case.without_trains()
    if others is None:
        return replace(
            surface, without_trains_s=np.full(len(surface.by_rail_s), UNREACHED, np.int32)
        )
    if others is case:
        return replace(surface, without_trains_s=surface.by_rail_s)
    found = directed_surface(
        others, common.cells(case), surface.reading, common.direction, within_s=common.limit_s
    )
    return replace(surface, without_trains_s=found.by_rail_s)


def _reading_summary(
    counts: CellCounts, run: AnalysisInputs, surface: Surface, cutoffs: tuple[int, ...]
) -> ReadingSummary:
    cutoff = headline_of(cutoffs)
    city = counts.case.city
    waits = counts.case.compiled.waits
    strict = counts.within(surface.strict_s, [cutoff])[cutoff]
    words = describe_reading(
        surface.reading,
        city,
        run.assumptions,
        surface.direction,
        n_centres=len(city.centres),
        streets=run.streets is not None,
    )
    if waits is not None:
        words.append(describe_waits(waits))
    table = ReachTable(tuple(reach_table(counts, surface, cutoffs)))
    zh = [line.zh for line in words]
    en = [line.en for line in words]
    return ReadingSummary(
        tuple(cutoffs), zh, en, table, reach_row(strict, "by_rail", strict.people_figures)
    )


def _centre_rows(
    counts: CellCounts, cells: Mapping[Direction, Cells], run: AnalysisInputs, direction: str
) -> list[dict[str, Any]]:
    """Return door-to-door figures to each employment centre alone; the first row is the main
    centre.
    """
    reading = run.readings[HEADLINE]
    rows = []
    for centre in counts.case.city.centres:
        surface = directed_surface(
            counts.case.with_centre(centre),
            cells,
            reading,
            direction,
            within_s=max(HEADLINE_CUTOFFS) * MINUTE,
        )
        row: dict[str, Any] = {
            "name": centre.name,
            "name_en": centre.name_en,
            "confidence": centre.confidence,
        }
        for cutoff, inside in counts.within(surface.by_rail_s, HEADLINE_CUTOFFS).items():
            name = f"by_rail_outside_city_{cutoff}"
            row |= {
                f"people_{name}": inside.people_outside,
                f"people_known_km2_{name}": inside.known_km2_outside,
            }
            row[f"area_km2_{name}"] = inside.km2_outside
        rows.append(row)
    return rows


def _beyond(
    counts: CellCounts, surface: Surface, centres: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what compares cities: people by rail beyond 30 km of the main centre, and the mean
    over the centres.

    Both within 60 and 90 minutes; of all places beyond 30 km, of those outside the city proper in
    the mean. None where no people are known.
    """
    main = counts.case.city.centres[0]
    reached = np.flatnonzero(surface.by_rail_s <= max(HEADLINE_CUTOFFS) * MINUTE)
    metres = counts.land.cells.metres(
        counts.land.numbers[reached], np.array([main.lon]), np.array([main.lat])
    )[0]
    far_s = surface.by_rail_s.copy()
    far_s[reached[metres <= BEYOND_KM * 1000]] = UNREACHED
    found: dict[str, Any] = {"beyond_km": BEYOND_KM}
    for cutoff, inside in counts.within(far_s, HEADLINE_CUTOFFS).items():
        people = inside.people_figures["people"]
        each = [row[f"people_by_rail_outside_city_{cutoff}"] for row in centres]
        found[f"people_by_rail_beyond_{cutoff}"] = people
        found[f"people_by_rail_mean_of_centres_{cutoff}"] = (
            None if None in each else round(plain_sum(each) / len(each))
        )
    return found


def _within_city(counts: CellCounts, surface: Surface) -> dict[str, Any] | None:
    """Return the counties of the city proper that hold neither a centre nor a terminal, and their
    people by rail.

    Within 60 and 90 minutes; they are not counted. None where every county of the city proper holds
    one.
    """
    network = counts.case.compiled.network
    city = counts.case.city
    cells = counts.land.cells
    if counts.counties is None:
        return None
    codes = counts.counties["county_code"]
    ends = {network.stations[k].county_code for k in counts.case.core}
    centres = counts.case.centre_doors()
    rows = cells.counties(
        cells.numbers(cell_keys(*cells.grid.index(*cells.grid.project(centres.lon, centres.lat))))
    )
    ends |= set(codes[rows[rows != NOWHERE]].tolist())
    others = [code for code in city.proper_counties if code not in ends]
    if not others:
        return None
    mine = among(codes, others)
    people = counts.within(surface.by_rail_s, HEADLINE_CUTOFFS).items()
    return {"counties": others} | {
        f"people_by_rail_{cutoff}": people_in(mine, inside) for cutoff, inside in people
    }
