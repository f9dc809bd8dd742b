"""The modifications of stations and cities: ``adjust-station-time``, ``add-transfer`` and ``add-core-station``."""

from __future__ import annotations

from dataclasses import replace

from railshed.lines import with_core_stations
from railshed.model import Network
from railshed.modifications.edits import with_transfers
from railshed.modifications.stations import find_city, named_stations, one_station
from railshed.modifications.table import Modification
from railshed.units import MINUTE


def adjust_station_time(m: Modification) -> Network | None:
    """Return the network whose stations take other times to pass through or to reach."""
    table = m.table
    stations = named_stations(m, table, "stations")
    kind, feeder, change_s = table.choice("station_class"), table.choice("feeder"), table.seconds("change_minutes")
    if not any(table.has(key) for key in ("station_class", "feeder", "change_minutes")):
        table.error("station_class", "missing-key", "needs station_class, change_minutes or feeder")
    if m.failed:
        return None
    ids = {s.station_id for s in stations}
    new = tuple(
        replace(
            s, station_class=kind or s.station_class, feeder=feeder or s.feeder,
            change_s=s.change_s if change_s is None else change_s,
        ) if s.station_id in ids else s
        for s in m.network.stations
    )  # fmt: skip
    change = "" if change_s is None else f"change {change_s / MINUTE:g} min"
    what = ", ".join(text for text in (kind and f"class {kind}", change, feeder and f"feeder {feeder}") if text)
    m.effects.append(f"{', '.join(s.name for s in stations)}: {what}")
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
