"""Random scenarios for random networks: modifications of every type, most often such as can be applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from railshed.network.model import Network
from railshed.network.ordering import canonical_order
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.util.units import DAY, HOUR, format_clock

TYPES = (
    "add-trips", "remove-trips", "remove-stops", "reroute", "adjust-speed", "adjust-dwell-time", "adjust-frequency",
    "adjust-station-time", "add-transfer", "add-core-station",
)  # fmt: skip


def canonical(network: Network) -> Network:
    """Return the network in canonical order, as readers give it."""
    table = canonical_order(network.stations, network.services, network.trips, network.stop_times, network.transfers)
    return replace(
        network, stations=table.stations, services=table.services, trips=table.trips, stop_times=table.stop_times,
        transfers=table.transfers,
    )  # fmt: skip


def station(rng: Random, network: Network) -> str:
    one = rng.choice(network.stations)
    return rng.choice((one.station_id, one.name, one.name_en))


def selection(rng: Random, network: Network) -> dict[str, Any]:
    start = rng.randrange(0, DAY, 600)
    choices: list[dict[str, Any]] = [
        {"routes": ["r"]},
        {"trips": rng.sample(network.trips.trip_ids, min(2, network.n_trips))},
        {"from": station(rng, network), "to": station(rng, network), "both_directions": rng.random() < 0.5},
        {"calls_at": [station(rng, network), station(rng, network)]},
        {"modes": ["rail"], "start_time": format_clock(start), "end_time": format_clock(start + 6 * 3600)},
    ]
    return rng.choice(choices)


def line(
    rng: Random, network: Network, name: str, hours: tuple[int, int] = (7 * HOUR, 10 * HOUR), spread: float = 0.02
) -> dict[str, Any]:
    """Return a line over two to four stations, half of them with a new one within so many degrees of 100 E, 10 N."""
    stops: list[Any] = rng.sample([s.station_id for s in network.stations], rng.randint(2, min(4, network.n_stations)))
    if rng.random() < 0.5:
        place = {"lon": 100 + rng.random() * spread, "lat": 10 + rng.random() * spread}
        stops.insert(rng.randint(0, len(stops)), {"name": f"新{name}", **place})
    start, end = (format_clock(s) for s in hours)
    period = {"start_time": start, "end_time": end, "headway_minutes": rng.choice((7, 20, 60))}
    return {
        "type": "add-trips", "name": name, "stops": stops, "frequencies": [period], "bidirectional": rng.random() < 0.7,
        "hop_minutes": [rng.choice((10, 21.5, 45)) for _ in stops[1:]],
    }  # fmt: skip


def modification(rng: Random, network: Network, number: int, types: Sequence[str] = TYPES) -> dict[str, Any]:
    """Return a modification of one of these types, most often one that can be applied."""
    kind = rng.choice(types)
    two = [station(rng, network), station(rng, network)]
    period = {"start_time": "00:00", "end_time": "25:00", "headway_minutes": 50}
    fields: dict[str, Any] = {
        "add-trips": line(rng, network, f"L{number}"),
        "remove-trips": selection(rng, network),
        "remove-stops": {"stops": two[:1], "minutes_saved_per_stop": rng.choice((0, 1))},
        "reroute": {"from_stop": two[0], "to_stop": two[1], "stops": [station(rng, network)], "hop_minutes": [9, 12.5]},
        "adjust-speed": {**selection(rng, network), "scale": rng.choice((0.5, 1, 1.1, 1.37))},
        "adjust-dwell-time": {**selection(rng, network), "dwell_minutes": rng.choice((0, 1, 2.5))},
        "adjust-frequency": {"trips": [rng.choice(network.trips.trip_ids)], "frequencies": [period]},
        "adjust-station-time": {"stations": two, "change_minutes": rng.choice((0, 3)), "station_class": "halt"},
        "add-transfer": {"from": two[0], "to": two[1], "minutes": rng.choice((0, 4, 30))},
        "add-core-station": {"stations": two[:1], "city": "core"},
    }[kind]
    return {**fields, "type": kind}


def scenario(*modifications: dict[str, Any]) -> Scenario:
    return scenario_from_dict({"modification": list(modifications)})
