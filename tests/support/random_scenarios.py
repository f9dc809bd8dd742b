"""Random scenarios for random networks: modifications of every type, drawn from its fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from railshed.network.model import Network
from railshed.network.ordering import canonical_order
from railshed.scenario.fields.kinds import Field
from railshed.scenario.files import Scenario, scenario_from_dict
from railshed.scenario.modification import Modification
from railshed.scenario.modifications import MODIFICATIONS
from railshed.util.units import DAY, HOUR, format_clock

TYPES = tuple(MODIFICATIONS)


def canonical(network: Network) -> Network:
    """Return the network in canonical order, as readers give it."""
    table = canonical_order(
        network.stations, network.services, network.trips, network.stop_times, network.transfers
    )
    return replace(
        network,
        stations=table.stations,
        services=table.services,
        trips=table.trips,
        stop_times=table.stop_times,
        transfers=table.transfers,
    )


def station(rng: Random, network: Network) -> str:
    one = rng.choice(network.stations)
    return rng.choice((one.station_id, one.name, one.name_en))


def selection(rng: Random, network: Network) -> dict[str, Any]:
    start = rng.randrange(0, DAY, 600)
    choices: list[dict[str, Any]] = [
        {"routes": ["r"]},
        {"trips": rng.sample(network.trips.trip_ids, min(2, network.n_trips))},
        {
            "from": station(rng, network),
            "to": station(rng, network),
            "both_directions": rng.random() < 0.5,
        },
        {"calls_at": [station(rng, network), station(rng, network)]},
        {
            "modes": ["rail"],
            "start_time": format_clock(start),
            "end_time": format_clock(start + 6 * 3600),
        },
    ]
    return rng.choice(choices)


@dataclass(frozen=True)
class Draw:
    """Draws modifications; new stations lie within `spread` degrees of 100 E, 10 N."""

    rng: Random
    network: Network
    name: str
    hours: tuple[int, int] = (7 * HOUR, 10 * HOUR)
    spread: float = 0.02

    def modification(self, kind: type[Modification]) -> dict[str, Any]:
        """Return the fields that a type requires, and those that it names to be drawn."""
        drawn = [self.rng.choice(one) if isinstance(one, tuple) else one for one in kind.drawn]
        values: dict[str, Any] = {"type": kind.type}
        if "selection" in drawn:
            values |= selection(self.rng, self.network)
        for key, field in kind.fields.items():
            if key != "type" and (field.required or key in drawn):
                values[key] = self.value(field, values)
        if "departures" in values and values.get("bidirectional", True):
            values["departures_back"] = self.clocks(kind.fields["departures_back"])
        return values

    def value(self, field: Field, before: dict[str, Any]) -> Any:
        """Return a value of a field by its kind; `before` are the fields drawn so far."""
        if field.kind == "numbers":
            ends = [key for key in ("from_stop", "to_stop") if key in before]
            return [self.rng.choice(field.usual) for _ in [*before["stops"], *ends][1:]]
        if field.usual:
            return self.rng.choice(field.usual)
        return getattr(self, field.kind)(field)

    def text(self, _: Field) -> str:
        return self.name

    def flag(self, _: Field) -> bool:
        return self.rng.random() < 0.7

    def station(self, _: Field) -> str:
        return station(self.rng, self.network)

    def stations(self, field: Field) -> list[str]:
        return [self.station(field) for _ in range(self.rng.randint(1, 2))]

    def trips(self, _: Field) -> list[str]:
        return [self.rng.choice(self.network.trips.trip_ids)]

    def city(self, _: Field) -> str:
        return self.rng.choice(self.network.cities).slug

    def stops(self, field: Field) -> list[Any]:
        """Return one station, for a line two to four and in half of all cases a new one
        among them.
        """
        if "minItems" not in field.schema:
            return [self.station(field)]
        ids = [s.station_id for s in self.network.stations]
        found: list[Any] = self.rng.sample(ids, self.rng.randint(2, min(4, len(ids))))
        if self.rng.random() < 0.5:
            place = {
                "lon": 100 + self.rng.random() * self.spread,
                "lat": 10 + self.rng.random() * self.spread,
            }
            found.insert(self.rng.randint(0, len(found)), {"name": f"新{self.name}", **place})
        return found

    def clocks(self, _: Field) -> list[str]:
        """Return up to eight times of the hours."""
        times = range(*self.hours, 30)
        return [format_clock(t) for t in self.rng.sample(times, self.rng.randint(1, 8))]

    def tables(self, _: Field) -> list[dict[str, Any]]:
        """Return one period of the hours."""
        start, end = map(format_clock, self.hours)
        return [
            {"start_time": start, "end_time": end, "headway_minutes": self.rng.choice((7, 20, 60))}
        ]


def line(
    rng: Random,
    network: Network,
    name: str,
    hours: tuple[int, int] = (7 * HOUR, 10 * HOUR),
    spread: float = 0.02,
) -> dict[str, Any]:
    """Return a line over two to four stations, half of them with a new one within so many degrees
    of 100 E, 10 N.
    """
    return Draw(rng, network, name, hours, spread).modification(MODIFICATIONS["add-trips"])


def modification(
    rng: Random, network: Network, number: int, types: Sequence[str] = TYPES
) -> dict[str, Any]:
    """Return a modification of one of these types, most often one that can be applied."""
    return Draw(rng, network, f"L{number}").modification(MODIFICATIONS[rng.choice(types)])


def scenario(*modifications: dict[str, Any]) -> Scenario:
    return scenario_from_dict({"modification": list(modifications)})
