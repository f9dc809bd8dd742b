"""The public functions and what they return. Arguments in, result objects out; no printing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from railshed.arrays import Direction, compile_network
from railshed.assumptions import (
    Assumptions,
    Reading,
    default_assumptions,
    default_uncertainty,
    get_reading,
    load_readings,
)
from railshed.bridge import build_bridge, directed_surface, headline_range, ways
from railshed.cases import Case, fastest_seconds
from railshed.definitions import LANGUAGES, describe_reading, describe_waits
from railshed.differences import Comparison
from railshed.engines import AnyCompiled, compile_any, find_any_journeys, fingerprint_any
from railshed.errors import ParameterError
from railshed.graph import CompiledGraph, Waits
from railshed.ground import Ground, build_ground
from railshed.indicators import reach_table
from railshed.land import Cells, cells_of, find_land
from railshed.model import City, Network
from railshed.opportunities import Opportunities
from railshed.probability import Inclusion, inclusion_of
from railshed.results import HEADLINE_CUTOFF_MIN, Circle, headline_of, to_minutes
from railshed.routing import MIN_BOUND_S, station_percentiles
from railshed.scenario import Scenario, load_scenario
from railshed.scenario import apply as apply_scenario
from railshed.streetaccess import StreetAccess
from railshed.streets import Streets
from railshed.summaries import empty_window_rows, lines_of, quiet_mode_rows, station_frame, street_summary
from railshed.surfaces import Surface
from railshed.units import DAY, MINUTE, UNREACHED

if TYPE_CHECKING:
    import pandas as pd

#: raised whenever a figure changes for the same input; the CHANGELOG says what and why
RESULTS_VERSION = 1
DIRECTIONS = ("to", "from", "both")
_LARGEST_CUTOFF_MIN = 120
_CELL_SIZES_M = (50, 5_000)
_LARGEST_SMOOTHING_M = 10_000
_MARGIN_DEG = 0.1


def _check_cutoffs(cutoffs: Sequence[int]) -> tuple[int, ...]:
    bad = [c for c in cutoffs if not isinstance(c, int | np.integer) or not 0 < c <= _LARGEST_CUTOFF_MIN]
    if bad or not cutoffs:
        raise ParameterError(
            f"cutoffs {', '.join(map(str, bad)) or '(none)'}: allowed are whole minutes from 1 to {_LARGEST_CUTOFF_MIN}"
        )
    return tuple(sorted({int(c) for c in cutoffs}))


@dataclass(frozen=True, eq=False)
class Run:
    """A network compiled once with the assumptions, ready for the circles of many cities."""

    compiled: AnyCompiled
    assumptions: Assumptions
    readings: Mapping[str, Reading]
    max_transfers: int | None = None
    #: streets that access and egress use where they reach
    streets: Streets | None = None
    #: people and other columns in place of the network's own
    opportunities: Opportunities | None = None
    #: metres by which drawn edges are smoothed and simplified
    smooth_m: float = 0.0
    simplify_m: float = 0.0


def prepare(
    network: Network,
    *,
    access: Sequence[str] | None = None,
    assumptions: Assumptions | None = None,
    readings: str | Path | None = None,
    date: dt.date | None = None,
    max_transfers: int | None = None,
    waits: Waits | str | None = None,
    egress: Sequence[str] | None = None,
    streets: Streets | None = None,
    population: Opportunities | None = None,
    cell_size_m: int | None = None,
    smooth_m: float = 0.0,
    simplify_m: float = 0.0,
) -> Run:
    """Return the network compiled for circles: pass it to `circle` where there are many cities.

    Parameters
    ----------
    access, egress
        Modes between home and the station there, and between the station in the city and the centre: walk, bike,
        feeder, drive (taxi), and for access park-and-ride and kiss-and-ride. Default: walk, bike, feeder; egress as
        access, without the modes whose vehicle stays at home.
    waits
        How long a change takes on a network without a timetable (`from_networkx`): ``half-headway`` (default),
        ``sampled``, or `Waits` with the number of draws and a seed.
    streets
        What `read_streets` gives: where it reaches, walk, bike, bus feeder and car go along streets.
    population
        What `read_opportunities` gives: people in place of the network's own, and any other columns.
    cell_size_m
        Edge of the cells of surfaces, default 500.
    smooth_m, simplify_m
        Metres over which the edges of drawn polygons are smoothed, and by which they are simplified as one coverage;
        circles stay nested. Figures are sums over cells and do not depend on it.

    Raises
    ------
    ParameterError
        A mode, size or length that is not allowed.
    """
    base = assumptions or default_assumptions(network.assumptions)
    if access is not None or egress is not None:
        base = base.with_access(*(base.access_modes if access is None else access), egress=egress)
    if cell_size_m is not None:
        smallest, largest = _CELL_SIZES_M
        if not smallest <= cell_size_m <= largest:
            raise ParameterError(f"cell size {cell_size_m} m: allowed are {smallest} to {largest}")
        base = replace(base, cell_size_m=cell_size_m)
    for name, metres in (("smooth_m", smooth_m), ("simplify_m", simplify_m)):
        if not 0 <= metres <= _LARGEST_SMOOTHING_M:
            raise ParameterError(f"{name} {metres}: allowed are 0 to {_LARGEST_SMOOTHING_M} m")
    compiled = compile_any(network, base, date=date, waits=waits)
    return Run(
        compiled, base, load_readings(readings), max_transfers, streets, population, smooth_m, simplify_m
    )  # fmt: skip


def circle(
    network: Network | Run,
    city: str | City,
    *,
    cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station",
    direction: str = "to",
    access: Sequence[str] | None = None,
    assumptions: Assumptions | None = None,
    readings: str | Path | None = None,
    date: dt.date | None = None,
    max_transfers: int | None = None,
    egress: Sequence[str] | None = None,
    streets: Streets | None = None,
    population: Opportunities | None = None,
    cell_size_m: int | None = None,
) -> Circle:
    """Return the one-hour commuting circle of a city under all readings.

    Parameters
    ----------
    network
        A network, or what `prepare` made of it (then everything from `access` on is its own).
    city
        Slug, Chinese or English name, or a `City`.
    cutoffs
        Minutes, inclusive; default those of each reading (30, 45, 60; door to door 45, 60, 75, 90).
    reading
        The headline reading; the others stand beside it.
    direction
        ``to`` the city in its morning window, ``from`` it in the evening window, or ``both``.
    access, assumptions, readings, date, max_transfers, egress, streets, population, cell_size_m
        As `prepare`.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    ParameterError
        A cutoff, direction or mode that is not allowed.
    """
    run = network if isinstance(network, Run) else prepare(
        network, access=access, assumptions=assumptions, readings=readings, date=date, max_transfers=max_transfers,
        egress=egress, streets=streets, population=population, cell_size_m=cell_size_m,
    )  # fmt: skip
    case = _case(run, city)
    return circles_of([case], run, reading=reading, direction=direction, cutoffs=cutoffs)[0]


def study_area(
    run: Run, cities: Sequence[str | City], *, direction: str = "to", cutoffs: Sequence[int] | None = None
) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees of all that the circles of these cities may reach.

    With a margin of a tenth of a degree: a pixel of people at the edge lies whole within it.
    """
    limit_s = _limit_s(_wanted(run, cutoffs))
    boxes = []
    for case in (_case(run, city) for city in cities):
        near = np.flatnonzero(fastest_seconds(case, ways(direction)) <= limit_s).tolist()
        doors, centres = case.doors(near), case.centre_doors()
        metres = case.access.farthest_m(limit_s)
        x, y = case.grid.project(np.append(doors.lon, centres.lon), np.append(doors.lat, centres.lat))
        edges = np.array([x.min() - metres, x.max() + metres]), np.array([y.min() - metres, y.max() + metres])
        boxes.append(case.grid.unproject(*(a.ravel() for a in np.meshgrid(*edges))))
    lon, lat = (np.concatenate(values) for values in zip(*boxes, strict=True))
    west, south, east, north = (float(v) for v in (lon.min(), lat.min(), lon.max(), lat.max()))
    return west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG


