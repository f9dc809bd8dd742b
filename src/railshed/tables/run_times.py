"""The run of a train as printed and as plain values: every hop, the sum and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railshed.scenario.run_times.run_times import RunTimes
    from railshed.util.bilingual import Language


def plain_run_times(found: RunTimes, names: Sequence[str]) -> dict[str, Any]:
    """Return the run as plain values."""
    hops = [
        {"from": names[hop.from_idx], "to": names[hop.to_idx], **asdict(hop), "run_s": hop.run_s} for hop in found.hops
    ]
    return {
        "hops": hops, "total_s": found.total_s, "length_m": found.length_m, "top_speed_kmh": found.top_speed_kmh,
        "rolling_stock": found.stock.stock_id, "rules": asdict(found.rules), "assumptions": list(found.assumptions),
    }  # fmt: skip


def print_run_times(found: RunTimes, names: Sequence[str], lang: Language) -> None:
    """Print the table and the assumptions below it."""
    from railshed.tables.console import console_of, table_of
    from railshed.util.bilingual import say

    zh, minutes, km = lang == "zh", f"{found.total_s / 60:g}", f"{found.length_m / 1000:.1f} km"
    title = f"{names[0]} - {names[-1]}" + (f"：{minutes}分钟，{km}" if zh else f": {minutes} min, {km}")
    heads = (
        ["自", "至", "km", "纯运行", "分钟", "km/h", "停站", "开", "到"]
        if zh
        else ["from", "to", "km", "bare min", "minutes", "km/h", "dwell", "leaves", "arrives"]
    )
    table = table_of(title, heads, right=2)
    for hop in found.hops:
        table.add_row(
            names[hop.from_idx], names[hop.to_idx], f"{hop.length_m / 1000:.1f}", f"{hop.fastest_s / 60:.1f}",
            f"{hop.run_s / 60:g}", f"{hop.length_m / hop.run_s * 3.6:.0f}" if hop.run_s else "-",
            f"{hop.dwell_s / 60:g}" if hop.dwell_s else "", f"{hop.depart_s / 60:g}", f"{hop.arrive_s / 60:g}",
        )  # fmt: skip
    console = console_of()
    console.print(table)
    bare = (
        "纯运行：无冗余、无附加损失；分钟、停站、开、到：时刻表"
        if zh
        else "bare: no margin, no loss; minutes, dwell, leaves and arrives: the timetable"
    )
    for text in (bare, *(say(words, lang)[0] for words in found.premises)):
        console.print(f"- {text}")
