"""The modification ``adjust-station-time``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from railshed.network.model import FEEDERS, STATION_CLASSES, Network
from railshed.scenario.fields import kinds
from railshed.scenario.fields.stations import named_stations
from railshed.scenario.modification import Modification
from railshed.util.bilingual import joined
from railshed.util.phrases import phrase
from railshed.util.units import MINUTE

_TIMES = {"entry_minutes": "entry_s", "exit_minutes": "exit_s", "change_minutes": "change_s"}


class AdjustStationTime(Modification):
    """Changes the times that it takes to pass through stations, or to reach them."""

    type = "adjust-station-time"
    meaning = (
        "Minutes in stations: another class (entry, exit and change times go by it), or minutes of "
        "their own, which go "
        "before those of any class, as a change time does that the feed lists; another feeder."
    )
    fields = kinds.fields_of(
        {
            "stations": kinds.texts("names or ids", kind="stations", required=True),
            "station_class": kinds.choice("the new class", STATION_CLASSES),
            "entry_minutes": kinds.number("from the door to the platform", 0, 120, "minutes"),
            "exit_minutes": kinds.number("from the platform to the door", 0, 120, "minutes"),
            "change_minutes": kinds.number(
                "between two trains of this station", 0, 120, "minutes"
            ).drawn_from(0, 3),
            "feeder": kinds.choice("what brings people to the door", FEEDERS),
        },
        selects=False,
    )
    example = {"stations": ["west", "mid"], "entry_minutes": 5, "feeder": "metro"}
    drawn = ("change_minutes", "station_class")

    def check(self) -> bool:
        """Read the stations and what changes there, by field: words, and seconds."""
        table = self.table
        self.stations = named_stations(self, table, "stations")
        self.words = {
            key: word for key in ("station_class", "feeder") if (word := table.choice(key))
        }
        self.seconds = {key: value for key in _TIMES if (value := table.seconds(key)) is not None}
        if not any(table.has(key) for key in ("station_class", "feeder", *_TIMES)):
            table.error(
                "station_class",
                "missing-key",
                f"needs station_class, feeder or one of {', '.join(_TIMES)}",
            )
        return True

    def apply(self) -> Network:
        """Return the network whose stations have the new values."""
        ids = {s.station_id for s in self.stations}
        changes: dict[str, Any] = {
            **self.words,
            **{_TIMES[key]: s for key, s in self.seconds.items()},
        }
        new = tuple(
            replace(s, **changes) if s.station_id in ids else s for s in self.network.stations
        )
        printed: dict[str, Any] = {key: s / MINUTE for key, s in self.seconds.items()} | self.words
        what = joined(
            [phrase(f"edit_value_{key}", value=value) for key, value in printed.items()], "，"
        )
        self.say("edit_station_time", names=", ".join(s.name for s in self.stations), what=what)
        return replace(self.network, stations=new)