def _wanted(run: Run, cutoffs: Sequence[int] | None) -> dict[str, tuple[int, ...]]:
    """Return the cutoffs by reading."""
    own = None if cutoffs is None else _check_cutoffs(cutoffs)
    return {name: own or r.cutoffs for name, r in run.readings.items()}


def _limit_s(wanted: Mapping[str, tuple[int, ...]]) -> int:
    """Return the seconds within which land is looked for: all cutoffs, the bridge's last rung, the range."""
    return max(*(max(w) for w in wanted.values()), 90, HEADLINE_CUTOFF_MIN + 5) * MINUTE


def iter_circles(
    run: Run, cities: Sequence[str | City], *, cutoffs: Sequence[int] | None = None, reading: str = "door-to-station",
    direction: str = "to", workers: int | None = None,
) -> Iterator[Circle]:  # fmt: skip
    """Yield the circles of many cities in the order given, computed on all cores (`workers` threads).

    Kernels and geometry work without the interpreter lock. Parameters and errors are those of `circle`.
    """
    cases = [_case(run, city) for city in cities]
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1) as pool:
        jobs = deque(
            pool.submit(circles_of, [case], run, reading=reading, direction=direction, cutoffs=cutoffs)
            for case in cases
        )
        try:
            while jobs:  # a circle that was handed over is not held here
                yield jobs.popleft().result()[0]
        finally:
            for job in jobs:
                job.cancel()


