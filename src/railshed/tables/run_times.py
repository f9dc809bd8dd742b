"""The run of a train as printed and as plain values: every hop, the sum and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railshed.scenario.run_times.run_times import RunTimes


def plain_run_times(found: RunTimes, names: Sequence[str]) -> dict[str, Any]:
    """Return the run as plain values."""
    hops = [
        {"from": names[hop.from_idx], "to": names[hop.to_idx], **asdict(hop), "run_s": hop.run_s} for hop in found.hops
    ]
    return {
        "hops": hops, "total_s": found.total_s, "length_m": found.length_m, "top_speed_kmh": found.top_speed_kmh,
        "rolling_stock": found.stock.stock_id, "rules": asdict(found.rules), "assumptions": list(found.assumptions),
    }  # fmt: skip
