"""What a scenario can do to a network: one class a type of modifications, and the one list of them.

To add a type: write one module here, name its class in `MODIFICATIONS`, write the JSON Schema anew
(`json_schema.write_schema`), add a row to the table in the guide's page on scenarios, and test what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

#: every type of modifications by its name in scenario files, in the order of messages and of the JSON Schema
MODIFICATIONS: Mapping[str, type[Modification[Any]]] = {
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
