"""How long a planned line takes: minutes as given, or computed from lengths, top speed and rolling stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from railshed.network.lines import Profile
from railshed.network.model import Station
from railshed.scenario.fields.table import Table, is_number
from railshed.scenario.modification import Modification
from railshed.scenario.run_times.kinematics import FASTEST_KMH, get_stock
from railshed.scenario.run_times.run_times import RunTimes, run_time_problems, run_times
from railshed.util.bilingual import Words, about
from railshed.util.errors import NotFoundError
from railshed.util.geodesy import great_circle_m
from railshed.util.units import MINUTE, decimal

#: minutes at an intermediate stop where dwell_minutes is not given and no class of line is known
DEFAULT_DWELL_MIN = 1
_USUAL_DWELL = Words(
    "{line}：未给dwell_minutes，取{minutes}分钟", "{line}: dwell_minutes not given, {minutes} minute assumed"
)
_PROFILE = ("rolling_stock", "length_km", "hop_km", "speed_limits")


@dataclass(frozen=True, slots=True)
class Times:
    """The runs and dwells of one stop pattern of a line: indices into its stations, seconds."""

    calls: tuple[int, ...]
    #: run_s[k] from call k to call k + 1
    run_s: tuple[int, ...]
    #: dwell_s[k] at call k; 0 at the ends
    dwell_s: tuple[int, ...]
    #: what they were computed from, None where minutes are given
    run: RunTimes | None = None
    profile: Profile | None = None


@dataclass(slots=True)
class Running:
    """Reads the running of a line with these stations (None: unknown) once, and times its stop patterns."""

    m: Modification[Any]
    stations: Sequence[Station | None]
    #: name of the line in notes
    name: str
    _hops: tuple[int, ...] = ()
    _dwells: tuple[int, ...] = ()
    _profile: dict[str, Any] | None = None

    def read(self) -> None:
        """Read and report; `times` gives nothing sound where something was reported."""
        table = self.m.table
        given = [key for key in ("hop_minutes", "top_speed_kmh") if table.has(key)]
        if len(given) == 2:
            table.error("hop_minutes", "two-times", "is given together with top_speed_kmh", remedy="give one of them")
        elif not given and len(self.stations) != 1:
            message = "must be a list of the minutes between consecutive stops"
            table.error("hop_minutes", "missing-key", message, remedy="or give top_speed_kmh")
        self._dwells = self._read_dwells(table)
        if given == ["hop_minutes"]:
            self._refuse(table, _PROFILE, "goes with top_speed_kmh, not with hop_minutes")
            self._hops = self._read_hops(table)
            if len(self._hops) == len(self.stations) - 1:
                self._check_speed(self._hops)
        elif given == ["top_speed_kmh"]:
            self._read_profile(table)

    @staticmethod
    def _refuse(table: Table, keys: Sequence[str], message: str) -> None:
        for key in keys:
            if table.has(key):
                table.error(key, "unknown-key", message)

    def times(self, calls: Sequence[int] | None = None) -> Times:
        """Return the times of trains that call at these stations (all where None), once all is sound."""
        at = tuple(range(len(self.stations)) if calls is None else calls)
        if self._profile is None:
            between = [sum(self._hops[a:b]) for a, b in pairwise(at)]
            return Times(at, tuple(between), tuple(0 if k in (at[0], at[-1]) else self._dwells[k] for k in at))
        found = run_times(self._places(), stops_at=at, **self._profile)
        for words in found.premises:
            self.m.note_once(about(self.name, words))
        return Times(
            at, tuple(round(hop.run_s) for hop in found.hops), (0, *(round(hop.dwell_s) for hop in found.hops)), found,
            self._profile_of(at, found),
        )  # fmt: skip

    def _profile_of(self, at: Sequence[int], run: RunTimes) -> Profile:
        """Return what the times of trains that call at these stations were computed from."""
        assert self._profile is not None
        dwells = self._profile["dwell_s"] or (run.rules.dwell_s,) * len(self.stations)
        ids = tuple(s.station_id for k in at if (s := self.stations[k]) is not None)
        return Profile(
            run.top_speed_kmh, run.stock.stock_id, ids,
            tuple(hop.length_m for hop in run.hops), tuple(dwells[k] for k in at), tuple(self._profile["speed_limits"]),
        )  # fmt: skip

    def _places(self) -> list[tuple[float, float]]:
        return [(s.lon, s.lat) for s in self.stations if s is not None]

    def _read_hops(self, table: Table) -> tuple[int, ...]:
        given = table.values["hop_minutes"]
        if not isinstance(given, list):
            message = "must be a list of the minutes between consecutive stops"
            table.error("hop_minutes", "bad-value", message, given)
            return ()
        self._check_count(table, "hop_minutes", len(given))
        minutes = table.numbers("hop_minutes")
        return tuple(0 if value is None else round(value * MINUTE) for value in minutes)

    def _check_count(self, table: Table, key: str, n_given: int) -> None:
        n_stops = len(self.stations)
        if n_stops >= 2 and n_given != n_stops - 1:
            message, remedy = f"has {n_given} values for {n_stops} stops", f"give {n_stops - 1}, one a hop"
            table.error(key, "count-mismatch", message, table.values[key], remedy)

    def _read_dwells(self, table: Table) -> tuple[int, ...]:
        n_stops = len(self.stations)
        n_between = max(n_stops - 2, 0)
        given = table.values.get("dwell_minutes")
        if given is None:
            if n_between and not table.has("top_speed_kmh"):
                self.m.note(_USUAL_DWELL, line=self.name, minutes=DEFAULT_DWELL_MIN)
            return (DEFAULT_DWELL_MIN * MINUTE,) * n_stops
        if not isinstance(given, list):
            return (table.seconds("dwell_minutes") or 0,) * n_stops
        if len(given) != n_between and n_stops >= 2:
            message = f"has {len(given)} values for {n_between} intermediate stops"
            remedy = f"give one number for all, or {n_between}, one a stop between the ends"
            table.error("dwell_minutes", "count-mismatch", message, given, remedy)
        between = table.numbers("dwell_minutes")
        return (0, *(0 if value is None else round(value * MINUTE) for value in between), 0)

    def _check_speed(self, hops: Sequence[int]) -> None:
        for i, (a, b, seconds) in enumerate(zip(self.stations, self.stations[1:], hops, strict=False), start=1):
            if a is None or b is None or seconds <= 0:
                continue
            metres = float(great_circle_m(a.lon, a.lat, b.lon, b.lat))
            if metres / seconds * 3.6 > FASTEST_KMH:  # on a straight line
                kmh, least = metres / seconds * 3.6, metres / FASTEST_KMH * 0.06
                way = f"{metres / 1000:,.1f} km in {decimal(seconds / MINUTE)} min"
                message = f"{a.name} to {b.name}: {way} is {kmh:,.0f} km/h, above {FASTEST_KMH:g}"
                remedy = f"a straight line at {FASTEST_KMH:g} km/h takes {least:,.1f} min"
                self.m.table.error(
                    "hop_minutes", "impossible-speed", message, f"{seconds / MINUTE:g}", remedy, item=f"[{i}]"
                )

    def _read_profile(self, table: Table) -> None:
        n_before = len(table.problems.found.issues)
        speed, length, stock = (
            table.number_of("top_speed_kmh"),
            table.number_of("length_km"),
            table.text("rolling_stock"),
        )
        hop_km = None
        if table.has("hop_km"):
            hop_km = [value or 0.0 for value in table.numbers("hop_km")]
            if isinstance(table.values["hop_km"], list):
                self._check_count(table, "hop_km", len(hop_km))
        limits = _limits(table)
        if stock:
            try:
                stock = get_stock(stock).stock_id
            except NotFoundError as error:
                table.error("rolling_stock", "unknown-reference", str(error), stock)
        if len(table.problems.found.issues) > n_before or speed is None or None in self.stations:
            return
        profile: dict[str, Any] = {
            "top_speed_kmh": speed, "length_km": length, "hop_km": hop_km, "speed_limits": limits,
            "dwell_s": [float(s) for s in self._dwells] if table.has("dwell_minutes") else None,
            "rolling_stock": stock or None,
        }  # fmt: skip
        if len(self._places()) >= 2:
            for key, text in run_time_problems(self._places(), **profile):
                table.error(key, "impossible-run", text, table.values.get(key, ""))
        self._profile = profile


def _limits(table: Table) -> list[tuple[float, float, float]]:
    """Return the speed limits as written, those of another form reported."""
    given = table.values.get("speed_limits", [])
    if not isinstance(given, list):
        table.error("speed_limits", "bad-value", "is not a list of [from km, to km, km/h]", given)
        return []
    found = []
    for i, limit in enumerate(given, start=1):
        if isinstance(limit, list) and len(limit) == 3 and all(is_number(v) for v in limit):
            found.append((float(limit[0]), float(limit[1]), float(limit[2])))
        else:
            table.error("speed_limits", "bad-value", "is not [from km, to km, km/h]", limit, item=f"[{i}]")
    return found
