"""Several networks as one: ids with a prefix, clocks of one time zone, and cities, regions and
counties united.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from railshed.network.cities import City
from railshed.network.lines import LINE_PREFIXES, with_core_stations, with_counties
from railshed.network.model import Network, Service, Station
from railshed.network.ordering import Timetable, canonical_order, join_trips, make_transfers
from railshed.util.errors import InputError, Issue, ParameterError, raise_errors
from railshed.util.units import HOUR

_LISTS = ("sources", "limits", "observed", "lines_included", "lines_left_out")
_CELL = "population_cell_deg"
_FRAME_ORDER = ("county_code", "lat", "lon")


def join_networks(parts: Mapping[str, Network]) -> Network:
    """Return networks of one service day as one: ids of stations, trips, routes, services become
    ``<prefix>:<id>``.

    Stations are not merged: walks join those nearby. Clock times of a network in another time zone
    than the first's are shifted by the difference at noon; a network without a known zone has the
    first one's. A city has the core stations of all networks; cities, regions, counties, their
    people and assumptions that several networks define are alike.

    Raises ParameterError when there is no network, or a prefix is blank, reserved or holds a colon;
    InputError when a network has links instead of a timetable, when their service days differ, or
    with everything that two networks define differently.
    """
    bad = [
        prefix
        for prefix in parts
        if not prefix.strip() or ":" in prefix or f"{prefix}:" in LINE_PREFIXES
    ]
    if bad or not parts:
        what = (
            f"prefix {bad[0]!r} is blank, reserved or holds a colon"
            if bad
            else "no network to join"
        )
        raise ParameterError(f"{what}; give each network a short name, like rail and bus")
    if linked := [prefix for prefix, network in parts.items() if network.links is not None]:
        raise InputError(
            f"network {linked[0]} has links instead of a timetable: join its graph, then "
            "from_networkx"
        )
    every = list(parts.values())
    if len({network.date for network in every}) > 1:
        days = ", ".join(f"{prefix} {network.date}" for prefix, network in parts.items())
        raise InputError(
            f"the networks are of several service days ({days}): load all of them for one"
        )
    zone = next((network.timezone for network in every if network.timezone), "")
    shifts = {
        prefix: _offset_s(zone, n) - _offset_s(n.timezone or zone, n) for prefix, n in parts.items()
    }
    moved: dict[str, list[str]] = {prefix: [] for prefix in shifts}
    for prefix, shift_s in shifts.items():
        if shift_s:
            moved[prefix].append(
                f"clock times moved by {shift_s / HOUR:+g} h from {parts[prefix].timezone} to "
                f"{zone}"
            )
    titles, titles_en = (
        {getattr(n, name) or n.title: None for n in every} for name in ("title", "title_en")
    )
    lists: Any = {name: _all(every, name) for name in _LISTS}
    joined = replace(
        every[0],
        **_joined(parts, shifts).parts(),
        network_id="+".join(parts),
        timezone=zone,
        title=" + ".join(titles),
        title_en=" + ".join(titles_en) if any(n.title_en for n in every) else "",
        checksums={
            f"{prefix}:{name}": value
            for prefix, n in parts.items()
            for name, value in n.checksums.items()
        },
        notes=tuple(
            f"{prefix}: {note}"
            for prefix, n in parts.items()
            for note in (*n.notes, *moved[prefix])
        ),
        issues=tuple(
            replace(i, file=f"{prefix}:{i.file}") for prefix, n in parts.items() for i in n.issues
        ),
        left_out=tuple(
            {
                **row,
                "station_id": f"{prefix}:{row['station_id']}",
                "file": f"{prefix}:{row['file']}",
                "by_service": {
                    f"{prefix}:{name}" if name else "": both
                    for name, both in row["by_service"].items()
                },
            }
            for prefix, n in parts.items()
            for row in n.left_out
        ),
        **_united(parts, shifts),
        **lists,
    )
    return replace(joined, stations=tuple(with_counties(joined, list(joined.stations))))


def _offset_s(zone: str, network: Network) -> int:
    """Return seconds ahead of UTC at noon of the service day; 0 without a zone."""
    offset = (
        dt.datetime.combine(network.date, dt.time(12), ZoneInfo(zone)).utcoffset() if zone else None
    )
    return 0 if offset is None else round(offset.total_seconds())


def _moved(city: City, shift_s: int) -> City:
    """Return the city without core stations, its windows shifted by so many seconds."""
    spans = {
        name: tuple(s + shift_s for s in getattr(city, name))
        for name in ("window_to", "window_from")
    }
    return replace(city, core_station_ids=(), **spans)  # type: ignore[arg-type]


def _all(networks: Sequence[Network], name: str) -> tuple[Any, ...]:
    """Return the items that the networks have under a name, equal ones once."""
    every = [item for network in networks for item in getattr(network, name)]
    return tuple(item for k, item in enumerate(every) if item not in every[:k])


def _joined(parts: Mapping[str, Network], shifts: Mapping[str, int]) -> Timetable:
    """Return the timetables as one, ids with their prefix, clock times shifted by so many
    seconds.
    """
    trips = []
    walks = list[tuple[int, int, int]]()
    stations = list[Station]()
    services = list[Service]()
    for prefix, network in parts.items():
        own = network.trips
        calls = network.stop_times
        listed = network.transfers
        own = replace(
            own,
            service_idx=own.service_idx + len(services),
            trip_ids=tuple(f"{prefix}:{t}" for t in own.trip_ids),
            route_ids=tuple(f"{prefix}:{route}" for route in own.route_ids),
        )
        shifted = {
            name: getattr(calls, name) + shifts[prefix] for name in ("arrival_s", "departure_s")
        }
        trips.append(
            (own, replace(calls, station_idx=calls.station_idx + len(stations), **shifted))
        )
        ends = (listed.from_idx + len(stations), listed.to_idx + len(stations))
        walks += zip(*(column.tolist() for column in (*ends, listed.seconds)), strict=True)
        stations += [replace(s, station_id=f"{prefix}:{s.station_id}") for s in network.stations]
        for one in network.services:
            mark = next(filter(one.service_id.startswith, LINE_PREFIXES), "")
            services.append(
                replace(one, service_id=f"{mark}{prefix}:{one.service_id.removeprefix(mark)}")
            )
    return canonical_order(stations, services, *join_trips(trips), make_transfers(walks))


def _united(parts: Mapping[str, Network], shifts: Mapping[str, int]) -> dict[str, Any]:
    """Return cities, regions, assumptions, counties and people by their names in a `Network`.

    Windows of cities are shifted as clock times are. Raises InputError with everything that two
    networks define differently.
    """
    issues: list[Issue] = []

    def differ(file: str, key: str, prefixes: str, names: str = "") -> None:
        message = f"{prefixes} define it differently{names}"
        remedy = "give all the same, or take it out of the others"
        issues.append(Issue("error", "defined-twice", message, file, value=key, remedy=remedy))

    def unite(file: str, items: Callable[[Network], Iterable[tuple[str, Any]]]) -> dict[str, Any]:
        found: dict[str, tuple[str, Any]] = {}
        for prefix, (key, item) in (
            (prefix, row) for prefix, network in parts.items() for row in items(network)
        ):
            other, before = found.setdefault(key, (prefix, item))
            names = [f"{before}, {item}"]
            if is_dataclass(item):
                names = [
                    f.name for f in fields(item) if getattr(item, f.name) != getattr(before, f.name)
                ]
            if item != before:
                differ(file, key, f"{other} and {prefix}", f" ({', '.join(names)})")
        return {key: item for key, (_, item) in found.items()}

    def unite_frames(file: str, name: str) -> Any:
        """Return the rows of all frames, equal ones once; the rows of a county are alike in all
        frames with it.
        """
        frames = {
            prefix: frame for prefix, n in parts.items() if (frame := getattr(n, name)) is not None
        }
        if len(frames) < 2:
            return next(iter(frames.values()), None)
        import pandas as pd

        whole = pd.concat(frames.values())
        plain = pd.DataFrame(whole).astype({"geometry": str} if "geometry" in whole else {})
        whole = whole[~plain.duplicated()].sort_values(
            [key for key in _FRAME_ORDER if key in whole], ignore_index=True
        )
        counts = {prefix: frame["county_code"].value_counts() for prefix, frame in frames.items()}
        total = whole["county_code"].value_counts()
        for code in sorted(
            {code for own in counts.values() for code in own.index[own != total[own.index]]}
        ):
            differ(
                file, code, " and ".join(prefix for prefix, own in counts.items() if code in own)
            )
        return whole

    core = [
        (c.slug, f"{p}:{station}")
        for p, n in parts.items()
        for c in n.cities
        for station in c.core_station_ids
    ]
    local = {network: shifts[prefix] for prefix, network in parts.items()}
    cities = unite("cities.csv", lambda n: ((c.slug, _moved(c, local[n])) for c in n.cities))
    regions = unite("regions.csv", lambda n: ((r.region_id, r) for r in n.regions))
    peopled = [network for network in parts.values() if network.population is not None]
    found = {
        "cities": with_core_stations(
            sorted(cities.values(), key=lambda c: (c.role != "core", c.slug)), core
        ),
        "regions": tuple(sorted(regions.values(), key=lambda r: (r.kind, r.region_id))),
        "assumptions": unite("network.toml", lambda n: n.assumptions.items()),
        **unite("network.toml", lambda n: [(_CELL, n.population_cell_deg)] if n in peopled else []),
        "population_label": " + ".join(
            dict.fromkeys(network.population_label for network in peopled)
        ),
        "counties": unite_frames("boundaries.parquet", "counties"),
        "population": unite_frames("population.parquet", "population"),
    }
    raise_errors(f"networks {', '.join(parts)}", issues)
    return found
