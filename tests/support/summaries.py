"""A circle's summary made of plain values, as run.json holds them, of which a test gives what it
reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from railshed.circles.summary import (
    Bridge,
    Corners,
    Interval,
    Outcome,
    Press,
    ReachTable,
    ReadingSummary,
    Rung,
)

_RECORDED = {"quiet_modes": "modes_without_service", "empty_windows": "low_service_windows"}
_ENDS = ("central", "low", "high")
_RUNG = {"cutoff_min": 60, "stations": 0, "stations_in_city": 0, "counties": None, "people": None}
_OUTCOME = {
    "people": None,
    "area_km2": 0.0,
    "access": "walk",
    "slack_min": 0,
    "station_time_min": 0,
    "people_known_km2": None,
}
_READING: dict[str, Any] = {
    "cutoffs": (),
    "definition_zh": [],
    "definition_en": [],
    "table": (),
    "strict": {},
}


def of_summary(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes ``summary``, ``bridge``, ``corners`` and ``interval`` (the first of
    each) of a circle.
    """
    given: dict[str, Any] = {
        "streets": None,
        "not_defined": [],
        "beyond": None,
        "centres": [],
        "n_centres": 0,
    }
    given |= {_RECORDED.get(name, name): value for name, value in plain.items()}
    bridge: Any = ()
    if "bridge" in plain:
        rows = [
            {name: row.get(name, usual) for name, usual in _RUNG.items()} | dict(row)
            for row in plain["bridge"]
        ]
        bridge = Bridge(tuple(Rung(**row) for row in rows))
    corners = [
        Corners(
            row["cutoff_min"], "by_rail", *(Outcome(**_OUTCOME | row.get(end, {})) for end in _ENDS)
        )
        for row in plain.get("corners", ())
    ]
    intervals = [
        Interval(row["cutoff_min"], 40, 0, row["low"], row["high"])
        for row in plain.get("intervals", ())
    ]
    press = Press(
        **{"cutoff_min": 60, "stations": 0, "stations_in_city": 0, "counties": None, "people": None}
        | plain.get("press", {})
    )
    readings = {}
    for name, block in plain.get("readings", {}).items():
        block = {**_READING, **block}
        readings[name] = ReadingSummary(**block | {"table": ReachTable(tuple(block["table"]))})
    found = {
        "bridge": bridge,
        "corners": corners,
        "intervals": intervals,
        "press": press,
        "readings": readings,
    }
    summary = SimpleNamespace(**given | found)
    first = {"corners": next(iter(corners), None), "interval": next(iter(intervals), None)}
    return {"summary": summary, "bridge": bridge, **first}
