"""What a scenario can do to a network: one class a type of modifications, and the one list of them.

To add a type: write one module here, name its class in `MODIFICATIONS`, add a row to the table in
the guide's page on scenarios, and test what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railshed.scenario.fields.kinds import PARTS, TOP, Fields, reference
from railshed.scenario.modification import Modification
from railshed.scenario.modifications.add_core_station import AddCoreStation
from railshed.scenario.modifications.add_transfer import AddTransfer
from railshed.scenario.modifications.add_trips import AddTrips
from railshed.scenario.modifications.adjust_dwell_time import AdjustDwellTime
from railshed.scenario.modifications.adjust_frequency import AdjustFrequency
from railshed.scenario.modifications.adjust_speed import AdjustSpeed
from railshed.scenario.modifications.adjust_station_time import AdjustStationTime
from railshed.scenario.modifications.remove_stops import RemoveStops
from railshed.scenario.modifications.remove_trips import RemoveTrips
from railshed.scenario.modifications.reroute import Reroute

#: every type of modifications by its name in scenario files, in the order of messages and of the
#: JSON Schema
MODIFICATIONS: Mapping[str, type[Modification]] = {
    one.type: one
    for one in (
        AddTrips,
        RemoveTrips,
        RemoveStops,
        Reroute,
        AdjustSpeed,
        AdjustDwellTime,
        AdjustFrequency,
        AdjustStationTime,
        AddTransfer,
        AddCoreStation,
    )
}


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of scenario files."""
    top = _object(TOP, "A railshed scenario: what is changed in a network, in order. TOML or JSON.")
    top["properties"]["modification"]["items"] = {
        "oneOf": [reference(name) for name in MODIFICATIONS]
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "railshed scenario",
        **top,
        "$defs": {
            **{name: _object(fields) for name, fields in PARTS.items()},
            **{name: _modification(kind) for name, kind in MODIFICATIONS.items()},
        },
    }


def _modification(kind: type[Modification]) -> dict[str, Any]:
    found = _object(kind.fields, kind.meaning)
    found["properties"]["type"] = {
        **found["properties"]["type"],
        "description": "",
        "const": kind.type,
    }
    if kind.is_named:
        found["required"].insert(0, "name")
    return found


def _object(fields: Fields, meaning: str = "") -> dict[str, Any]:
    required = [key for key, one in fields.items() if one.required]
    return {
        **({"description": meaning} if meaning else {}),
        "type": "object",
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": {key: one.json() for key, one in fields.items()},
    }
