"""In which share of many drawn days each cell is within a cutoff, and what people and area follow
from it.

The simple reading of a delayed day is hindsight: travellers know the day's delays in advance and
take what is best on it. It is no journey planned on the timetable and then disturbed; a missed
change costs no more than the next best way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from railshed.assumptions.assumptions import default_uncertainty
from railshed.assumptions.distributions import MOST_DRAWS, Distribution
from railshed.assumptions.readings import HEADLINE, Reading
from railshed.cells.opportunities import Opportunities
from railshed.circles import analysis
from railshed.circles.cell_counts import CellCounts, build_counts
from railshed.circles.city_model import CityModel
from railshed.circles.definitions import describe_draws, describe_reading
from railshed.circles.polygons import circles_within
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.routing.directions import directions_of
from railshed.routing.profiles import percentile_ranks
from railshed.uncertainty.drawn_timetables import families_of
from railshed.uncertainty.draws import Chance, InclusionStudy, build_study, late_blocks
from railshed.util.array_types import Bools, Floats, Ints64
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.frames import cached_frame
from railshed.util.progress import progress_bar
from railshed.util.sums import plain_sum
from railshed.util.units import MINUTE
from railshed.util.validation import checked, flag, mapping, optional, whole

KINDS = ("by_rail", "total")
#: shares of the draws that polygons are drawn at and people are counted by
LEVELS = (0.9, 0.5, 0.1)
#: of the draws' people and km2
SPREAD = (10, 90)
MEASURES = ("people", "people_outside_city", "area_km2", "area_km2_outside_city")


@dataclass(frozen=True, eq=False)
class InclusionResult:
    """The share of draws in which each cell of a city's land is within the cutoff, by rail and in
    total.
    """

    city: City
    reading: Reading
    direction: str
    cutoff_min: int
    n_draws: int
    seed: int
    counts: CellCounts = field(repr=False)
    #: by kind, int64 (n_cells,): in how many draws; bool (n_cells,): with nothing drawn
    draws_inside: Mapping[str, Ints64] = field(repr=False)
    central: Mapping[str, Bools] = field(repr=False)
    #: by kind, float64 (1 + n_draws, 4): MEASURES of the central draw, then of every draw; NaN
    #: where people are unknown
    sums: Mapping[str, Floats] = field(repr=False)
    #: one row a distribution: its parameters, its source, and mean, least and largest of what was
    #: drawn
    drawn: Sequence[Mapping[str, Any]] = field(repr=False)
    streets: bool = False

    def __repr__(self) -> str:
        what = f"{self.city.slug} {self.reading.name} {self.direction} {self.cutoff_min} min"
        return (
            f"<Inclusion {what}: {self.n_draws} draws, seed {self.seed}, "
            f"{len(self.counts.land):,} cells>"
        )

    def probability(self, kind: str = "by_rail") -> Floats:
        """Return float64 (n_cells,): share of the draws in which the cell is inside, k / n."""
        return self.draws_inside[_kind(kind)] / self.n_draws

    def standard_error(self, kind: str = "by_rail") -> Floats:
        """Return float64 (n_cells,): sqrt(p (1 - p) / n), of the number of draws alone; 0 where all
        draws agree.
        """
        p = self.probability(kind)
        return np.sqrt(p * (1 - p) / self.n_draws)

    def within(self, level: float, kind: str = "by_rail") -> Bools:
        """Return bool (n_cells,): which cells are inside in at least this share of the draws.

        Raises ParameterError when `level` is no share above 0 and up to 1.
        """
        if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level <= 1:
            raise ParameterError(
                f"level {level!r}: allowed is a share of the draws above 0, up to 1"
            )
        return self.draws_inside[_kind(kind)] >= self._least(level)

    def _least(self, level: float) -> int:
        return max(1, int(np.ceil(level * self.n_draws - 1e-9)))

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """One row a kind: people and km2 with nothing drawn, on average, at percentiles 10 and 90,
        and by level.

        ``people_p10`` is a percentile over draws; ``people_at_90`` are those who live where 90 % of
        the draws or more are within the cutoff. People are None where none are known.
        """
        return [self._row(kind) for kind in KINDS]

    def _row(self, kind: str) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": kind, "cutoff_min": self.cutoff_min, "draws": self.n_draws}
        central = self.sums[kind][0]
        draws = np.sort(self.sums[kind][1:], axis=0)
        ranks = percentile_ranks(SPREAD, self.n_draws)
        at = {level: _measures(self.counts, self.within(level, kind)) for level in LEVELS}
        for k, name in enumerate(MEASURES):
            row[f"{name}_central"] = central[k]
            row[f"{name}_mean"] = draws[:, k].mean()
            row |= {
                f"{name}_p{p}": draws[rank, k]
                for p, rank in zip(SPREAD, ranks.tolist(), strict=True)
            }
            row |= {f"{name}_at_{round(level * 100)}": values[k] for level, values in at.items()}
        row["people_known_km2_central"] = self.counts.inside(self.central[kind]).known_km2
        return {key: _whole(key, value) for key, value in row.items()}

    @cached_frame
    def cells(self) -> gpd.GeoDataFrame:
        """Cells inside in at least one draw or with nothing drawn: share of draws and its standard
        error; EPSG:4326.
        """
        land = self.counts.land
        keep = np.flatnonzero((self.draws_inside["total"] > 0) | self.central["total"])
        lon, lat = land.grid.unproject(*land.grid.centre(land.row[keep], land.column[keep]))
        columns: dict[str, Any] = {"row": land.row[keep], "column": land.column[keep]}
        for kind in KINDS:
            columns[f"probability_{kind}"] = self.probability(kind)[keep]
            columns[f"standard_error_{kind}"] = np.round(self.standard_error(kind)[keep], 6)
            columns[f"central_{kind}"] = self.central[kind][keep]
        columns["people"] = np.round(self.counts.people_per_cell()[keep], 3)
        return gpd.GeoDataFrame(columns, geometry=shapely.points(lon, lat), crs="EPSG:4326")

    @cached_frame
    def polygons(self) -> gpd.GeoDataFrame:
        """One row a level and kind: where at least this share of the draws is inside, nested;
        EPSG:4326.
        """
        rows = []
        shapes = []
        for kind, table in zip(KINDS, self.table, strict=True):
            for level, shape in self.shapes(kind).items():
                name = round(level * 100)
                rows.append(
                    {
                        "reading": self.reading.name,
                        "direction": self.direction,
                        "cutoff_min": self.cutoff_min,
                        "kind": kind,
                        "probability": level,
                        "people": table[f"people_at_{name}"],
                        "area_km2": table[f"area_km2_at_{name}"],
                        "draws": self.n_draws,
                        "seed": self.seed,
                    }
                )
                shapes.append(shape)
        return gpd.GeoDataFrame(rows, geometry=self.counts.land.grid.to_degrees(shapes))

    def shapes(self, kind: str = "by_rail") -> dict[float, Any]:
        """Return by level, the highest first, the polygons in grid metres; each covers the one
        before it.

        Marching squares on the share of draws; every cell centre is on its own side
        (`polygons.circles_within`).
        """
        land = self.counts.land
        limits = {level: self.n_draws - self._least(level) for level in LEVELS}
        missing = [self.n_draws - self.draws_inside[k] for k in KINDS]
        steps = sorted(set(limits.values()))
        found = circles_within(land.grid, land.row, land.column, missing, steps)
        mine = dict(zip(steps, found[KINDS.index(_kind(kind))], strict=True))
        return {level: mine[limit] for level, limit in limits.items()}

    @property
    def definition(self) -> dict[str, list[str]]:
        """What the shares mean, in words, by language."""
        return {
            "zh": [line.zh for line in self.definition_words],
            "en": [line.en for line in self.definition_words],
        }

    @property
    def definition_words(self) -> list[Words]:
        """What the shares mean, in words."""
        lines = describe_reading(
            self.reading,
            self.city,
            self.counts.case.assumptions,
            self.direction,
            n_centres=len(self.city.centres),
            streets=self.streets,
        )
        return [*lines, *self.draws_words]

    @property
    def draws_words(self) -> list[Words]:
        """What a draw is, in words."""
        drawn = [row for row in self.drawn if row["n_drawn"]]
        guesses = [row["row"] for row in drawn if row["status"] == "guess"]
        delays = any(row["row"].startswith("delay:") for row in drawn)
        return list(describe_draws(self.n_draws, self.seed, delays=delays, guesses=guesses))

    @property
    def summary(self) -> dict[str, Any]:
        """Table, definition and drawn distributions: plain values, ready for JSON."""
        return {
            "city": self.city.slug,
            "reading": self.reading.name,
            "direction": self.direction,
            "cutoff_min": self.cutoff_min,
            "draws": self.n_draws,
            "seed": self.seed,
            "largest_standard_error": round(0.5 / self.n_draws**0.5, 6),
            "table": self.table,
            "drawn": [dict(row) for row in self.drawn],
            "definition_zh": self.definition["zh"],
            "definition_en": self.definition["en"],
        }


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise ParameterError(f"kind {kind!r}: allowed are {', '.join(KINDS)}")
    return kind


def _whole(key: str, value: Any) -> Any:
    """Return whole people and km2 to four decimals; None if unknown."""
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return None
        whole = key.startswith("people") and "km2" not in key
        return int(np.floor(value + 0.5)) if whole else round(float(value), 4)
    return value


def _measures(counts: CellCounts, inside: Bools) -> tuple[float, ...]:
    """Return MEASURES of the cells inside; whole people, as a circle's table has them."""
    found = counts.inside(inside).figures
    return tuple(np.nan if found[name] is None else found[name] for name in MEASURES)


