"""Planned lines checked against the national rules for suburban lines, clause by clause
(`line_rules.toml`).

A verdict is met, not met or not known; each row says what it rests on and what is open about the
clause.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from math import cos, pi, radians
from typing import Any

import numpy as np

from railshed.cells.areal_interpolation import interpolate
from railshed.cells.network_cells import NetworkCells
from railshed.cells.opportunities import PEOPLE, Opportunities
from railshed.cells.population import known_counties
from railshed.circles.definitions import people_words
from railshed.circles.study_area import land_of
from railshed.network.lines import Line, expand, route_of, stations_of
from railshed.network.model import Network, Station
from railshed.scenario.apply import is_on
from railshed.scenario.plan import Plan, one_way_s
from railshed.scenario.run_times.allowances import run_rules
from railshed.util.bilingual import EMPTY, Words
from railshed.util.geodesy import MEAN_RADIUS_M
from railshed.util.number_format import MISSING
from railshed.util.phrases import phrase
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE, format_clock, parse_window

MET = "met"
NOT_MET = "not met"
NOT_KNOWN = "not known"
#: edge of the cells over which people near a station are counted
_CELL_M = 250


@dataclass(frozen=True, slots=True)
class LineRule:
    """One clause, with its bounds."""

    rule_id: str
    document: str
    clause_zh: str
    clause_en: str
    unit: str
    basis: str
    source: str
    doubt: str
    doubt_zh: str
    at_least: float | None = None
    at_most: float | None = None
    window: str = ""
    radius_km: float = 0.0
    share: float = 0.0

    @property
    def required(self) -> Words:
        """The bounds as printed."""
        low, high = (None if v is None else f"{v:,.0f}" for v in (self.at_least, self.at_most))
        if low and high:
            key = "rule_between"
        else:
            key = "rule_at_least" if low else "rule_at_most"
        return _quantity(phrase(key, low=low, high=high), self.unit)

    def holds(self, value: float) -> bool:
        """Return whether a value is within the bounds, inclusive."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True)
class _Finding:
    """Value, verdict and note of a line under one clause."""

    value: Words
    verdict: str
    note: Words = EMPTY


@cache
def _table() -> Mapping[str, Any]:
    text = (
        resources.files("railshed.comparisons")
        .joinpath("line_rules.toml")
        .read_text(encoding="utf-8")
    )
    return tomllib.loads(text)


@cache
def line_rules() -> tuple[LineRule, ...]:
    """Return the rules in order."""
    return tuple(LineRule(**row) for row in _table()["rule"])


def rules_apply(network: Network) -> bool:
    """Return whether the network lies where the rules hold, by its time zone."""
    return network.timezone in _table()["time_zones"]


def compliance_of(
    network: Network, plans: Sequence[Plan], opportunities: Opportunities | None = None
) -> list[dict[str, Any]]:
    """Return the rows of `compliance_rows` of some plans with the scenario's title; none where no
    rule holds.
    """
    if not rules_apply(network):
        return []
    return [
        {"scenario": plan.title, **row}
        for plan in plans
        for row in compliance_rows(plan, opportunities)
    ]