def _case(run: Run, city: str | City) -> Case:
    found = city if isinstance(city, City) else run.compiled.network.get_city(city)
    case = Case(run.compiled, found, run.assumptions, run.max_transfers, run.streets)
    if run.streets is not None and not any(run.streets.covers(*point) for point in case.ends()):
        run.streets.require_area(*run.compiled.network.anchor(found), f"{found.label}")
    return case


def circles_of(
    cases: Sequence[Case], run: Run, *, reading: str, direction: str, cutoffs: Sequence[int] | None
) -> list[Circle]:
    """Return the circles of cases that share one land (one city before and after, say)."""
    headline = get_reading(reading, run.readings)
    if direction not in DIRECTIONS:
        raise ParameterError(f"direction {direction!r}: allowed are {', '.join(DIRECTIONS)}")
    wanted = _wanted(run, cutoffs)
    limit_s = _limit_s(wanted)
    variants = [case_variants(case) for case in cases]
    directions = ways(direction)
    land = find_land([c for v in variants for c in v.values()], directions, limit_s)
    ground = build_ground(cases[0], land, run.opportunities)
    return [
        _circle(v, replace(ground, case=case), run, headline, direction, wanted, limit_s)
        for case, v in zip(cases, variants, strict=True)
    ]


def case_variants(case: Case) -> dict[str, Case]:
    """Return the case by its access modes, then the other ends of the range: walk alone, and with a taxi."""
    own, egress = case.assumptions.access_modes, case.assumptions.egress_modes
    found = {", ".join(own): case}
    with_taxi = [*dict.fromkeys([*own, "drive"])], [*dict.fromkeys([*egress, "drive"])]
    for access_modes, egress_modes in ((["walk"], ["walk"]), with_taxi):
        name = ", ".join(access_modes)
        if name not in found:
            found[name] = case.with_access(access_modes, egress_modes)
    return found


def _circle(
    variants: Mapping[str, Case],
    ground: Ground,
    run: Run,
    headline: Reading,
    direction: str,
    wanted: Mapping[str, tuple[int, ...]],
    limit_s: int,
) -> Circle:
    case = ground.case
    cells = cells_of(case, ground.land, ways(direction), limit_s)
    surfaces = {
        name: directed_surface(case, cells, r, direction, cutoffs=wanted[name])
        for name, r in run.readings.items()
        if r.legs != "station" and (r.legs != "door-to-door" or case.city.centres)
    }
    with_surface = headline.name if headline.name in surfaces else "door-to-station"
    cutoffs = wanted[headline.name]
    cutoff = headline_of(cutoffs)
    stations = station_frame(case, headline, run.readings["station-to-station"], direction, cutoff)
    summary = {
        "city": {"slug": case.city.slug, "name": case.city.name, "name_en": case.city.name_en},
        "network": case.compiled.network.network_id,
        "date": case.compiled.date.isoformat(),
        "reading": headline.name,
        "direction": direction,
        "headline_cutoff_min": cutoff,
        "n_core_stations": len(case.core),
        "n_centres": len(case.city.centres),
        "city_proper_counties": list(case.city.proper_counties),
        "people_label": ground.people_label,
        "counted": {name: float(values.sum()) for name, values in ground.others.items()},
        "counted_elsewhere": dict(ground.elsewhere),
        "lines_by_headway": lines_of(case),
        "quiet_modes": quiet_mode_rows(case, headline, direction),
        "empty_windows": empty_window_rows(case, headline, direction),
        "bridge": build_bridge(ground, cells, run.readings, direction, cutoff, surfaces["door-to-station"]),
        "range": headline_range(
            ground, variants, surfaces[with_surface], direction, cutoff, limit_s,
        ),
        "readings": {
            name: _reading_summary(ground, run, run.readings[name], surface, direction, wanted[name])
            for name, surface in surfaces.items()
        },
        "centres": _centre_rows(ground, cells, run, direction),
        "outside_boundaries_km2": ground.land.n_outside * ground.land.grid.cell_km2,
    }  # fmt: skip
    if isinstance(case.access, StreetAccess):
        summary["streets"] = street_summary(case, case.access, stations)
    summary["definition_hash"] = definition_hash(case, run, headline, direction, cutoffs)
    return Circle(
        case.compiled.network, case.city, headline, direction, cutoffs, run.assumptions, run.readings, ground,
        surfaces, stations, summary, limit_s, run.smooth_m, run.simplify_m,
    )  # fmt: skip