@checked(
    **analysis.circle_kinds(
        "network", "city", "reading", "direction", "cutoff_min", "workers", "executor"
    ),
    n_draws=whole(1, MOST_DRAWS),
    seed=whole(),
    uncertainty=optional(mapping),
    progress=flag,
)
def inclusion(
    network: Network | analysis.AnalysisInputs | str | Path,
    city: str | City,
    *,
    n_draws: int = 100,
    seed: int = 0,
    reading: str = HEADLINE,
    direction: str = "to",
    cutoff_min: int = analysis.HEADLINE_CUTOFF_MIN,
    uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
    progress: bool = False,
    workers: int | None = None,
    executor: Executor | None = None,
) -> InclusionResult:
    """Return in which share of many drawn days each place is within the cutoff of a city.

    See `Analysis.inclusion`.
    """
    run = analysis.run_of(network)
    rows = default_uncertainty(run.compiled.network.assumptions, uncertainty)
    case = analysis.case_of(run, city)
    return inclusion_of(
        case,
        analysis.defined_reading(run, case, reading),
        direction,
        rows,
        cutoff_min=cutoff_min,
        n_draws=n_draws,
        seed=seed,
        opportunities=run.opportunities,
        progress=progress,
        workers=workers,
        executor=executor,
    )


def inclusion_of(
    case: CityModel,
    reading: Reading,
    direction: str,
    rows: Mapping[str, Distribution],
    *,
    cutoff_min: int,
    n_draws: int = 100,
    seed: int = 0,
    opportunities: Opportunities | None = None,
    progress: bool = False,
    workers: int | None = None,
    executor: Executor | None = None,
) -> InclusionResult:
    """Return the inclusion of a city's land; parameters as `inclusion`.

    Raises ParameterError when a number is out of range or the reading has no surface.
    """
    _check(reading, n_draws, seed)
    chance = Chance(rows, seed, n_draws, case.city.slug)
    study = build_study(case, reading, directions_of(direction), [cutoff_min * MINUTE], chance)
    counts = build_counts(case, study.land, opportunities)
    draws_inside = {kind: np.zeros(len(study.land), np.int64) for kind in KINDS}
    central: dict[str, Bools] = {}
    sums = {kind: np.zeros((1 + n_draws, len(MEASURES))) for kind in KINDS}
    with progress_bar(n_draws, progress, "draws") as step:
        for draw, found in enumerate(
            chain([study.inside(0, None)], study.drawn(workers=workers, executor=executor))
        ):
            for kind, inside in zip(KINDS, found, strict=True):
                within = inside[:, 0]
                sums[kind][draw] = _measures(counts, within)
                if draw == 0:
                    central[kind] = within
                else:
                    draws_inside[kind] += within
            if draw:
                step()
    return InclusionResult(
        city=case.city,
        reading=reading,
        direction=direction,
        cutoff_min=cutoff_min,
        n_draws=n_draws,
        seed=seed,
        counts=counts,
        draws_inside=draws_inside,
        central=central,
        sums=sums,
        drawn=_drawn_rows(study),
        streets=case.streets is not None,
    )


