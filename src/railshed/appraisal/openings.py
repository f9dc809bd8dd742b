"""A forecast tested on history: lines that were opened, each forecast from what was announced of it and from others.

One line is left out at a time: its own trains and all that call at its new stations are taken out of the later
timetable before anything is fitted, and so is its growth. What came is the earlier timetable with the line's trains of
the later one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from railshed.appraisal.skill import Brier, brier, crps, middle, total
from railshed.circles.analysis import AnalysisInputs, prepare
from railshed.comparisons.ensemble import Ensemble, ensemble_of
from railshed.comparisons.incremental.baseline import baseline
from railshed.network.lines import with_core_stations
from railshed.network.model import Network
from railshed.scenario.service_plans.corridors import Corridor, Railway, Train, TrainDay, corridor_of, with_trains
from railshed.scenario.service_plans.draws import Service, draw_trains, generator, trains_apart
from railshed.scenario.service_plans.fit import Fit, fit_of
from railshed.util.array_types import Floats
from railshed.util.errors import ParameterError
from railshed.util.progress import progress_bar
from railshed.util.validation import checked, flag, instance, many, text, whole

#: minutes of the score over cutoffs, and of the others
CUTOFFS, CUTOFF_MIN = (45, 50, 55, 60, 65, 70, 75), 60
N_BOOTSTRAP = 1_000


@dataclass(frozen=True, eq=False)
class Opened:
    """A line that was opened."""

    railway: Railway
    #: stations without trains before it
    new: frozenset[str]
    #: its trains in the later timetable, between its own stations
    trains: tuple[Train, ...]
    #: the earlier network with its stations; they are core stations of its cities where the later network has them so
    network: Network
    corridor: Corridor

    @property
    def n_trains(self) -> float:
        """Trains a day each way, years later."""
        return max(1.0, len(self.trains) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class LineScore:
    """The forecast of one line for one city, and what came."""

    line: str
    city: str
    #: of the later timetable, and of the draws
    came: Ensemble
    draws: Ensemble

    def brier(self, cutoff_min: int) -> Brier:
        """Return the sums over cells that were not within the minutes before."""
        cells = self.came.outside(cutoff_min)
        came = self.came.probability(cutoff_min) > 0
        return brier(self.draws.probability(cutoff_min)[cells], came[cells], self.people[cells])

    @property
    def people(self) -> Floats:
        """float64 (n_cells,) people, none where they are not known."""
        return np.zeros(len(self.came.keys)) if self.came.people is None else self.came.people

    def row(self, cutoff_min: int) -> dict[str, Any]:
        """Return people gained: those who came, mean and middle 80 % of the draws, error."""
        gained = self.draws.gained(cutoff_min, self.people)
        came = float(self.came.gained(cutoff_min, self.people)[0])
        low, high = middle(gained)
        return {
            "line": self.line, "city": self.city, "cutoff_min": cutoff_min, "people_came": came,
            "people_mean": float(gained.mean()), "people_low": low, "people_high": high, "crps": crps(gained, came),
            "p_any": float((gained > 0).mean()),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class OpeningsTest:
    """The scores of all lines."""

    reading: str
    n_draws: int
    scores: tuple[LineScore, ...]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One row a line and city, at 60 minutes."""
        return [score.row(CUTOFF_MIN) for score in self.scores]

    @cached_property
    def pooled(self) -> dict[str, float]:
        """Skills of all lines together; sums are added before they are divided.

        ``brier_60``, ``brier_cutoffs`` (45 to 75 minutes), both without the line of most people too, ``guess_60``,
        ``crps`` of people gained, ``covered`` and ``pairs`` of lines and cities where people came or were forecast,
        ``width`` of the mean middle 80 %.
        """
        return self._pooled(self.scores)

    def _pooled(self, scores: Sequence[LineScore]) -> dict[str, float]:
        rows = [score.row(CUTOFF_MIN) for score in scores]
        came: dict[str, float] = {}
        for row in rows:
            came[row["line"]] = came.get(row["line"], 0.0) + row["people_came"]
        largest = max(came, key=lambda line: came[line])
        others = [score for score in scores if score.line != largest]
        known = [row for row in rows if row["people_came"] > 0 or row["people_high"] > 0]
        inside = [row for row in known if row["people_low"] <= row["people_came"] <= row["people_high"]]
        at_60, people = total([score.brier(CUTOFF_MIN) for score in scores]), sum(came.values())
        return {
            "brier_60": at_60.skill, "guess_60": at_60.guess_skill,
            "brier_cutoffs": _over_cutoffs(scores).skill,
            "brier_60_without_largest": total([score.brier(CUTOFF_MIN) for score in others]).skill,
            "brier_cutoffs_without_largest": _over_cutoffs(others).skill,
            "crps": 1 - sum(row["crps"] for row in rows) / people if people else float("nan"),
            "covered": float(len(inside)), "pairs": float(len(known)),
            "width": float(np.mean([row["people_high"] - row["people_low"] for row in known])) if known else 0.0,
        }  # fmt: skip

    def bootstrap(self, name: str, seed: int = 0) -> tuple[float, float]:
        """Return the middle 80 % of a pooled skill over resamples of the lines."""
        lines = list(dict.fromkeys(score.line for score in self.scores))
        rng, found = generator("bootstrap", seed), []
        by_line = {line: [score for score in self.scores if score.line == line] for line in lines}
        sums = {line: self._sums(name, scores) for line, scores in by_line.items()}
        for _ in range(N_BOOTSTRAP):
            chosen = [sums[lines[k]] for k in rng.integers(0, len(lines), len(lines))]
            error, came = map(sum, zip(*chosen, strict=True))
            if came:
                found.append(1 - error / came)
        return middle(np.array(found))

    def _sums(self, name: str, scores: Sequence[LineScore]) -> tuple[float, float]:
        if name == "crps":
            rows = [score.row(CUTOFF_MIN) for score in scores]
            return sum(row["crps"] for row in rows), sum(row["people_came"] for row in rows)
        part = (
            _over_cutoffs(scores) if name == "brier_cutoffs" else total([score.brier(CUTOFF_MIN) for score in scores])
        )
        return (part.wrong if name == "guess_60" else part.error), part.came