def _reading_summary(
    ground: Ground, run: Run, reading: Reading, surface: Surface, direction: str, cutoffs: tuple[int, ...]
) -> dict[str, Any]:
    strict = replace(surface, by_rail_s=surface.strict_s)
    cutoff = headline_of(cutoffs)
    city, assumptions = ground.case.city, run.assumptions
    n_centres = len(city.centres)
    compiled = ground.case.compiled
    words = {}
    for lang in LANGUAGES:
        words[lang] = describe_reading(
            reading, city, assumptions, direction, lang, n_centres=n_centres, streets=run.streets is not None
        )  # fmt: skip
        if isinstance(compiled, CompiledGraph):
            words[lang].append(describe_waits(compiled.waits, lang))
    return {
        "cutoffs": list(cutoffs),
        "definition_zh": words["zh"],
        "definition_en": words["en"],
        "table": reach_table(ground, surface, cutoffs),
        "strict": next(r for r in reach_table(ground, strict, [cutoff]) if r["kind"] == "by_rail"),
    }


def _centre_rows(ground: Ground, cells: Mapping[Direction, Cells], run: Run, direction: str) -> list[dict[str, Any]]:
    """Return door-to-door figures to each employment centre alone; the first row is the main centre.

    As on the bridge no ride begins at a core station: what rail brings, comparable between cities.
    """
    reading = run.readings["door-to-door"]
    rows = []
    for centre in ground.case.city.centres:
        surface = directed_surface(
            ground.case, cells, reading, direction, centres=[centre], core_boarding=False, count_trips=False
        )
        row: dict[str, Any] = {"name": centre.name, "name_en": centre.name_en, "confidence": centre.confidence}
        for cutoff in (60, 90):
            inside = surface.by_rail_s <= cutoff * MINUTE
            row[f"people_by_rail_outside_city_{cutoff}"] = ground.people_outside(inside)
            row[f"area_km2_by_rail_outside_city_{cutoff}"] = ground.km2_outside(inside)
        rows.append(row)
    return rows


def compare(
    network: Network | Run, city: str | City, scenario: Scenario | str | Path, *, cutoffs: Sequence[int] | None = None,
    reading: str = "door-to-station", direction: str = "to", access: Sequence[str] | None = None,
) -> Comparison:  # fmt: skip
    """Return the circle of a city before and after a scenario, on the same cells.

    Parameters are those of `circle`; `scenario` is a TOML file or a `Scenario`.

    Raises
    ------
    InputError
        When the scenario cannot be applied; names every problem.
    """
    run = network if isinstance(network, Run) else prepare(network, access=access)
    base = run.compiled.network
    found = city if isinstance(city, City) else base.get_city(city)
    if found not in base.cities:  # one of `city_at`, say
        base = replace(base, cities=(*(c for c in base.cities if c.slug != found.slug), found))
    plan = scenario if isinstance(scenario, Scenario) else load_scenario(Path(scenario))
    planned = apply_scenario(base, plan, city=found.slug)
    after = replace(run, compiled=compile_network(planned, run.assumptions, date=run.compiled.date))
    cases = [_case(run, found), _case(after, planned.get_city(found.slug))]
    old, new = circles_of(cases, run, reading=reading, direction=direction, cutoffs=cutoffs)
    return Comparison(plan.title, old, new)