def _check(reading: Reading, n_draws: int, seed: int) -> None:
    problems = []
    if reading.legs == "station":
        problems.append(
            f"reading {reading.name} has no surface; use door-to-station, door-to-door or "
            "turn-up-and-go"
        )
    if (
        isinstance(n_draws, bool)
        or not isinstance(n_draws, int | np.integer)
        or not 1 <= n_draws <= MOST_DRAWS
    ):
        problems.append(f"draws {n_draws!r}: allowed are 1 to {MOST_DRAWS:,}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        problems.append(f"seed {seed!r}: allowed are whole numbers")
    if problems:
        raise ParameterError("; ".join(problems))


def _drawn_rows(study: InclusionStudy) -> list[dict[str, Any]]:
    """Return one row a distribution: parameters, source, and what was drawn for this city."""
    chance = study.chance
    found = []
    delays = _delay_facts(study)
    for name, row in chance.rows.items():
        facts = delays.get(name) if row.is_delay else _factor_facts(study, row)
        found.append(
            {
                "row": name,
                "kind": row.kind,
                "per": row.per,
                **row.values,
                **(facts or _facts(0, 0.0, 0.0, 0.0)),
                "unit": "minutes late" if row.is_delay else "factor",
                "source": row.source,
                "status": row.status,
            }
        )
    return found


def _factor_facts(study: InclusionStudy, row: Distribution) -> dict[str, Any] | None:
    """Return number, mean, least and largest of the drawn values; None if nothing is drawn."""
    if not row.varies:
        return None
    doors = [mine for side in study.sides for mine in (side.home, side.city, side.ends)]
    names = {
        "city": {study.chance.city},
        "station": {name for mine in doors for name in mine.ids},
        "class": {name for mine in doors for name in mine.classes},
        "line": {name for side in study.sides if side.part is not None for name in side.part.lines},
    }[row.per]
    values = study.chance.factors(row.name, sorted(names))[1:]
    if not values.size:
        return None
    return _facts(values.size, float(values.sum()), float(values.min()), float(values.max()))


def _delay_facts(study: InclusionStudy) -> dict[str, dict[str, Any]]:
    schedule = study.case.compiled.schedule
    if schedule is None or not study.chance.delays:
        return {}
    families = np.array(families_of(schedule))
    mine = {
        r.name: np.flatnonzero(families == r.name.removeprefix("delay:"))
        for r in study.chance.delays
    }
    seen: dict[str, list[tuple[int, float, float, float]]] = {name: [] for name in mine}
    for _, late in late_blocks(study.case, study.chance):
        for name, runs in mine.items():
            if late is not None and len(runs):
                part = late[:, runs] / MINUTE
                seen[name].append(
                    (part.size, float(part.sum()), float(part.min()), float(part.max()))
                )
    columns = {name: list(zip(*parts, strict=True)) for name, parts in seen.items() if parts}
    return {
        name: _facts(sum(n), plain_sum(total), min(least), max(most))
        for name, (n, total, least, most) in columns.items()
    }


def _facts(n: int, total: float, least: float, largest: float) -> dict[str, Any]:
    mean = None if not n else round(total / n, 4)
    ends = (None, None) if not n else (round(least, 4), round(largest, 4))
    return {"n_drawn": n, "drawn_mean": mean, "drawn_min": ends[0], "drawn_max": ends[1]}
