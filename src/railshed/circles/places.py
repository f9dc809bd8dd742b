"""Figures of a circle: stations, counties, people and area, each with its denominator.

People and area are sums over cells whose centre is inside, never over polygons. A county is
*inside* when at least half of its people are, *touched* above none. The parts of the land
(`cell_counts.PARTS`) are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.assumptions.readings import Reading
from railshed.cells.cell_keys import cell_keys, find_keys
from railshed.circles.cell_counts import (
    PARTS,
    CellCounts,
    Inside,
    cells_within,
    known_sum,
    people_by_kind,
)
from railshed.circles.city_model import ENDS_AT_TERMINALS, CityModel
from railshed.circles.surface import STRICT_PERCENTILE, Surface
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.profiles import minutes_of, station_percentiles
from railshed.util.array_types import Bools, Floats, Ints32, Ints64
from railshed.util.units import DAY, HOUR, MINUTE, UNREACHED, format_clock

if TYPE_CHECKING:
    import pandas as pd

#: the service day of first arrivals and last returns, its night, and the largest gap of a night
#: without a break
SERVICE_DAY = (4 * HOUR, 28 * HOUR)
NIGHT = (22 * HOUR, 30 * HOUR)
SHORT_GAP_S = 2 * HOUR
#: in place of a first arrival and a last return where there are journeys all night
ALL_NIGHT = "all night"
#: a county is inside when at least half of its people are, to rounding
_HALF = 0.5 - 1e-9


def spans_by_kind(surface: Surface) -> dict[str, tuple[Ints32, Ints32 | None]]:
    """Return by kind the seconds from which each cell is within the cutoff, and those from which it
    no longer counts.

    by_rail; added_by_rail, those of it that are not local; total, by_rail or local; local, without
    a ride; and added_by_trains, by rail but not without intercity and suburban trains, where that
    is known.
    """
    by_rail = surface.by_rail_s
    local = surface.local_s
    found: dict[str, tuple[Ints32, Ints32 | None]] = {
        "by_rail": (by_rail, None),
        "added_by_rail": (by_rail, local),
        "total": (surface.total_s, None),
        "local": (local, None),
    }
    if surface.without_trains_s is not None:
        found["added_by_trains"] = by_rail, surface.without_trains_s
    return found


def inside_by_kind(surface: Surface, cutoff_min: int) -> dict[str, Bools]:
    """Return the cells within the cutoff (inclusive) by kind (see `spans_by_kind`)."""
    return {kind: cells_within(*span, cutoff_min) for kind, span in spans_by_kind(surface).items()}


def reach_table(
    counts: CellCounts, surface: Surface, cutoffs: Sequence[int]
) -> list[dict[str, Any]]:
    """Return one row a cutoff and kind (see `reach_row`)."""
    found = {
        kind: counts.within(since, cutoffs, until)
        for kind, (since, until) in spans_by_kind(surface).items()
    }
    rows = []
    for cutoff in cutoffs:
        kinds = {kind: within[cutoff] for kind, within in found.items()}
        people = people_by_kind(kinds)
        rows += [reach_row(inside, kind, people[kind]) for kind, inside in kinds.items()]
    return rows


def reach_row(inside: Inside, kind: str, people: Mapping[str, int | None]) -> dict[str, Any]:
    """Return people and km2 by part, counties inside and touched outside the city proper.

    `people_known_km2` is the part of `area_km2` where people are known, and of other columns
    `NAME_known_km2` alike; figures are None where they are known nowhere inside.
    """
    area = inside.n_by_part * inside.counts.land.grid.cell_km2
    row: dict[str, Any] = {"cutoff_min": inside.minutes, "kind": kind, **people}
    row |= {
        "people_known_km2": inside.known_km2,
        "people_known_km2_outside_city": inside.known_km2_outside,
    }
    known = inside.counts.case.has_prefectures
    km2 = area.tolist()
    row |= {f"area_km2_{part}": km2[k] if known or not k else None for k, part in enumerate(PARTS)}
    row |= {"area_km2": float(area.sum()), "area_km2_outside_city": float(area[1:].sum())}
    for name, (everywhere, outside) in inside.others.items():
        row[name] = None if everywhere is None else round(everywhere, 3)
        row[f"{name}_outside_city"] = None if outside is None else round(outside, 3)
        row[f"{name}_known_km2"] = inside.others_known_km2
    row["counties_inside"], row["counties_touched"] = counties_inside(inside)
    return row


def county_share(inside: Inside) -> NDArray[np.float64] | None:
    """Return the share of each county's people inside, NaN where its people are not known; None
    without people.
    """
    people = inside.people_by_county
    census = inside.counts.census
    return None if people is None or census is None else _share_of(people, census)


def _share_of(people: Floats, census: Floats) -> Floats:
    share: Floats = np.divide(people, census, out=np.full(len(people), np.nan), where=census > 0)
    return share


def counties_inside(inside: Inside) -> tuple[int | None, int | None]:
    """Return how many counties outside the city proper are inside and touched, None where no people
    are shipped.

    Without a census no county is known to be inside.
    """
    held = counties_held(inside)
    census = inside.counts.census
    if held is None or census is None:
        return None, None
    n_inside, n_touched = (int(np.count_nonzero(some)) for some in held)
    return None if not n_inside and np.isnan(census).all() else n_inside, n_touched


def counties_held(inside: Inside) -> tuple[Bools, Bools] | None:
    """Return which counties outside the city proper are inside and which touched, None where no
    people are shipped.

    By `CellCounts.counties_on_land`.
    """
    people = inside.people_on_land
    counts = inside.counts
    if people is None or counts.census is None or inside.people_by_part is None:
        return None
    rows = counts.counties_on_land
    outside_city = counts.county_part[rows] != 0
    return (_share_of(people, counts.census[rows]) >= _HALF) & outside_city, (
        people > 0
    ) & outside_city


def listed_counties(counts: CellCounts, total: Mapping[int, Inside]) -> Bools:
    """Return bool (n_counties,) which counties are touched by `total` at any cutoff or in the
    city's agglomerations.
    """
    counties = counts.counties
    regions = counts.case.compiled.network.regions
    assert counties is not None
    mine = [
        region.holds(counties) for region in regions if region.region_id in counts.case.city.regions
    ]
    return np.asarray(
        np.any([*mine, *(inside.n_by_county > 0 for inside in total.values())], axis=0)
    )


def least_minutes(counts: CellCounts, surface: Surface) -> Floats:
    """Return float64 (n_counties,): least minutes by rail of the cells of each county, NaN where
    none is reached.
    """
    best = np.full(len(counts.county_part), UNREACHED, np.int64)
    np.minimum.at(best, counts.land.county, surface.by_rail_s)
    return np.where(best != UNREACHED, np.round(best / MINUTE, 2), np.nan)


def county_table(counts: CellCounts, surface: Surface, cutoffs: Sequence[int]) -> pd.DataFrame:
    """Return one row a county that is touched or in the city's agglomerations: people, how many are
    inside, its seat.

    `minutes_by_rail` are the least of its cells, NaN where none is reached within the land looked
    at. The densest 5-arc-minute cell of a county stands in for its seat, which no source gives.
    """
    import pandas as pd

    network = counts.case.compiled.network
    counties = network.counties
    if counties is None:
        return pd.DataFrame()
    table = pd.DataFrame(counties.drop(columns="geometry"))
    table["part"] = counts.part_names
    table["minutes_by_rail"] = least_minutes(counts, surface)
    seat = _seat_cells(counts)
    by_kind = {
        "total": counts.within(surface.total_s, cutoffs),
        "by_rail": counts.within(surface.by_rail_s, cutoffs),
    }
    listed = listed_counties(counts, by_kind["total"])
    for cutoff in cutoffs:
        total = by_kind["total"][cutoff]
        for kind, within in by_kind.items():
            people = within[cutoff].people_by_county
            share = county_share(within[cutoff])
            table[f"people_{kind}_{cutoff}"] = pd.NA if people is None else _whole_numbers(people)
            table[f"share_{kind}_{cutoff}"] = np.nan if share is None else np.round(share, 4)
        table[f"status_{cutoff}"] = county_status(total)
        with_seat = np.zeros(len(table), dtype=bool)
        with_seat[seat >= 0] = total.cells[seat[seat >= 0]]
        table[f"seat_inside_{cutoff}"] = with_seat
    order = np.lexsort(
        (
            table["county_code"],
            table["minutes_by_rail"].fillna(np.inf),
            -table[f"share_by_rail_{cutoffs[-1]}"].fillna(0.0),
        )
    )
    return table.iloc[order][listed[order]].reset_index(drop=True)


def counties_by_people(
    counts: CellCounts, surface: Surface, cutoffs: Sequence[int], cutoff: int
) -> list[dict[str, Any]]:
    """Return the counties outside the city proper with people by rail within `cutoff`, one of the
    cutoffs, most first.

    Columns, rows and figures are those of `county_table`.
    """
    counties = counts.counties
    people = counts.within(surface.by_rail_s, cutoffs)[cutoff].people_by_county
    if counties is None or people is None:
        return []
    people = np.rint(people)
    least = least_minutes(counts, surface)
    mine = (
        listed_counties(counts, counts.within(surface.total_s, cutoffs))
        & (counts.county_part != 0)
        & (people > 0)
    )
    rows = [
        {name: counties[name][k] for name in ("county_code", "county", "county_en")}
        | {f"people_by_rail_{cutoff}": int(people[k]), "minutes_by_rail": float(least[k])}
        for k in np.flatnonzero(mine).tolist()
    ]
    return sorted(rows, key=lambda row: (-row[f"people_by_rail_{cutoff}"], row["county_code"]))


def county_status(inside: Inside) -> NDArray[np.str_]:
    """Return by county inside, touched, outside, or no data where cells are inside and no people
    are known.
    """
    share = county_share(inside)
    n = len(inside.counts.county_part)
    known = np.full(n, -1.0) if share is None else np.nan_to_num(np.round(share, 4), nan=-1.0)
    chosen = [known >= _HALF, known > 0, (known < 0) & (inside.n_by_county > 0)]
    return np.select(chosen, ["inside", "touched", "no data"], "outside")


def _whole_numbers(people: NDArray[np.float64]) -> Any:
    """Return people rounded, <NA> where they are not known."""
    import pandas as pd

    if not np.isnan(people).any():
        return np.rint(people).astype(np.int64)
    return pd.array(np.rint(people), dtype="Int64")


def _seat_cells(counts: CellCounts) -> Ints64:
    """Return by county the cell at the centre of its densest source cell, -1 where that is no land
    cell of the run.
    """
    network = counts.case.compiled.network
    counties = network.counties
    seat = np.full(0 if counties is None else len(counties), -1, np.int64)
    if network.population is None or counties is None or not len(counts.land):
        return seat
    table = network.population
    densest = table.loc[table.groupby("county_code", sort=True)["people"].idxmax()]
    rows = {code: k for k, code in enumerate(counties["county_code"])}
    keys = cell_keys(counts.land.row, counts.land.column)
    densest_keys = cell_keys(
        *counts.land.grid.index(*counts.land.grid.project(densest["lon"], densest["lat"]))
    )
    for code, cell, hit in zip(densest["county_code"], *find_keys(keys, densest_keys), strict=True):
        if hit and code in rows:
            seat[rows[code]] = cell
    return seat


def member_table(counts: CellCounts, surface: Surface, cutoffs: Sequence[int]) -> pd.DataFrame:
    """Return one row a member city of the city's regions, and of every other touched prefecture:
    share inside.
    """
    import pandas as pd

    network = counts.case.compiled.network
    counties = network.counties
    if counties is None or counts.people is None:
        return pd.DataFrame()
    prefectures = counties["prefecture_code"].to_numpy()
    census = counties["population"].to_numpy(dtype=float)
    inside = {
        c: people
        for c, within in counts.within(surface.total_s, cutoffs).items()
        if (people := within.people_by_county) is not None
    }
    region_of = {r.region_id: r for r in network.regions}
    groups = [(r, region_of[r].holds(counties)) for r in counts.case.city.regions if r in region_of]
    seen = np.any(
        [np.zeros(len(counties), dtype=bool), *(members for _, members in groups)], axis=0
    )
    touched = np.any([people > 0 for people in inside.values()], axis=0)
    if counts.case.has_prefectures:
        groups.append(("", np.isin(prefectures, list(set(prefectures[touched]))) & ~seen))
    rows = []
    for region_id, members, code in (
        (r, m, code) for r, m in groups for code in sorted(set(prefectures[m]))
    ):
        mine = members & (prefectures == code)
        first = counties.iloc[int(np.flatnonzero(mine)[0])]
        n_all = int((prefectures == code).sum())
        row: dict[str, Any] = {
            "region": region_id,
            "prefecture_code": code,
            "prefecture": first["prefecture"],
            "prefecture_en": first["prefecture_en"],
            "scope": "whole"
            if int(mine.sum()) == n_all
            else f"{int(mine.sum())} of {n_all} counties",
            "people_census": None if (n := known_sum(census[mine])) is None else int(n),
        }
        for cutoff, people in inside.items():
            n = known_sum(people[mine])
            row[f"people_total_{cutoff}"] = None if n is None else round(n)
            share = (
                round(n / row["people_census"], 4)
                if row["people_census"] and n is not None
                else None
            )
            row[f"share_total_{cutoff}"] = share
        rows.append(row)
    return pd.DataFrame(rows)


def station_door_times(
    case: CityModel, reading: Reading, direction: Direction
) -> tuple[Ints64, NDArray[np.int32]]:
    """Return the stations with journeys, and int32 (n, n_minutes) seconds from the door of each
    under a reading.
    """
    span = case.window(reading, direction)
    journeys = case.journeys_of(reading, direction)
    if journeys is None:
        return np.empty(0, np.int64), np.empty((0, len(minutes_of(span))), np.int32)
    stations = journeys.linked()
    home = case.home_s(reading.legs, direction)[stations]
    if reading.turns_up(direction):
        taken = journeys.turn_up_minutes(
            minutes_of(span), np.arange(len(stations) + 1), stations, home
        )
        return stations, np.minimum(taken, UNREACHED).astype(np.int32)
    times = journeys.travel_times(span, reading.slack_s, reading.early_weight, stations)
    return stations, np.where(times != UNREACHED, times + home[:, None].astype(np.int32), UNREACHED)


def station_seconds(case: CityModel, reading: Reading, directions: Sequence[Direction]) -> Ints64:
    """Return int64 (n_stations,) seconds from (to) each station's door at the percentile, the
    slowest direction's.
    """
    found: Ints64 = np.max(
        [_ranked_seconds(case, reading, direction) for direction in directions], axis=0
    )
    return found


def _ranked_seconds(case: CityModel, reading: Reading, direction: Direction) -> Ints64:
    journeys = case.journeys_of(reading, direction)
    if journeys is not None and reading.percentile == 0 and not reading.turns_up(direction):
        minutes = minutes_of(case.window(reading, direction))
        least = journeys.least_at(minutes, reading.slack_s, reading.early_weight)
        return np.where(least != UNREACHED, least + case.home_s(reading.legs, direction), UNREACHED)
    found = np.full(case.compiled.network.n_stations, UNREACHED, np.int64)
    stations, times = station_door_times(case, reading, direction)
    found[stations] = station_percentiles(times, [reading.percentile])[:, 0]
    return found


def stations_within(case: CityModel, reading: Reading, seconds: Ints64, cutoff_min: int) -> Bools:
    """Return which stations are within the cutoff by rail, terminals apart where journeys end
    there.

    `seconds` of the reading as `station_seconds`.
    """
    out: Bools = case.compiled.served_stations() & (seconds <= cutoff_min * MINUTE)
    if reading.legs in ENDS_AT_TERMINALS:
        out[list(case.core)] = False
    return out


def station_rows(
    case: CityModel, reading: Reading, fastest: Reading, direction: Direction, cutoff_min: int
) -> list[dict[str, Any]]:
    """Return one row a station that a trip of the day links with a terminal, or of the peak with
    the reading's end.

    `counted` are stations of trains, all where no train runs. `minutes` and `minutes_strict` are
    from (to) the station door under `reading`; `trips`, `max_gap_min` and `share_served` hold for
    its window and `cutoff_min`; `first_arrival` and `last_return` of journeys within `cutoff_min`
    (HH:MM or "all night", see `around_night`). Core stations have 0 minutes and no figures of their
    own.
    """
    network = case.compiled.network
    n = network.n_stations
    best = station_seconds(case, fastest, [direction])
    stations, times = station_door_times(case, reading, direction)
    both = np.full((n, 2), UNREACHED, np.int32)
    share = np.zeros(n)
    both[stations] = station_percentiles(times, [reading.percentile, STRICT_PERCENTILE])
    share[stations] = (times <= cutoff_min * MINUTE).mean(axis=1)
    counted = case.counted_stations()
    in_window = _summary(case, reading, direction, case.window(reading, direction), cutoff_min)
    nights = [_around_night(case, reading, way, cutoff_min) for way in DIRECTIONS]
    core = set(case.core)
    linked = best != UNREACHED
    linked[stations] |= (times != UNREACHED).any(axis=1)
    linked &= case.compiled.served_stations()
    linked[list(core)] = True
    rows = []
    for k in np.flatnonzero(linked).tolist():
        s = network.stations[k]
        rows.append(
            {
                "station_id": s.station_id,
                "name": s.name,
                "name_en": s.name_en,
                "county_code": s.county_code,
                "station_class": s.station_class,
                "coord_confidence": s.coord_confidence,
                "is_core": k in core,
                "counted": bool(counted[k]),
                "minutes_fastest": 0.0 if k in core else _minutes(best[k]),
                "minutes": 0.0 if k in core else _minutes(both[k, 0]),
                "minutes_strict": 0.0 if k in core else _minutes(both[k, 1]),
                "inside": k not in core and bool(both[k, 0] <= cutoff_min * MINUTE),
                "share_served": float("nan") if k in core else round(float(share[k]), 4),
                "trips": 0 if k in core else int(in_window[k, 0]),
                "max_gap_min": float("nan")
                if k in core
                else round(int(in_window[k, 1]) / MINUTE, 2),
                "first_arrival": "" if k in core else nights[0].get(k, ("", ""))[1],
                "last_return": "" if k in core else nights[1].get(k, ("", ""))[0],
                "lon": s.lon,
                "lat": s.lat,
            }
        )
    return rows


def trips_within(
    case: CityModel, reading: Reading, direction: Direction, cutoff_min: int
) -> NDArray[np.int32]:
    """Return int32 (n_stations,): journeys in the window of at most the cutoff from (to) each
    station's door.
    """
    return _summary(case, reading, direction, case.window(reading, direction), cutoff_min)[:, 0]


def _summary(
    case: CityModel, reading: Reading, way: Direction, span: tuple[int, int], cutoff_min: int
) -> NDArray[np.int32]:
    journeys = case.journeys(reading.legs, way)
    if journeys is None:
        return np.zeros((case.compiled.network.n_stations, 2), np.int32)
    return journeys.summary(span, case.home_s(reading.legs, way), cutoff_min * MINUTE)


def _around_night(
    case: CityModel, reading: Reading, way: Direction, cutoff_min: int
) -> dict[int, tuple[str, str]]:
    """Return the journeys around the night by station; none where no journey has clock times."""
    found = case.journeys(reading.legs, way)
    if found is None or (journeys := found.schedule) is None:
        return {}
    station, clock = journeys.clocks(
        SERVICE_DAY, case.home_s(reading.legs, way), cutoff_min * MINUTE
    )
    known, first = np.unique(station, return_index=True)
    parts = np.split(clock, first[1:]) if len(known) else []
    return {k: around_night(part) for k, part in zip(known.tolist(), parts, strict=True)}


def around_night(clock_s: Ints64) -> tuple[str, str]:
    """Return the last journey before the night's largest gap and the first one after it, HH:MM;
    `ALL_NIGHT` twice.

    `clock_s` are the journeys of one service day, 04:00 to 28:00, at least one. The day repeats:
    each journey stands once in 24 hours, and the night, 22:00 to 06:00, has the early journeys of
    the same clock. A gap is the time between two successive journeys as far as it lies in the
    night; of equal gaps the earlier counts. Journeys run all night where no gap is longer than two
    hours. The last journey is before 28:00 (24:10 is ten past midnight), the first one before
    24:00.
    """
    start, end = NIGHT
    rising = np.sort((clock_s - end) % DAY) + end - DAY
    gaps = np.diff(np.concatenate([[start], np.clip(rising, start, end), [end]]))
    k = int(gaps.argmax())
    if gaps[k] <= SHORT_GAP_S:
        return ALL_NIGHT, ALL_NIGHT
    last, first = (int(rising[i % len(rising)]) // MINUTE * MINUTE for i in (k - 1, k))
    return format_clock(last - DAY if last >= 28 * HOUR else last), format_clock(first % DAY)


def _minutes(seconds: Any) -> float:
    return float("nan") if seconds == UNREACHED else round(int(seconds) / MINUTE, 2)
