"""The run of a train as printed and as plain values: every hop, the sum and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from railshed.tables.blocks import Block, Items, Table
from railshed.util.phrases import heads, phrase

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


def run_times_blocks(found: RunTimes, names: Sequence[str]) -> Iterator[Block]:
    """Yield the table of hops, and the assumptions below it."""
    yield Table(
        phrase(
            "run_title", first=names[0], last=names[-1], minutes=f"{found.total_s / 60:g}",
            km=f"{found.length_m / 1000:.1f} km",
        ),
        heads("from", "to", "km", "bare_minutes", "minutes", "kmh", "dwell", "leaves", "arrives"),
        tuple(
            (
                names[hop.from_idx], names[hop.to_idx], f"{hop.length_m / 1000:.1f}", f"{hop.fastest_s / 60:.1f}",
                f"{hop.run_s / 60:g}", f"{hop.length_m / hop.run_s * 3.6:.0f}" if hop.run_s else "-",
                f"{hop.dwell_s / 60:g}" if hop.dwell_s else "", f"{hop.depart_s / 60:g}", f"{hop.arrive_s / 60:g}",
            )
            for hop in found.hops
        ),
        right=2,
    )  # fmt: skip
    yield Items((phrase("bare_minutes"), *found.premises))
