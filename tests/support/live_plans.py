"""Scenarios of the toy network as requests send them."""

from __future__ import annotations

from typing import Any

DAY = [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}]


def line(name: str = "nw", **more: Any) -> dict[str, Any]:
    """Return a line from a new station north-west of the town to its centre."""
    stops = [{"name": "西北", "name_en": "Northwest", "lon": 99.85, "lat": 0.42}, "mid"]
    return {
        "type": "add-trips",
        "name": name,
        "stops": stops,
        "top_speed_kmh": 120,
        "frequencies": DAY,
        **more,
    }


def plan(*modifications: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a scenario of these modifications, one line where none are given."""
    return {"title": "a line", "modification": list(modifications) or [line()], **more}


FAR = {"name": "Far", "lon": 99.4, "lat": 0.25}
#: by name: what only adds, what is taken away or slower, both, and nothing that runs
PLANS = {
    "line": plan(),
    "two lines": plan(
        line(), line("far", stops=["west", FAR], frequencies=[{**DAY[0], "headway_minutes": 30}])
    ),
    "slower": plan({"type": "adjust-speed", "routes": ["fast-west", "sw"], "scale": 0.6}),
    "fewer": plan({"type": "remove-trips", "routes": ["sw"]}),
    "both": plan({"type": "adjust-speed", "routes": ["fast-west"], "scale": 1.2}, line()),
    "off": plan(line(enabled=False)),
}
