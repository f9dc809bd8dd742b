"""A forecast tested on history: lines that were opened, each forecast from what was announced of it
and from others.

One line is left out at a time: its own trains and all that call at its new stations are taken out
of the later timetable before anything is fitted, and so is its growth. What came is the earlier
timetable with the line's trains of the later one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from railshed.assumptions.readings import TO_TERMINALS, get_reading
from railshed.cells.cell_keys import key_cells
from railshed.circles.analysis import AnalysisInputs, prepare
from railshed.comparisons.ensemble import Ensemble, ensemble_of
from railshed.comparisons.incremental.baseline import baseline
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.network.lines import with_core_stations
from railshed.network.model import Network
from railshed.questions.backtest.skill import Brier, brier, crps, middle, total
from railshed.scenario.service_plans.corridors import (
    Corridor,
    Railway,
    Train,
    TrainDay,
    corridor_of,
    served_by_trains,
    with_trains,
)
from railshed.scenario.service_plans.draws import (
    RunErrors,
    Service,
    Timing,
    draw_errors,
    draw_trains,
    generator,
    trains_apart,
)
from railshed.scenario.service_plans.fit import Fit, fit_of
from railshed.util.array_types import Floats
from railshed.util.errors import ParameterError
from railshed.util.geodesy import great_circle_m
from railshed.util.progress import progress_bar
from railshed.util.sums import plain_sum
from railshed.util.units import HOUR
from railshed.util.validation import checked, flag, instance, many, whole

#: minutes of the score over cutoffs, and of the others
CUTOFFS = (45, 50, 55, 60, 65, 70, 75)
CUTOFF_MIN = 60
#: door to station, leaving at any minute
TURN_UP = "door-to-station, turn up and go"
#: scores of probabilities, with their reading and minutes
BRIERS = {
    "brier_60": (TO_TERMINALS, (CUTOFF_MIN,)),
    "brier_cutoffs": (TO_TERMINALS, CUTOFFS),
    "turn_up_60": (TURN_UP, (60,)),
    "door_60": ("door-to-door", (60,)),
    "door_90": ("door-to-door", (90,)),
}
N_BOOTSTRAP = 1_000
#: drawn plans and run times; the announced trains at all stations, evenly, at the times of the
#: rules; the departures and stops that came, as a planner's own, with drawn run times
KINDS = ("drawn", "announced", "departures")
#: the share that other lines gained at a distance
CLIMATOLOGY = "climatology"
#: km at which distances are parted
_KM = (10, 20, 30, 40, 50, 60, 80, 100)
_FIRST_S = 6 * HOUR
_LAST_S = 22 * HOUR
_NO_ERRORS = RunErrors(0.0, (0.0, 0.0))
_RULES = Fit(
    hop_min={},
    line_log=(0.0,),
    end_min={},
    dwell_s={},
    stop_logit=(),
    stop_line={},
    stop_station={},
    days=(),
    first_s=0.0,
)


@dataclass(frozen=True, eq=False)
class Opened:
    """A line that was opened."""

    railway: Railway
    #: stations without trains before it
    new: frozenset[str]
    #: its trains in the later timetable, between its own stations
    trains: tuple[Train, ...]
    #: the earlier network with its stations; they are core stations of its cities where the later
    #: network has them so
    network: Network
    corridor: Corridor

    @property
    def n_trains(self) -> float:
        """Trains a day each way, years later."""
        return max(1.0, len(self.trains) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class LineScore:
    """The forecasts of one line for one city under a reading, and what came, all over the same
    cells.
    """

    line: str
    city: str
    reading: str
    came: Ensemble
    #: by kind of forecast, see `KINDS`
    draws: Mapping[str, Ensemble]
    #: float64 (n_cells,) km to the nearest core station
    km: Floats

    @property
    def people(self) -> Floats:
        """float64 (n_cells,) people, none where they are not known."""
        return np.zeros(len(self.came.keys)) if self.came.people is None else self.came.people

    def probability(self, kind: str, cutoff_min: int) -> Floats:
        """Return float64 (n_cells,): probabilities of a forecast."""
        return self.draws[kind].probability(cutoff_min)

    def brier(self, probability: Floats, cutoff_min: int) -> Brier:
        """Return the sums over cells that were not within the minutes before."""
        cells = self.came.outside(cutoff_min)
        came = self.came.probability(cutoff_min) > 0
        return brier(probability[cells], came[cells], self.people[cells])

    def row(self, kind: str, cutoff_min: int) -> dict[str, Any]:
        """Return people gained: those who came, mean and middle 80 % of the draws, error."""
        gained = self.draws[kind].gained(cutoff_min, self.people)
        came = float(self.came.gained(cutoff_min, self.people)[0])
        low, high = middle(gained)
        return {
            "line": self.line,
            "city": self.city,
            "cutoff_min": cutoff_min,
            "people_came": came,
            "people_mean": float(gained.mean()),
            "people_low": low,
            "people_high": high,
            "crps": crps(gained, came),
            "p_any": float((gained > 0).mean()),
        }


@dataclass(frozen=True, eq=False)
class OpeningsTest:
    """The scores of all lines."""

    n_draws: int
    #: of every reading
    every: tuple[LineScore, ...]

    @property
    def scores(self) -> list[LineScore]:
        """Those door to station."""
        return self._of(TO_TERMINALS)

    def _of(self, reading: str) -> list[LineScore]:
        return [score for score in self.every if score.reading == reading]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One row a line and city, at 60 minutes."""
        return [score.row("drawn", CUTOFF_MIN) for score in self.scores]

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a kind of forecast: skills of all lines together; sums are added before they are
        divided.

        Those of `BRIERS`, each without the line of most people too, NaN where no people came;
        ``door_cities`` of those door to door, whose city has a way from a station to a centre;
        ``guess_60``, ``crps`` of people gained, ``covered`` and ``pairs`` of lines and cities where
        people came or were forecast, ``none_came`` of these pairs, ``width`` of the mean middle 80
        %. Climatology has probabilities alone.
        """
        return [{"kind": kind} | self._pooled(kind) for kind in (*KINDS, CLIMATOLOGY)]

    @property
    def pooled(self) -> dict[str, Any]:
        """The row of the drawn plans."""
        return self.table[0]

    def _pooled(self, kind: str) -> dict[str, float | None]:
        came = {score.line: 0.0 for score in self.scores}
        for score in self.scores:
            came[score.line] += float(score.came.gained(CUTOFF_MIN, score.people)[0])
        found: dict[str, float | None] = {
            "guess_60": self._brier(kind, "brier_60", came).guess_skill,
            "door_cities": len(self._of("door-to-door")),
        }
        for name in BRIERS:
            found[name] = self._brier(kind, name, came).skill
            found[f"{name}_without_largest"] = self._brier(
                kind, name, came.keys() - {self._largest[name]}
            ).skill
        if kind == CLIMATOLOGY:
            return found | dict.fromkeys(("crps", "covered", "pairs", "none_came", "width"))
        rows = [score.row(kind, CUTOFF_MIN) for score in self.scores]
        people = plain_sum(came.values())
        known = [row for row in rows if row["people_came"] > 0 or row["people_high"] > 0]
        inside = [
            row for row in known if row["people_low"] <= row["people_came"] <= row["people_high"]
        ]
        return found | {
            "crps": 1 - plain_sum(row["crps"] for row in rows) / people if people else float("nan"),
            "covered": len(inside),
            "pairs": len(known),
            "none_came": sum(row["people_came"] == 0 for row in known),
            "width": float(np.mean([row["people_high"] - row["people_low"] for row in known]))
            if known
            else 0.0,
        }

    @cached_property
    def _largest(self) -> dict[str, str]:
        """By score, the line of most people."""
        lines = [score.line for score in self.scores]
        return {
            name: max(lines, key=lambda line: self._brier("drawn", name, {line}).came)
            for name in BRIERS
        }

    def _brier(self, kind: str, name: str, lines: Collection[str]) -> Brier:
        def of(score: LineScore, cutoff: int) -> Floats:
            return (
                self._climatology(score, cutoff)
                if kind == CLIMATOLOGY
                else score.probability(kind, cutoff)
            )

        reading, cutoffs = BRIERS[name]
        scores = (score for score in self._of(reading) if score.line in lines)
        return total(
            [score.brier(of(score, cutoff), cutoff) for score in scores for cutoff in cutoffs]
        )

    def _climatology(self, score: LineScore, cutoff_min: int) -> Floats:
        """Return float64 (n_cells,): the share of people whom the other lines gained at a cell's
        distance.
        """
        people, came = np.zeros((2, len(_KM) + 1))
        for other in self._of(score.reading):
            if other.line == score.line:
                continue
            cells = other.came.outside(cutoff_min)
            at = np.digitize(other.km[cells], _KM)
            weight = other.people[cells]
            inside = other.came.probability(cutoff_min)[cells] > 0
            people += np.bincount(at, weight, len(people))
            came += np.bincount(at, weight * inside, len(people))
        share = np.divide(came, people, out=np.zeros_like(came), where=people > 0)
        return np.asarray(share[np.digitize(score.km, _KM)])

    @cached_property
    def reliability(self) -> list[dict[str, float]]:
        """One row a tenth of probability above 0, cutoffs 45 to 75: people, mean probability, share
        of whom came.
        """
        p, came, people = (np.concatenate(parts) for parts in zip(*self._cells(), strict=True))
        rows = []
        tenth = np.minimum((p * 10).astype(int), 9)
        for k in range(10):
            mine = (tenth == k) & (p > 0)
            n = float(people[mine].sum())
            if n:
                mean = float((people * p)[mine].sum()) / n
                share = float((people * came)[mine].sum()) / n
                rows.append(
                    {
                        "p_from": k / 10,
                        "p_to": (k + 1) / 10,
                        "people": n,
                        "p_mean": mean,
                        "came": share,
                    }
                )
        return rows

    def _cells(self) -> Iterator[tuple[Floats, Floats, Floats]]:
        for score in self.scores:
            for cutoff in CUTOFFS:
                cells = score.came.outside(cutoff)
                came = score.came.probability(cutoff)
                yield score.probability("drawn", cutoff)[cells], came[cells], score.people[cells]

    def bootstrap(self, name: str, seed: int = 0) -> tuple[float, float]:
        """Return the middle 80 % of a skill of the drawn plans over lines drawn again; NaN: not two
        brought people.
        """
        lines = list(dict.fromkeys(score.line for score in self.scores))
        rng = generator("bootstrap", seed)
        found = []
        sums = [self._sums(name, line) for line in lines]
        for _ in range(N_BOOTSTRAP):
            error, came = map(
                plain_sum,
                zip(*(sums[k] for k in rng.integers(0, len(lines), len(lines))), strict=True),
            )
            if came:
                found.append(1 - error / came)
        return middle(np.array(found if sum(came > 0 for _, came in sums) > 1 else [np.nan]))

    def _sums(self, name: str, line: str) -> tuple[float, float]:
        if name == "crps":
            rows = [row for row in self.rows if row["line"] == line]
            return plain_sum(row["crps"] for row in rows), plain_sum(
                row["people_came"] for row in rows
            )
        part = self._brier("drawn", name if name in BRIERS else "brier_60", {line})
        return (part.wrong if name == "guess_60" else part.error), part.came


def opened_lines(before: Network, after: Network, railways: Sequence[Railway]) -> list[Opened]:
    """Return the lines with their stations in the earlier network, and their trains in the later
    one.

    Raises ParameterError when a line has no train in the later timetable, or no station that is
    new.
    """
    now = TrainDay.of(after)
    found = []
    places = {s.station_id: s for s in after.stations}
    known = before.station_index()
    for railway in railways:
        new = frozenset(railway.station_ids) - served_by_trains(before) - frozenset(railway.served)
        trains = tuple(t for way in now.trains_on(railway.station_ids, new) for t in way)
        if not new or not trains:
            lacks = "no station that is new" if not new else "no train in the later timetable"
            raise ParameterError(f"line {railway.line_id}: {lacks}")
        more = [places[key] for key in railway.station_ids if key not in known]
        core = (
            (slug, key) for slug in railway.cities for key in after.get_city(slug).core_station_ids
        )
        joining = [(slug, key) for slug, key in core if key in railway.station_ids]
        cities = with_core_stations(before.cities, joining)
        network = replace(before, stations=(*before.stations, *more), cities=cities)
        found.append(
            Opened(railway, new, trains, network, corridor_of(TrainDay.of(network), railway))
        )
    return found


def fits_without(
    after: Network, railways: Sequence[Railway], opened: Sequence[Opened]
) -> Iterator[tuple[Opened, Fit]]:
    """Yield each opened line with what all others say of it.

    No corridor with one of its new stations counts, no train that calls at one, and not its own
    growth.
    """
    now = TrainDay.of(after)
    corridors = [corridor_of(now, railway) for railway in railways]
    for one in opened:
        day = now.without(one.new)
        others = [with_trains(c, day) for c in corridors if one.new.isdisjoint(c.station_ids)]
        yield (
            one,
            fit_of(others, [(o.railway.n_trains, o.n_trains) for o in opened if o is not one]),
        )


@checked(
    before=instance(Network),
    after=instance(Network),
    openings=many(instance(Railway)),
    railways=many(instance(Railway)),
    n_draws=whole(1),
    seed=whole(),
    progress=flag,
)
def forecast_openings(
    before: Network,
    after: Network,
    openings: Sequence[Railway],
    railways: Sequence[Railway],
    *,
    n_draws: int = 200,
    seed: int = 0,
    progress: bool = False,
) -> OpeningsTest:
    """Return how good the forecasts of opened lines were, each made of what was announced of it and
    of other lines.

    Parameters
    ----------
    before, after
        The earlier network and the later one; stations of both have one id.
    openings
        The lines (see `io.railways.read_openings`).
    railways
        Railways of the later network, which plans and run times are fitted on
        (`io.railways.read_railways`).
    n_draws, seed
        Draws of each line and city; one seed gives the same ones.
    progress
        Whether a bar is shown on stderr.

    Raises ParameterError of `opened_lines`.
    """
    opened = opened_lines(before, after, openings)
    scores = list[LineScore]()
    turn_up = replace(
        get_reading(TO_TERMINALS), name=TURN_UP, random_departure=True, early_weight=1.0
    )
    with progress_bar(len(opened), progress, "lines") as step:
        for one, fit in fits_without(after, railways, opened):
            run = prepare(one.network)
            run = run.changed(readings={**run.readings, TURN_UP: turn_up})
            for city in one.railway.cities:
                scores += _scores(one, fit, run, city, n_draws, seed)
            step()
    return OpeningsTest(n_draws, tuple(scores))


def _scores(
    one: Opened, fit: Fit, run: AnalysisInputs, city: str, n_draws: int, seed: int
) -> Iterator[LineScore]:
    readings, limits = zip(*BRIERS.values(), strict=True)
    base = baseline(run, [city], readings=readings, cutoffs=sorted({*chain(*limits)}))
    corridor = one.corridor
    drawn = (
        _plan(kind, one, fit, city, generator(seed, corridor.name, city, draw))
        for kind in KINDS
        for draw in range(n_draws)
    )
    plans: list[Sequence[Train]] = [one.trains, *drawn]
    services = ([Service(corridor.name, corridor.station_ids, plan)] for plan in plans)
    changes = [
        base.with_trips(trains_apart(one.network, each)).cities.get(city) for each in services
    ]
    for reading in base.cities[0].seconds:
        every = ensemble_of(base.cities[0], changes, reading)
        draws = {
            kind: every.only(slice(1 + k * n_draws, 1 + (k + 1) * n_draws))
            for k, kind in enumerate(KINDS)
        }
        came = every.only(slice(0, 1))
        yield LineScore(one.railway.line_id, city, reading, came, draws, _km(every, base.cities[0]))


def _plan(kind: str, one: Opened, fit: Fit, city: str, rng: np.random.Generator) -> Sequence[Train]:
    """Return the trains of a draw of a kind of forecast."""
    corridor = one.corridor
    if kind == "drawn":
        return draw_trains(corridor, fit, one.railway.n_trains, city, rng)
    if kind == "departures":
        timing = Timing(corridor, fit, draw_errors(corridor, fit, rng))
        return [
            train
            for t in one.trains
            for train in timing.trains(t.place.tolist(), t.departure_s[:1])
        ]
    places = list(range(corridor.n_stations))
    n = max(1, round(one.railway.n_trains))
    step = (_LAST_S - _FIRST_S) / n
    found = []
    timing = Timing(corridor, _RULES, _NO_ERRORS)
    for way in (places, places[::-1]):
        phase = rng.random() * step
        found += timing.trains(way, [_FIRST_S + phase + k * step for k in range(n)])
    return found


def _km(every: Ensemble, base: CityBase) -> Floats:
    """Return float64 (n_cells,) km to the nearest core station."""
    case = base.case
    lon, lat = case.grid.unproject(*case.grid.centre(*key_cells(every.keys)))
    stations = [case.compiled.network.stations[k] for k in case.core]
    away = [np.asarray(great_circle_m(s.lon, s.lat, lon, lat)) for s in stations]
    return np.asarray(np.min(away, axis=0) / 1000 if len(lon) else np.zeros(0))