def compliance_rows(plan: Plan, opportunities: Opportunities | None = None) -> list[dict[str, str]]:
    """Return one row a line that the plan adds and clause: required, value, verdict, what it rests
    on, doubt, source.

    `opportunities` are people in place of the network's own.
    """
    rows = []
    by_route: dict[str, list[Line]] = {}
    for line in plan.lines:
        by_route.setdefault(route_of(line), []).append(line)
    for name, lines in by_route.items():
        for rule in line_rules():
            found: _Finding = getattr(_Line(plan, name, lines, opportunities), rule.rule_id)(rule)
            rows.append(
                {
                    "line": name,
                    "rule": rule.rule_id,
                    "document": rule.document,
                    "clause_zh": rule.clause_zh,
                    "clause_en": rule.clause_en,
                    "required": rule.required.en,
                    "required_zh": rule.required.zh,
                    "value": found.value.en,
                    "value_zh": found.value.zh,
                    "verdict": found.verdict,
                    "note": found.note.en,
                    "note_zh": found.note.zh,
                    "basis": rule.basis,
                    "doubt": rule.doubt,
                    "doubt_zh": rule.doubt_zh,
                    "source": rule.source,
                }
            )
    return rows


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that a plan adds: a method for each rule, named by its id."""

    plan: Plan
    name: str
    #: its stop patterns as they run once all is applied
    lines: Sequence[Line]
    #: people in place of the network's own
    opportunities: Opportunities | None

    def _table(self) -> Mapping[str, Any]:
        """Return the add-trips table of the line, the last one of its name; empty if
        there is none.
        """
        every = [
            m
            for part in self.plan.parts
            for m in part.modifications
            if m.get("type") == "add-trips" and is_on(m)
        ]
        return next((m for m in reversed(every) if str(m.get("name", "")).strip() == self.name), {})

    def _as_added(self) -> list[Line]:
        """Return its stop patterns as added by add-trips: its lengths and top speed refer
        to them.
        """
        return [line for line in self.plan.as_added if route_of(line) == self.name]

    def one_way_time(self, rule: LineRule) -> _Finding:
        """Return the minutes from end to end."""
        minutes = max(one_way_s(line) for line in self.lines) / MINUTE
        return _Finding(_quantity(f"{minutes:.1f}", "min"), MET if rule.holds(minutes) else NOT_MET)

    def speed(self, rule: LineRule) -> _Finding:
        """Return the top speed, else the mean of the fastest hop."""
        top_speed = self._table().get("top_speed_kmh")
        hops = {hop for line in self._as_added() for hop in _hops(line)}
        if top_speed is not None and all(hops.issuperset(_hops(line)) for line in self.lines):
            return _Finding(
                _quantity(f"{top_speed:g}", "km/h"),
                MET if rule.holds(float(top_speed)) else NOT_MET,
            )
        fastest = max(
            metres / max(stop.run_s, 1) * 3.6
            for line in self.lines
            for metres, stop in zip(self.plan.hop_m(line), line.stops[1:], strict=True)
        )
        over = bool(rule.at_most) and fastest > (rule.at_most or 0)
        value = phrase(
            "rule_over" if over else "rule_or_more", n=_quantity(f"{fastest:.0f}", "km/h")
        )
        why = phrase("rule_no_speed")
        if top_speed is not None:
            why = phrase("rule_runs_changed", kmh=_quantity(f"{top_speed:g}", "km/h"))
        return _Finding(value, NOT_MET if over else NOT_KNOWN, phrase("rule_by_hop", why=why))

    def spacing(self, rule: LineRule) -> _Finding:
        """Return the mean km between stations."""
        table = self._table()
        longest = max(self.lines, key=lambda line: (len(line.stops), line.line_id))
        n_hops = len(longest.stops) - 1
        straight = plain_sum(self.plan.hop_m(longest)) / 1000
        hops = table.get("hop_km")
        orders = {
            order
            for line in self._as_added()
            for order in (stations_of(line), stations_of(line)[::-1])
        }
        whole = len(table.get("stops", ())) == n_hops + 1 and stations_of(longest) in orders
        if whole and isinstance(hops, list):
            km = float(plain_sum(hops))
            how = Words("hop_km")
        elif whole and table.get("length_km") is not None:
            km = float(table["length_km"])
            how = Words("length_km")
        else:
            detour = run_rules(0).detour
            km = straight * detour
            how = phrase("rule_straight", times=detour)
        mean = km / n_hops
        note = phrase("rule_hops", n=n_hops, km=km, how=how)
        return _Finding(_quantity(f"{mean:.1f}", "km"), MET if rule.holds(mean) else NOT_MET, note)

    def peak_headway(self, rule: LineRule) -> _Finding:
        """Return the largest interval between trains in the window of the rule."""
        start, end = parse_window(rule.window)
        seeds = dict(zip(self.plan.lines, self.plan.seeds, strict=True))
        leaving: dict[int, list[int]] = {}
        for line in self.lines:
            for way, run in enumerate(expand(line, seeds[line])):
                leaving.setdefault(way ^ line.direction, []).extend(run.departure_s[:, 0].tolist())
        gaps = [
            gap
            for times in leaving.values()
            if (gap := _largest_gap(sorted(times), start, end)) is not None
        ]
        if len(gaps) < len(leaving):
            window = f"{format_clock(start)}-{format_clock(end)}"
            return _Finding(phrase("rule_two_trains"), NOT_MET, Words(window, window))
        minutes = max(gaps) / MINUTE
        return _Finding(_quantity(f"{minutes:.1f}", "min"), MET if rule.holds(minutes) else NOT_MET)

    def towns(self, rule: LineRule) -> _Finding:
        """Return how many stations have enough people near them."""
        core = {station for city in self.plan.network.cities for station in city.core_station_ids}
        ids = dict.fromkeys(stop.station.station_id for line in self.lines for stop in line.stops)
        stations = [self.plan.places[station_id] for station_id in ids if station_id not in core]
        if not stations:
            return _Finding(phrase("rule_no_station"), NOT_KNOWN)
        people = {
            s.name: people_near(self.plan.network, s, rule.radius_km, self.opportunities)
            for s in stations
        }
        if any(n is None for n in people.values()):
            unknown = ", ".join(station for station, n in people.items() if n is None)
            return _Finding(MISSING, NOT_KNOWN, phrase("rule_no_people", stations=unknown))
        served = [station for station, n in people.items() if n is not None and rule.holds(n)]
        listed = "; ".join(f"{station} {n:,}" for station, n in people.items())
        verdict = MET if len(served) >= rule.share * len(people) else NOT_MET
        of_network = self.plan.network.population_label
        label = people_words(of_network if self.opportunities is None else self.opportunities.label)
        cell = self.plan.network.population_cell_deg
        coarse = EMPTY
        if self.opportunities is None and cell:
            cell_km2 = (radians(cell) * MEAN_RADIUS_M / 1000) ** 2 * max(
                cos(radians(s.lat)) for s in stations
            )
            larger = pi * rule.radius_km**2 < cell_km2
            verdict = NOT_KNOWN if larger else verdict
            coarse = phrase("rule_larger_cells" if larger else "rule_cells", minutes=cell * 60)
        value = phrase("rule_of_stations", n=len(served), of=len(people))
        return _Finding(
            value, verdict, phrase("rule_people", listed=listed, label=label, coarse=coarse)
        )


def _quantity(number: str | Words, unit: str) -> Words:
    """Return a number with its unit."""
    return phrase(f"rule_in_{unit}", n=number)


def _hops(line: Line) -> set[tuple[str, str, int]]:
    """Return the pairs of stations between which trains run without a stop, and the seconds."""
    found = set()
    for a, b in pairwise(line.stops):
        start = a.station.station_id
        end = b.station.station_id
        found.add((start, end, b.run_s))
        if line.bidirectional:
            found.add((end, start, b.run_s if b.run_back_s is None else b.run_back_s))
    return found


def _largest_gap(times: Sequence[int], start: int, end: int) -> int | None:
    """Return the largest interval between departures in a window, its ends included; None without
    two departures.
    """
    inside = [t for t in times if start <= t < end]
    if len(inside) < 2:
        return None
    return max(b - a for a, b in pairwise([start, *inside, end]))


def people_near(
    network: Network, station: Station, radius_km: float, opportunities: Opportunities | None = None
) -> int | None:
    """Return the number of people within a straight distance of a station, None if unknown.

    Cells of 250 m whose centre is within the distance; a source cell's people are spread evenly
    over them.
    """
    cells = NetworkCells(network, _CELL_M)
    near = cells.around(
        np.array([station.lon]), np.array([station.lat]), np.array([radius_km * 1000.0])
    )
    land = land_of(cells, near.pairs()[0])
    if opportunities is not None and PEOPLE in opportunities.columns:
        values, _, known = interpolate(opportunities, cells.grid, land.row, land.column)
        column_of = list(opportunities.columns).index(PEOPLE)
        return round(float(values[:, column_of].sum())) if known.any() else None
    people = cells.people(land.numbers)
    counties = known_counties(network)
    if people is None or (counties is not None and not counties[land.county].any()):
        return None
    return round(float(people.people.sum()))