def union(
    run: Run, cities: Sequence[str | City], *, reading: str = "door-to-station", direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN,
) -> dict[str, Any]:  # fmt: skip
    """Return people and km2 of the united circles of several cities, each place counted once, on one common grid.

    Rows as in `indicators.reach_table`; the city proper is the union of the cities' own.
    """
    cases = [_case(run, city) for city in cities]
    limit_s = cutoff_min * MINUTE
    directions = ways(direction)
    land = find_land(cases, directions, limit_s)
    proper = tuple(sorted({code for case in cases for code in case.city.proper_counties}))
    regions = tuple(sorted({code for case in cases for code in case.city.regions}))
    city = replace(cases[0].city, proper_counties=proper, regions=regions)
    ground = build_ground(replace(cases[0], city=city), land, run.opportunities)
    chosen = get_reading(reading, run.readings)
    found: Surface | None = None
    for case in cases:
        cells = cells_of(case, land, directions, limit_s)
        surface = directed_surface(case, cells, chosen, direction, cutoffs=[cutoff_min], count_trips=False)
        found = surface if found is None else replace(
            found, by_rail_s=np.minimum(found.by_rail_s, surface.by_rail_s),
            local_s=np.minimum(found.local_s, surface.local_s),
        )  # fmt: skip
    assert found is not None
    return {row["kind"]: row for row in reach_table(ground, found, [cutoff_min])}


def inclusion(
    network: Network | Run,
    city: str | City,
    *,
    n_draws: int = 100,
    seed: int = 0,
    reading: str = "door-to-station",
    direction: str = "to",
    cutoff_min: int = HEADLINE_CUTOFF_MIN,
    uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
    progress: bool = False,
    workers: int | None = None,
) -> Inclusion:
    """Return in which share of many drawn days each place is within the cutoff of a city.

    A draw is a whole run: times in stations, speeds and waits on the way to them and delays of trains are drawn, and
    all else is as in `circle`. Places, people and area of a draw are those that `circle` would give under them.

    Parameters
    ----------
    network
        A network, or what `prepare` made of it.
    n_draws, seed
        How many days, and what they are drawn from: the same seed gives the same bytes, and the first draws of more
        are the draws of fewer.
    uncertainty
        Rows laid over those of the network and the shipped ones (`default_uncertainty`), as in network.toml:
        ``{"station_time": {"log_sd": 0.1}, "delay:rail": {"kind": "none"}}``.
    progress
        Show a bar on standard error.
    workers
        Threads; default one a core. They change no result.

    Raises
    ------
    NotFoundError
        Unknown city or reading, with the nearest names.
    InputError
        A row of `uncertainty` that is not allowed; names every problem.
    ParameterError
        A number, direction or reading that is not allowed.
    """
    run = network if isinstance(network, Run) else prepare(network)
    rows = default_uncertainty(run.compiled.network.assumptions, uncertainty)
    return inclusion_of(
        _case(run, city), get_reading(reading, run.readings), direction, rows, cutoff_min=cutoff_min, n_draws=n_draws,
        seed=seed, opportunities=run.opportunities, progress=progress, workers=workers,
    )  # fmt: skip


