"""The modification ``add-core-station``."""

from __future__ import annotations

from dataclasses import replace

from railshed.network.lines import with_core_stations
from railshed.network.model import Network
from railshed.scenario.fields import kinds
from railshed.scenario.fields.stations import find_city, named_stations
from railshed.scenario.modification import Modification


class AddCoreStation(Modification):
    """Adds core stations to a city."""

    type = "add-core-station"
    meaning = (
        "Stations join the core stations of a city: who arrives there has arrived. A line that "
        "ends at a new station reaches no core set without it."
    )
    fields = kinds.fields_of(
        {
            "stations": kinds.texts("names or ids", kind="stations", required=True),
            "city": kinds.text(
                "slug, Chinese or English name; default the city that is compared", kind="city"
            ),
        },
        selects=False,
    )
    example = {"stations": ["west"], "city": "mid"}
    drawn = ("city",)

    def check(self) -> bool:
        """Read the stations and the city."""
        self.stations = named_stations(self, self.table, "stations")
        text = self.table.text("city") or self.city
        found = find_city(self, self.table, "city", text) if text else None
        if not text and not self.table.has("city"):
            self.table.error(
                "city", "missing-key", "does not say of which city", remedy='add city = "slug"'
            )
        if found is not None:
            self.joined_city = found
        return found is not None

    def apply(self) -> Network:
        """Return the network whose city has the further core stations."""
        stations = self.stations
        city = self.joined_city
        known = [s.name for s in stations if s.station_id in city.core_station_ids]
        if known:
            self.note("edit_core_station_already", names=", ".join(known), city=city.label)
        self.say("edit_core_station", names=", ".join(s.name for s in stations), city=city.label)
        self.only_adds = True
        joining = [(city.slug, s.station_id) for s in stations]
        return replace(self.network, cities=with_core_stations(self.network.cities, joining))
