"""What all requests share: a network prepared once, and circles, baselines and scenes of its
cities, each made once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from railshed.api.analysis import Analysis
from railshed.api.circle import Circle
from railshed.circles.analysis import case_of, defined_reading
from railshed.circles.cell_counts import CellCounts
from railshed.comparisons.incremental.baseline import Baseline, baseline
from railshed.comparisons.incremental.city_baseline import CityBase
from railshed.comparisons.incremental.surfaces import counts_of
from railshed.network.cities import City
from railshed.network.model import Network
from railshed.questions.explore.live import LiveScene
from railshed.questions.why.why_outside import CityQuery, WhyResult
from railshed.server.once import Once
from railshed.util.errors import ParameterError
from railshed.util.parallel import count_threads, map_in_threads

#: minutes of the live page: the slider ends at the last
CUTOFFS = (45, 60, 75, 90, 120)
#: circles, cities with a baseline and scenes that are cached
_CIRCLES = 64
_BASELINES = 256
_SCENES = 8


@dataclass(frozen=True, slots=True)
class Start:
    """What the page opens with: a city, or the core cities of a region, and the language of what is
    printed.
    """

    city: str | None = None
    region: str | None = None
    lang: str = "en"


class Workspace:
    """A network and what is computed of it; one serves any number of threads."""

    def __init__(self, prepare: Callable[[], Analysis], start: Start) -> None:
        """Begin to prepare the network on a thread of its own."""
        self.start = start
        self._analysis: Future[Analysis] = Future()
        self._circles: Once[Circle] = Once(_CIRCLES)
        self._baselines: Once[Baseline] = Once(_BASELINES)
        self._joint: Once[Baseline] = Once(_SCENES)
        self._counts: Once[CellCounts] = Once(_BASELINES)
        self._scenes: Once[LiveScene] = Once(_SCENES)
        self._queries: Once[CityQuery] = Once(_SCENES)
        threading.Thread(target=self._prepare, args=(prepare,), daemon=True).start()

    def _prepare(self, prepare: Callable[[], Analysis]) -> None:
        try:
            self._analysis.set_result(prepare())
        except BaseException as error:
            self._analysis.set_exception(error)
            return
        with suppress(Exception):  # the page that asks for it says why it cannot be shown
            self.scene(self.first_city(), "to")  # made while the browser starts

    def when_ready(self, call: Callable[[Future[Analysis]], None]) -> None:
        """Call a function once the network is prepared, or cannot be."""
        self._analysis.add_done_callback(call)

    @property
    def failed(self) -> BaseException | None:
        """Why the network cannot be prepared; None where it is, or is not yet."""
        return self._analysis.exception() if self._analysis.done() else None

    @property
    def analysis(self) -> Analysis:
        """The prepared network; waits until it is, and raises why it cannot be."""
        return self._analysis.result()

    @property
    def network(self) -> Network:
        """The network before any plan."""
        return self.analysis.compiled.network

    def first_city(self) -> City:
        """Return the city that the page opens with."""
        if self.start.city is not None:
            return self.network.get_city(self.start.city)
        return self.cities([], self.start.region)[0]

    def cities(self, slugs: Sequence[str], region: str | None) -> list[City]:
        """Return cities by name, else the core cities of a region, else all core cities.

        Raises NotFoundError for an unknown city or region, with the nearest names; ParameterError
        when there is none, or cities and a region are given.
        """
        if slugs and region is not None:
            raise ParameterError("cities and region: give one of them")
        if slugs:
            return list(dict.fromkeys(map(self.network.get_city, slugs)))
        own = None if region is None else self.network.get_region(region).region_id
        core = [
            c for c in self.network.cities if c.role == "core" and (own is None or own in c.regions)
        ]
        if not core:
            raise ParameterError(f"network {self.network.network_id} has no core city there")
        return core

    def circle(self, city: City, **asked: Any) -> Circle:
        """Return the circle of a city, as `Analysis.circle`."""
        return self._circles.get(
            (city.slug, repr(sorted(asked.items()))), lambda: self.analysis.circle(city, **asked)
        )

    def scene_circle(self, city: City, direction: str) -> Circle:
        """Return the circle that the live page shows."""
        return self.circle(city, cutoffs=CUTOFFS, direction=direction, draws=0)

    def scene(self, city: City, direction: str) -> LiveScene:
        """Return a city as the live page shows it, whole: threads share it."""

        def made() -> LiveScene:
            found = LiveScene(self.scene_circle(city, direction))
            _ = found.answer
            return found

        return self._scenes.get((city.slug, direction), made)

    def baseline(
        self, cities: Sequence[City], direction: str, reading: str | None = None
    ) -> Baseline:
        """Return the baseline of some cities under one reading, None: all; people of a file are
        counted by `counts`.

        A city where the reading is not defined has door to station.
        """
        if len(cities) == 1:
            key = cities[0].slug, direction, reading
            return self._baselines.get(key, lambda: self._baseline(cities[0], direction, reading))
        slugs = tuple(city.slug for city in cities)
        return self._joint.get(
            (slugs, direction, reading), lambda: self._together(cities, direction, reading)
        )

    def _baseline(self, city: City, direction: str, reading: str | None) -> Baseline:
        alone = self.analysis.changed(opportunities=None)
        names = None
        if reading is not None:
            names = [defined_reading(alone, case_of(alone, city), reading).name]
        return baseline(alone, [city], cutoffs=CUTOFFS, direction=direction, readings=names)

    def _together(self, cities: Sequence[City], direction: str, reading: str | None) -> Baseline:
        n = count_threads(None)
        each = list(
            map_in_threads(lambda city: self.baseline([city], direction, reading), cities, n)
        )
        return replace(each[0], cities=tuple(one.cities[0] for one in each))

    def why(self, city: City, place: str, reading: str, cutoff_min: int) -> WhyResult:
        """Return why a place is outside a city's circle, as `Analysis.why`; the city is prepared
        once.
        """
        query = self._queries.get(
            (city.slug, reading), lambda: CityQuery(self.analysis, city, reading)
        )
        return query.why(place, cutoff_min)

    def counts(self, base: CityBase) -> CellCounts:
        """Return what lies under the cells of a city of a baseline."""
        key = base.slug, base.question.direction, tuple(base.question.readings)
        return self._counts.get(key, lambda: counts_of(base, self.analysis.opportunities))