def definition_hash(case: Case, run: Run, reading: Reading, direction: str, cutoffs: Sequence[int]) -> str:
    """Return a hash of everything that defines a figure: readings, assumptions, city, date, rules and timetable."""
    city = asdict(case.city)
    text = json.dumps(
        {
            "results_version": RESULTS_VERSION, "reading": reading.name, "direction": direction,
            "cutoffs": list(cutoffs), "readings": {n: asdict(r) for n, r in run.readings.items()},
            "assumptions": asdict(run.assumptions), "city": city, "date": case.compiled.date.isoformat(),
            "max_transfers": run.max_transfers, "timetable": fingerprint_any(case.compiled),
            "streets": None if run.streets is None else run.streets.fingerprint(),
            "population": None if run.opportunities is None else dict(run.opportunities.checksums),
        },
        sort_keys=True, ensure_ascii=False,
    )  # fmt: skip
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def reach(
    network: Network,
    stations: Sequence[str] | None = None,
    *,
    city: str | City | None = None,
    direction: str = "to",
    window: tuple[int, int] = (27_000, 34_200),
    slack_minutes: float = 30,
    percentiles: Sequence[int] = (0, 50),
    max_transfers: int | None = None,
    change_minutes: float | None = None,
    footpaths: bool = True,
    max_minutes: int = 120,
    date: dt.date | None = None,
    waits: Waits | str | None = None,
) -> pd.DataFrame:
    """Return station-to-station travel times of all stations to (from) the named ones: rides and changes only.

    Parameters
    ----------
    network
        Stations and trips; people and places are not needed.
    stations, city
        The target stations by id or name, or the core stations of a city: exactly one of the two.
    direction
        ``to`` the targets (the window's minutes are deadlines) or ``from`` them (earliest departures).
    window
        (start, end) clock seconds, end exclusive; every whole minute counts once.
    slack_minutes
        Minutes that a traveller may be early (*from*: leave late) without counting them.
    percentiles
        Of the window's minutes, nearest rank; 0 is the fastest.
    max_transfers
        Largest number of changes of train, exact; None: any number.
    change_minutes
        Change time at every station; default what the network says.
    footpaths
        Whether walks between stations are generated; listed transfers stay.
    max_minutes
        Longer travel times are left empty.
    date
        Service day; default the network's own.
    waits
        At changes, on a network without a timetable: ``half-headway`` (default), ``sampled`` or `Waits`.

    Returns
    -------
    DataFrame
        ``station_id, station_name``, one ``travel_time_pN`` a percentile (minutes, NaN above `max_minutes`), and
        ``trips``, the distinct journeys in the window of at most `max_minutes`. Named stations have 0 of each.

    Raises
    ------
    NotFoundError, ParameterError
        Unknown station or city; a number out of range.
    """
    import pandas as pd

    _check_reach(stations, city, direction, window, slack_minutes, percentiles, max_minutes, change_minutes)
    change_s = None if change_minutes is None else round(change_minutes * MINUTE)
    compiled = compile_any(
        network, default_assumptions(network.assumptions), date=date, change_s=change_s, footpaths=footpaths,
        waits=waits,
    )  # fmt: skip
    if stations:
        targets = [network.get_station(s) for s in stations]
    else:
        found = city if isinstance(city, City) else network.get_city(str(city))
        targets = [network.get_station(s) for s in found.core_station_ids]
    bound = max_minutes * MINUTE
    way = ways(direction)[0]
    slack = round(slack_minutes * MINUTE)
    journeys = find_any_journeys(
        compiled, way, dict.fromkeys(targets, 0), window, slack_s=slack, bound_s=max(bound, MIN_BOUND_S),
        max_transfers=max_transfers,
    )  # fmt: skip
    values = station_percentiles(journeys.travel_times(window, slack), percentiles)
    counts = journeys.summary(window, np.zeros(network.n_stations, np.int64), bound)[:, 0]
    values[values > bound] = UNREACHED
    values[targets] = 0
    counts[targets] = 0
    columns: dict[str, Any] = {
        "station_id": [s.station_id for s in network.stations],
        "station_name": [s.name for s in network.stations],
    }
    for k, p in enumerate(percentiles):
        columns[f"travel_time_p{p}"] = to_minutes(values[:, k].astype(np.int64))
    columns["trips"] = counts
    return pd.DataFrame(columns)


def _check_reach(
    stations: Sequence[str] | None, city: object, direction: str, window: tuple[int, int], slack: float,
    percentiles: Sequence[int], max_minutes: int, change: float | None,
) -> None:  # fmt: skip
    problems = []
    if bool(stations) == bool(city):
        problems.append("give either stations or a city")
    if direction not in ("to", "from"):
        problems.append(f"direction {direction!r}: allowed are to, from")
    if not (0 <= window[0] < window[1] <= DAY + 4 * 3600 and window[1] - window[0] <= DAY):
        problems.append(f"window {window}: start before end, at most a day, end at most 28:00")
    if not 0 <= slack <= 120:
        problems.append(f"slack_minutes {slack}: allowed 0-120")
    if not percentiles or any(not 0 <= p <= 100 for p in percentiles):
        problems.append(f"percentiles {list(percentiles)}: allowed whole numbers 0-100")
    if not 0 < max_minutes <= 240:
        problems.append(f"max_minutes {max_minutes}: allowed 1-240")
    if change is not None and not 0 <= change <= 120:
        problems.append(f"change_minutes {change}: allowed 0-120")
    if problems:
        raise ParameterError("; ".join(problems))
