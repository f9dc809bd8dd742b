"""What the command `run-time` does: texts to places and numbers, one call, a table with its assumptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from railshed.cli.inputs import Data
from railshed.scenario.run_times.run_times import RunTimes, run_times
from railshed.util.errors import ParameterError, RailshedError

if TYPE_CHECKING:
    from railshed.network.model import Network
    from railshed.util.bilingual import Language

_POINT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*,\s*([-+]?\d+(?:\.\d+)?)\s*", re.ASCII)
_LIMIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*=\s*(\d+(?:\.\d+)?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Plan:
    """The arguments of the command, as texts where they are lists."""

    stations: tuple[str, ...]
    top_speed_kmh: float
    stock: str | None = None
    length_km: float | None = None
    hop_km: tuple[str, ...] | None = None
    limits: tuple[str, ...] = ()
    stops_at: tuple[str, ...] | None = None
    dwell_minutes: float | None = None
    round_to_s: int = 60


def run_run_time(data: Data, plan: Plan, *, as_json: bool, lang: Language = "en") -> None:
    """Predict the run of a train and print every hop, the sum and what it rests on."""
    from railshed.report import console as printing

    names, places = _places(data, plan.stations)
    found = run_times(
        places,
        top_speed_kmh=plan.top_speed_kmh,
        rolling_stock=plan.stock,
        length_km=plan.length_km,
        hop_km=None if plan.hop_km is None else _numbers(plan.hop_km),
        speed_limits=[_limit(text) for text in plan.limits],
        stops_at=None if plan.stops_at is None else _calls(plan.stops_at, plan.stations, names),
        dwell_s=None if plan.dwell_minutes is None else plan.dwell_minutes * 60,
        round_to_s=plan.round_to_s,
    )
    if as_json:
        printing.print_json(as_plain(found, names))
    else:
        _print(found, names, lang)


def _places(data: Data, texts: Sequence[str]) -> tuple[list[str], list[tuple[float, float]]]:
    """Return names and places; the network is loaded where one is named."""
    points = [_POINT.fullmatch(text) for text in texts]
    network = None if all(points) else data.load(areas=False)
    names, places, problems = [], [], []
    for text, point in zip(texts, points, strict=True):
        try:
            name, place = _named(network, text) if point is None else (text, _degrees(point))
        except RailshedError as error:
            problems.append(error)
            continue
        names.append(name)
        places.append(place)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ParameterError("\n".join(map(str, problems)))
    return names, places


def _named(network: Network | None, text: str) -> tuple[str, tuple[float, float]]:
    assert network is not None
    station = network.stations[network.get_station(text)]
    return station.name, (station.lon, station.lat)


def _degrees(point: re.Match[str]) -> tuple[float, float]:
    lon, lat = float(point[1]), float(point[2])
    if abs(lon) > 180 or abs(lat) > 90:
        raise ParameterError(f"{point[0]!r} is no LON,LAT in degrees")
    return lon, lat


def _numbers(texts: Sequence[str]) -> list[float]:
    try:
        return [float(text) for text in texts]
    except ValueError as error:
        raise ParameterError(f"--hop-km {','.join(texts)}: numbers of km, such as 12.5,8,31") from error


def _limit(text: str) -> tuple[float, float, float]:
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise ParameterError(f"--limit {text!r}: write from km, to km and km/h, such as 0-1.5=80")
    start, end, kmh = map(float, found.groups())
    return start, end, kmh


def _calls(wanted: Sequence[str], given: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the indices of the stations where the train calls."""
    if tuple(wanted) == ("none",):
        return []
    unknown = [text for text in wanted if text not in given and text not in names]
    if unknown:
        raise ParameterError(f"--stops-at {', '.join(unknown)}: not among the stations {', '.join(given)}")
    return [idx for idx, both in enumerate(zip(given, names, strict=True)) if set(both) & set(wanted)]


def as_plain(found: RunTimes, names: Sequence[str]) -> dict[str, Any]:
    """Return the run as plain values."""
    hops = [
        {"from": names[hop.from_idx], "to": names[hop.to_idx], **asdict(hop), "run_s": hop.run_s} for hop in found.hops
    ]
    return {
        "hops": hops, "total_s": found.total_s, "length_m": found.length_m, "top_speed_kmh": found.top_speed_kmh,
        "rolling_stock": found.stock.stock_id, "rules": asdict(found.rules), "assumptions": list(found.assumptions),
    }  # fmt: skip


def _print(found: RunTimes, names: Sequence[str], lang: Language) -> None:
    """Print the table and the assumptions below it."""
    from railshed.report.console import console_of, table_of
    from railshed.tables.plan_text import all_plan_words

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
    for text in (bare, *all_plan_words(found.assumptions, lang)):
        console.print(f"- {text}")
