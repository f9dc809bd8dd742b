"""Distributions of uncertain assumptions, one a data row, and values drawn from them by name.

A value depends on hash(seed, row, id, draw) alone, not on the number of stations or trips, the
order of rows or other draws, so an added station or line changes no other value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from railshed.util.array_types import Floats
from railshed.util.units import MINUTE

#: parameters of each kind
KINDS: Mapping[str, tuple[str, ...]] = {
    "none": (), "lognormal": ("median", "log_sd"), "normal": ("mean", "sd", "low", "high"),
    "exponential": ("mean_min", "late_share"), "uniform": ("low", "high"),
}  # fmt: skip
PARAMETERS = tuple(dict.fromkeys(key for keys in KINDS.values() for key in keys))
_KEYS = ("kind", "per", *PARAMETERS, "source", "status")
#: by row: what it is drawn for (the first is usual), and which kinds it may have
_FACTORS = ("none", "lognormal", "normal")
_DELAYS = ("none", "exponential")
_PHASES = ("none", "uniform")
ROWS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "station_time": (("station", "city"), _FACTORS),
    "class_time": (("class",), _FACTORS),
    "change_time": (("class",), _FACTORS),
    "feeder_speed": (("city", "station"), _FACTORS),
    "feeder_wait": (("station", "city"), _FACTORS),
    "drive_speed": (("city", "station"), _FACTORS),
    "bike_speed": (("city", "station"), _FACTORS),
    "walk_speed": (("city",), _FACTORS),
    "run_time": (("line",), _FACTORS),
    "phase": (("line",), _PHASES),
    "delay:rail": (("run",), _DELAYS),
    "delay:metro": (("run",), _DELAYS),
    "delay:bus": (("run",), _DELAYS),
}
#: a run is at most this late
LATEST_S = 180 * MINUTE
#: of one run
MOST_DRAWS = 10_000
#: draws from one hash
_DRAWS_A_HASH = 64
_NORMAL = NormalDist()
#: coefficients of the quantiles of the normal distribution between 0.075 and 0.925, highest power
#: first
_ABOVE = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
)  # fmt: skip
_BELOW = (
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
)  # fmt: skip
#: least and largest factor
_FACTOR_RANGE = (0.1, 10.0)
LARGEST_FACTOR = _FACTOR_RANGE[1]
#: shares whose quantile is finite
_OPEN = (2.0**-60, 1 - 2.0**-53)


@dataclass(frozen=True, slots=True)
class Distribution:
    """One row: factors (1: as assumed elsewhere), minutes late (``delay:*``, never early), or
    shares of a headway.

    ``lognormal``: median, standard deviation of the logarithm; ``normal``: mean and standard
    deviation, cut at low and high; ``exponential``: a share is late, by this mean; ``uniform``:
    between low and high, the share of the headway by which a line known by headway is later;
    ``none``: not drawn.
    """

    name: str
    kind: str
    #: one value for the whole city, a class of stations, a station, a line in one direction, or a
    #: run of a train
    per: str
    values: Mapping[str, float]
    source: str
    status: str

    @property
    def is_delay(self) -> bool:
        """Whether values are seconds late, not factors."""
        return self.name.startswith("delay:")

    @property
    def none(self) -> float:
        """What is drawn where nothing is: no delay, the phase of the timetable, the factor 1."""
        return 0.0 if self.is_delay or self.name == "phase" else 1.0

    @property
    def varies(self) -> bool:
        """Whether two draws can differ, or a draw differ from what is assumed elsewhere."""
        v = self.values
        if self.kind == "exponential":
            return v["mean_min"] > 0 and v["late_share"] > 0
        if self.kind == "uniform":
            return v["low"] != 0 or v["high"] != 0
        if self.kind == "lognormal":
            return v["log_sd"] > 0 or v["median"] != 1
        return self.kind == "normal" and (v["sd"] > 0 or v["mean"] != 1)

    @property
    def least(self) -> float:
        """The least value that can be drawn."""
        return float(self.quantile(np.array([_OPEN[0]]))[0]) if self.varies else self.none

    def quantile(self, u: Floats) -> Floats:
        """Return the values below which the shares `u` in (0, 1) are: factors, seconds late, shares
        of a headway.
        """
        v = self.values
        if self.kind == "uniform":
            return v["low"] + u * (v["high"] - v["low"])
        if self.is_delay:
            return self._late(u) if self.kind == "exponential" else np.zeros(u.shape)
        if self.kind == "lognormal":
            drawn = v["median"] * np.exp(v["log_sd"] * _normal_quantile(u))
        elif self.kind == "normal" and v["sd"] > 0:
            low, high = (_NORMAL.cdf((v[end] - v["mean"]) / v["sd"]) for end in ("low", "high"))
            within = np.clip(low + u * (high - low), *_OPEN)
            drawn = np.clip(v["mean"] + v["sd"] * _normal_quantile(within), v["low"], v["high"])
        else:
            drawn = np.full(u.shape, v["mean"] if self.kind == "normal" else 1.0)
        return np.clip(drawn, *_FACTOR_RANGE)

    def _late(self, u: Floats) -> Floats:
        share = self.values["late_share"]
        mean_s = self.values["mean_min"] * MINUTE
        late = np.zeros(u.shape)
        behind = u > 1 - share
        rest = (1 - u[behind]) / share  # uniform in (0, 1)
        late[behind] = np.clip(np.rint(-mean_s * np.log(rest)), 0, LATEST_S)
        return late

    def draw(self, seed: int, ids: Sequence[str], draws: range) -> Floats:
        """Return float64 (n_ids, n_draws): the value of each id in each draw, none of which depends
        on another.
        """
        if not self.varies:
            return np.full((len(ids), len(draws)), self.none)
        return self.quantile(uniforms(seed, self.name, ids, draws))


def uniforms(seed: int, row: str, ids: Sequence[str], draws: range) -> Floats:
    """Return float64 (n_ids, n_draws) in (0, 1), each from hash(seed, row, id, draw) alone."""
    blocks = range(draws.start // _DRAWS_A_HASH, -(-draws.stop // _DRAWS_A_HASH))
    drawn = np.empty((len(ids), len(blocks) * _DRAWS_A_HASH), np.uint64)
    for i, name in enumerate(ids):
        for b, block in enumerate(blocks):
            digest = hashlib.shake_128(f"{seed}|{row}|{block}|{name}".encode()).digest(
                8 * _DRAWS_A_HASH
            )
            drawn[i, b * _DRAWS_A_HASH : (b + 1) * _DRAWS_A_HASH] = np.frombuffer(digest, ">u8")
    first = draws.start - blocks.start * _DRAWS_A_HASH if len(draws) else 0
    mine = drawn[:, first : first + len(draws)]
    return ((mine >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52


def _normal_quantile(u: Floats) -> Floats:
    """Return `NormalDist.inv_cdf` of each: its polynomials of the middle (Wichura 1988, AS 241) at
    once.
    """
    from_middle = u - 0.5
    x = 0.180625 - from_middle * from_middle
    found: Floats = np.polyval(_ABOVE, x) * from_middle / np.polyval(_BELOW, x)
    far = np.abs(from_middle) > 0.425
    found[far] = list(map(_NORMAL.inv_cdf, u[far].tolist()))
    return found


def distribution_of(name: str, row: Mapping[str, Any], problems: list[str]) -> Distribution | None:
    """Return the distribution of a row; None where it has problems, which are added to the list."""
    levels, kinds = ROWS[name]
    kind = row.get("kind", "none")
    per = row.get("per", levels[0])
    found = [f"unknown {key!r} (allowed: {', '.join(_KEYS)})" for key in row if key not in _KEYS]
    if kind not in kinds:
        found.append(f"kind {kind!r} (allowed: {', '.join(kinds)})")
    if per not in levels:
        found.append(f"per {per!r} (allowed: {', '.join(levels)})")
    values = {}
    for key in KINDS.get(str(kind), ()):
        value = row.get(key)
        least = -1 if kind == "uniform" else 0
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not np.isfinite(value)
            or value < least
        ):
            found.append(f"{key} {value!r} (a number, {least} or more, that kind {kind} needs)")
        else:
            values[key] = float(value)
    if not found:
        found = _out_of_range(values)
    problems += [f"uncertainty.{name}: {text}" for text in found]
    if found:
        return None
    return Distribution(
        name, kind, per, values, str(row.get("source", "")), str(row.get("status", ""))
    )


def _out_of_range(v: Mapping[str, float]) -> list[str]:
    low, high = _FACTOR_RANGE
    found = [
        f"{key} {v[key]:g} (allowed: {low:g}-{high:g})"
        for key in ("median",)
        if not low <= v.get(key, 1) <= high
    ]
    if v.get("log_sd", 0) > 2:
        found.append(f"log_sd {v['log_sd']:g} (allowed: 0-2)")
    if "low" in v and "mean" not in v:
        if not v["low"] <= v["high"] <= 1:
            found.append(
                f"low {v['low']:g}, high {v['high']:g} (must not fall, within -1 to 1 headways)"
            )
    elif "low" in v and not (low <= v["low"] <= v["mean"] <= v["high"] <= high):
        found.append(
            f"low {v['low']:g}, mean {v['mean']:g}, high {v['high']:g} (must rise, within "
            f"{low:g}-{high:g})"
        )
    if v.get("late_share", 0) > 1:
        found.append(f"late_share {v['late_share']:g} (allowed: 0-1)")
    if v.get("mean_min", 0) > 60:
        found.append(f"mean_min {v['mean_min']:g} (allowed: 0-60)")
    return found