def _over_cutoffs(scores: Sequence[LineScore]) -> Brier:
    return total([score.brier(cutoff) for score in scores for cutoff in CUTOFFS])


def opened_lines(before: Network, after: Network, railways: Sequence[Railway]) -> list[Opened]:
    """Return the lines with their stations in the earlier network, and their trains in the later one.

    Raises
    ------
    ParameterError
        When a line has no train in the later timetable, or no station that is new.
    """
    then, now, found = TrainDay.of(before), TrainDay.of(after), []
    places, known = {s.station_id: s for s in after.stations}, before.station_index()
    for railway in railways:
        new = frozenset(railway.station_ids) - then.served - frozenset(railway.served)
        trains = tuple(t for way in now.trains_on(railway.station_ids, new) for t in way)
        if not new or not trains:
            lacks = "no station that is new" if not new else "no train in the later timetable"
            raise ParameterError(f"line {railway.line_id}: {lacks}")
        more = [places[key] for key in railway.station_ids if key not in known]
        core = ((slug, key) for slug in railway.cities for key in after.get_city(slug).core_station_ids)
        joining = [(slug, key) for slug, key in core if key in railway.station_ids]
        cities = with_core_stations(before.cities, joining)
        network = replace(before, stations=(*before.stations, *more), cities=cities)
        found.append(Opened(railway, new, trains, network, corridor_of(TrainDay.of(network), railway)))
    return found


def fits_without(
    after: Network, railways: Sequence[Railway], opened: Sequence[Opened]
) -> Iterator[tuple[Opened, Fit]]:  # fmt: skip
    """Yield each opened line with what all others say of it.

    No corridor with one of its new stations counts, no train that calls at one, and not its own growth.
    """
    now = TrainDay.of(after)
    corridors = [corridor_of(now, railway) for railway in railways]
    for one in opened:
        day = now.without(one.new)
        others = [with_trains(c, day) for c in corridors if one.new.isdisjoint(c.station_ids)]
        yield one, fit_of(others, [(o.railway.n_trains, o.n_trains) for o in opened if o is not one])


@checked(
    before=instance(Network), after=instance(Network), openings=many(instance(Railway)),
    railways=many(instance(Railway)), n_draws=whole(1), seed=whole(), reading=text, progress=flag,
)  # fmt: skip
def forecast_openings(
    before: Network, after: Network, openings: Sequence[Railway], railways: Sequence[Railway], *, n_draws: int = 200,
    seed: int = 0, reading: str = "door-to-station", progress: bool = False,
) -> OpeningsTest:  # fmt: skip
    """Return how good the forecasts of opened lines were, each made of what was announced of it and of other lines.

    Parameters
    ----------
    before, after
        The earlier network and the later one; stations of both have one id.
    openings
        The lines (see `io.railways.read_openings`).
    railways
        Railways of the later network, which plans and run times are fitted on (`io.railways.read_railways`).
    n_draws, seed
        Draws of each line and city; one seed gives the same ones.
    reading
        Name of a reading with an area.
    progress
        Whether a bar is shown on stderr.

    Raises
    ------
    ParameterError
        Of `opened_lines`.
    """
    opened, scores = opened_lines(before, after, openings), []
    with progress_bar(len(opened), progress, "lines") as step:
        for one, fit in fits_without(after, railways, opened):
            run = prepare(one.network)
            scores += [_score(one, fit, run, city, reading, n_draws, seed) for city in one.railway.cities]
            step()
    return OpeningsTest(reading, n_draws, tuple(scores))


def _score(
    one: Opened, fit: Fit, run: AnalysisInputs, city: str, reading: str, n_draws: int, seed: int
) -> LineScore:  # fmt: skip
    base, corridor = baseline(run, [city], readings=[reading], cutoffs=CUTOFFS), one.corridor
    drawn = (
        draw_trains(corridor, fit, one.railway.n_trains, city, generator(seed, corridor.name, city, draw))
        for draw in range(n_draws)
    )
    plans: list[Sequence[Train]] = [one.trains, *drawn]
    services = ([Service(corridor.name, corridor.station_ids, plan)] for plan in plans)
    changes = [base.with_trips(trains_apart(one.network, each)).cities.get(city) for each in services]
    every = ensemble_of(base.cities[0], changes, reading)
    return LineScore(one.railway.line_id, city, every.only(slice(0, 1)), every.only(slice(1, None)))
