"""The modifications of stations and cities: ``adjust-station-time``, ``add-transfer`` and ``add-core-station``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from railshed.network.lines import with_core_stations
from railshed.network.model import Network
from railshed.scenario.modifications.edits import with_transfers
from railshed.scenario.modifications.stations import find_city, named_stations, one_station
from railshed.scenario.modifications.table import Modification
from railshed.util.units import MINUTE

_TIMES = {"entry_minutes": "entry_s", "exit_minutes": "exit_s", "change_minutes": "change_s"}


def adjust_station_time(m: Modification) -> Network | None:
    """Return the network whose stations take other times to pass through or to reach."""
    table = m.table
    stations = named_stations(m, table, "stations")
    words = {key: word for key in ("station_class", "feeder") if (word := table.choice(key))}
    times = {key: value for key in _TIMES if (value := table.seconds(key)) is not None}
    if not any(table.has(key) for key in ("station_class", "feeder", *_TIMES)):
        table.error("station_class", "missing-key", f"needs station_class, feeder or one of {', '.join(_TIMES)}")
    if m.failed:
        return None
    ids = {s.station_id for s in stations}
    changes: dict[str, Any] = {**words, **{_TIMES[key]: value for key, value in times.items()}}
    new = tuple(replace(s, **changes) if s.station_id in ids else s for s in m.network.stations)
    what = [f"{key.removesuffix('_minutes')} {value / MINUTE:g} min" for key, value in times.items()]
    what += [f"{key.removeprefix('station_')} {word}" for key, word in words.items()]
    m.effects.append(f"{', '.join(s.name for s in stations)}: {', '.join(what)}")
    return replace(m.network, stations=new)


def add_transfer(m: Modification) -> Network | None:
    """Return the network with a listed way on foot."""
    table = m.table
    start, end = one_station(m, table, "from"), one_station(m, table, "to")
    seconds, both = table.seconds("minutes"), table.flag("bidirectional")
    if start is not None and end is not None and start.station_id == end.station_id:
        message, remedy = (
            "is the same station as from",
            "the time between two trains at one station is adjust-station-time",
        )
        table.error("to", "repeated-stop", message, end.name, remedy)
    if m.failed or start is None or end is None or seconds is None:
        return None
    index = m.network.station_index()
    a, b = index[start.station_id], index[end.station_id]
    new = {(a, b): seconds, **({(b, a): seconds} if both else {})}
    old = m.network.transfers
    slower = [
        listed / MINUTE
        for i, j, listed in zip(old.from_idx.tolist(), old.to_idx.tolist(), old.seconds.tolist(), strict=True)
        if new.get((i, j), listed) > listed
    ]
    if slower:
        m.note(
            f"transfer {start.name} - {end.name}: {seconds / MINUTE:g} min, more than the {min(slower):g} listed before"
        )
    m.only_adds = False  # walks that are generated between other stations may go by it
    m.effects.append(f"{start.name} {'-' if both else 'to'} {end.name}: {seconds / MINUTE:g} min on foot")
    return with_transfers(m.network, new)


def add_core_station(m: Modification) -> Network | None:
    """Return the network whose city has further core stations."""
    table = m.table
    stations, given = named_stations(m, table, "stations"), table.text("city") or m.city
    city = find_city(m, table, "city", given) if given else None
    if not given and not table.has("city"):
        table.error("city", "missing-key", "does not say of which city", remedy='add city = "slug"')
    if m.failed or city is None:
        return None
    known = [s.name for s in stations if s.station_id in city.core_station_ids]
    if known:
        m.note(f"{', '.join(known)}: core stations of {city.label} already")
    m.effects.append(f"{', '.join(s.name for s in stations)}: core stations of {city.label}")
    m.only_adds = True
    joining = {city.slug: {s.station_id for s in stations}}
    return replace(m.network, cities=with_core_stations(m.network.cities, joining))
