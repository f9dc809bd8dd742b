"""Seconds of a train between two stops, from standstill to standstill, in closed form, and the
rolling stock.

A train accelerates at a rate that depends on the band of speed it is in, brakes at one rate and
keeps every speed limit, from its first metre to its last, as a point: the train's own length is
left out (a limit that holds until the last car has passed costs a 400 m train 1 to 10 s more). In
terms of the speed squared, each of these is a straight line over distance, so the fastest run is
made of straight pieces, found from both ends and crossed; a piece of length `d` between speeds `u`
and `v` takes `2 d / (u + v)`. Nothing is stepped, so nothing depends on a step.

`runtimes` makes a timetable of it, with recovery margin, losses and dwell.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from types import MappingProxyType

from railshed.util.bilingual import Words
from railshed.util.errors import NotFoundError, ParameterError

#: speeds that are a railway's; announced or built ones lie between
SLOWEST_KMH = 20.0
FASTEST_KMH = 450.0
_KMH = 3.6
#: how lines are run: like a metro on tracks of its own, or like a railway
CITY = "city"
RAILWAY = "railway"
#: what runs on lines of each kind by default, slowest first
_USUAL = {
    CITY: ("metro-80", "metro-100", "suburban-120", "suburban-140", "suburban-160"),
    RAILWAY: ("CRH6F", "CRH6A", "CR300", "CR400", "CR450"),
}
#: a speed limit: from metre, to metre, km/h
Limit = tuple[float, float, float]
#: from metre to metre, square of the highest speed (m2/s2)
_Piece = tuple[float, float, float]
#: points (metre, speed squared) of one piece, joined by straight lines
_Points = list[tuple[float, float]]
#: up to this speed squared, m/s2
_Bands = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class RollingStock:
    """How one kind of train accelerates and brakes: a row of `defaults/rolling_stock.csv`."""

    stock_id: str
    name: str
    name_en: str
    top_kmh: float
    #: (from this speed in km/h, m/s2), rising speeds, the first 0: constant within a band
    accelerations: tuple[tuple[float, float], ...]
    #: service braking
    braking_ms2: float
    #: where the row is from, or "guess"
    source: str | Words = ""
    #: how lines with it are run: "city" or "railway"
    service: str = RAILWAY


@cache
def rolling_stock() -> Mapping[str, RollingStock]:
    """Return the rolling stock of the table by id, in its order."""
    text = (
        resources.files("railshed.scenario.run_times")
        .joinpath("rolling_stock.csv")
        .read_text(encoding="utf-8")
    )
    return MappingProxyType(
        {row["stock_id"]: _stock_of(row) for row in csv.DictReader(text.splitlines())}
    )


def _stock_of(row: Mapping[str, str]) -> RollingStock:
    """Return one row of the table."""
    bands = tuple(
        (float(v), float(a))
        for v, a in (cell.split("=") for cell in row["accelerations"].split("|"))
    )
    return RollingStock(
        stock_id=row["stock_id"],
        name=row["name"],
        name_en=row["name_en"],
        top_kmh=float(row["top_kmh"]),
        accelerations=bands,
        braking_ms2=float(row["braking_ms2"]),
        source=Words(row["source_zh"], row["source"]),
        service=row["service"],
    )


def get_stock(stock_id: str) -> RollingStock:
    """Return the rolling stock of an id, in capitals or not; NotFoundError where no row
    has the id.
    """
    known = rolling_stock()
    for name, stock in known.items():
        if name.lower() == stock_id.strip().lower():
            return stock
    raise NotFoundError("rolling stock", stock_id, known, hint=f"Known: {', '.join(known)}.")


def usual_stock(service: str = RAILWAY) -> tuple[RollingStock, ...]:
    """Return what runs on lines of a kind where no stock is named, slowest first."""
    return tuple(rolling_stock()[stock_id] for stock_id in _USUAL[service])


def stock_for(top_speed_kmh: float, service: str = RAILWAY) -> RollingStock:
    """Return the usual stock of a line with this top speed: the slowest that reaches it, else the
    fastest.

    A faster stock may start more slowly: CR300 needs longer than CRH6A on a short hop, so a line of
    201 km/h run by this alone would be slower than one of 200. `allowances.ways` compares the two.
    """
    stocks = usual_stock(service)
    return next((stock for stock in stocks if top_speed_kmh <= stock.top_kmh), stocks[-1])


def run_seconds(
    length_m: float, top_speed_kmh: float, stock: RollingStock, *, limits: Iterable[Limit] = ()
) -> float:
    """Return the fewest seconds of a run over `length_m` metres from standstill to standstill: no
    margin, no loss.

    Parameters
    ----------
    length_m
        Metres of track between the two stops.
    top_speed_kmh
        Highest speed of the line; the train's own holds too.
    stock
        What accelerates and brakes.
    limits
        Lower limits along the run, (from metre, to metre, km/h); where they overlap the lowest
        holds.

    Raises ParameterError with every problem of the length, the speeds and the limits.
    """
    limits = tuple(limits)
    sound = math.isfinite(length_m) and length_m > 0
    problems = [] if sound else [f"length {length_m!r} m: must be more than 0"]
    problems += [*speed_problems(top_speed_kmh), *limit_problems(limits, length_m, "m")]
    if problems:
        raise ParameterError("\n".join(problems))
    pieces = _pieces(length_m, min(top_speed_kmh, stock.top_kmh), limits)
    ahead = _envelope(pieces, _bands(stock))
    mirrored = [(length_m - end, length_m - start, top) for start, end, top in reversed(pieces)]
    behind = _envelope(mirrored, [(math.inf, stock.braking_ms2)])
    back = [
        _turned(points, piece, length_m)
        for points, piece in zip(reversed(behind), pieces, strict=True)
    ]
    return math.fsum(t for up, down in zip(ahead, back, strict=True) for t in _seconds(up, down))


def reached_kmh(length_m: float, top_speed_kmh: float, stock: RollingStock) -> float:
    """Return the speed that a train reaches between two stops, in steps of 5 km/h: a higher top
    saves no time.
    """
    fastest = run_seconds(length_m, top_speed_kmh, stock)
    speeds = [
        kmh
        for kmh in range(20, math.ceil(top_speed_kmh), 5)
        if run_seconds(length_m, kmh, stock) <= fastest
    ]
    return min([top_speed_kmh, *speeds])


def speed_problems(top_speed_kmh: float) -> Iterator[str]:
    """Return what is wrong with a top speed, in words."""
    if not SLOWEST_KMH <= top_speed_kmh <= FASTEST_KMH:
        yield (
            f"top speed {top_speed_kmh!r} km/h: must be between {SLOWEST_KMH:g} and {FASTEST_KMH:g}"
        )


def limit_problems(limits: Sequence[Limit], length: float, unit: str) -> Iterator[str]:
    """Return what is wrong with speed limits along a `length`, in words; `unit` is that of their
    places.
    """
    for number, (start, end, kmh) in enumerate(limits, start=1):
        # half a metre in a kilometre: lengths and places of limits are rounded apart
        if not (0 <= start < end <= length * 1.0005):
            yield (
                f"speed limit {number} from {start:g} to {end:g} {unit}: must lie, forwards, "
                f"within 0 and {length:g}"
            )
        if not 1 <= kmh <= FASTEST_KMH:
            yield f"speed limit {number} of {kmh!r} km/h: must be between 1 and {FASTEST_KMH:g}"


def _pieces(length_m: float, top_kmh: float, limits: Sequence[Limit]) -> list[_Piece]:
    """Return the run cut where its highest speed changes; neighbours of one speed are one piece."""
    cuts = sorted(
        {
            0.0,
            length_m,
            *(at for start, end, _ in limits for at in (start, end) if 0 < at < length_m),
        }
    )
    pieces: list[_Piece] = []
    for start, end in pairwise(cuts):
        kmh = min([top_kmh, *(k for low, high, k in limits if low < end and high > start)])
        square = (kmh / _KMH) ** 2
        if pieces and pieces[-1][2] == square:
            start = pieces.pop()[0]
        pieces.append((start, end, square))
    return pieces


def _bands(stock: RollingStock) -> _Bands:
    """Return the stock's accelerations, each with the speed squared up to which it holds."""
    ends = [(kmh / _KMH) ** 2 for kmh, _ in stock.accelerations[1:]]
    return list(zip([*ends, math.inf], [a for _, a in stock.accelerations], strict=True))


def _envelope(pieces: Sequence[_Piece], bands: _Bands) -> list[_Points]:
    """Return the highest speed squared over each piece of a train that starts from rest and may
    drop in no time.
    """
    square = 0.0
    found = []
    for start, end, top in pieces:
        square = min(square, top)
        points = [(start, square)]
        for band_end, acceleration in bands:
            goal = min(band_end, top)
            if square >= goal or points[-1][0] >= end:
                continue
            at = points[-1][0]
            there = at + (goal - square) / (2 * acceleration)
            at, square = (
                (there, goal) if there < end else (end, square + 2 * acceleration * (end - at))
            )
            points.append((at, square))
        if points[-1][0] < end:
            points.append((end, square))
        found.append(points)
    return found


def _turned(points: _Points, piece: _Piece, length_m: float) -> _Points:
    """Return a curve over the mirrored run as one over the run; its ends are exactly those of the
    piece.
    """
    start, end, _ = piece
    inner = [(length_m - at, square) for at, square in reversed(points[1:-1])]
    return [
        (start, points[-1][1]),
        *((at, square) for at, square in inner if start < at < end),
        (end, points[0][1]),
    ]


def _seconds(up: _Points, down: _Points) -> Iterator[float]:
    """Return the seconds of the parts of one piece, run at the lower of two curves of speed
    squared.
    """
    places = sorted({at for at, _ in up} | {at for at, _ in down})
    for (a, up_a, down_a), (b, up_b, down_b) in pairwise(
        zip(places, _at(up, places), _at(down, places), strict=True)
    ):
        before = up_a - down_a
        after = up_b - down_b
        if before * after < 0:
            share = before / (before - after)
            crossing = up_a + share * (up_b - up_a)
            yield _part((b - a) * share, min(up_a, down_a), crossing)
            yield _part((b - a) * (1 - share), crossing, min(up_b, down_b))
        else:
            yield _part(b - a, min(up_a, down_a), min(up_b, down_b))


def _part(metres: float, square: float, other: float) -> float:
    """Return the seconds over a part along which the speed squared is a straight line."""
    return 2 * metres / (math.sqrt(square) + math.sqrt(other))


def _at(points: _Points, places: Sequence[float]) -> list[float]:
    """Return the curve's values at rising places within its ends."""
    values = []
    k = 0
    for place in places:
        while k < len(points) - 2 and points[k + 1][0] <= place:
            k += 1
        a, low = points[k]
        b, high = points[k + 1]
        values.append(low + (high - low) * ((place - a) / (b - a)))
    return values
