"""City models on common cells: their study area, what is counted on it, and their surfaces by
reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from railshed.assumptions.readings import Reading
from railshed.cells.opportunities import Opportunities
from railshed.circles.cell_counts import CellCounts, build_counts
from railshed.circles.city_model import CityModel
from railshed.circles.study_area import Cells, StudyArea, cells_of, find_land
from railshed.circles.surface import Surface, directed_surface
from railshed.routing.directions import Direction, directions_of


@dataclass(frozen=True, eq=False)
class CommonCells:
    """Cells that one or more city models may reach within `limit_s`, on the grid of the first."""

    models: Sequence[CityModel] = field(repr=False)
    direction: str
    limit_s: int
    opportunities: Opportunities | None = field(default=None, repr=False)
    #: whose city proper and regions the counts distinguish; default: the first model
    counted_for: CityModel | None = field(default=None, repr=False)
    _cells: dict[int, dict[Direction, Cells]] = field(default_factory=dict, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: models are other objects there."""
        return vars(self) | {"_cells": {}}

    @cached_property
    def study_area(self) -> StudyArea:
        """The land cells that any of the models may reach."""
        return find_land(self.models, directions_of(self.direction), self.limit_s)

    @cached_property
    def counts(self) -> CellCounts:
        """People and other columns on the study area."""
        return build_counts(self.counted_for or self.models[0], self.study_area, self.opportunities)

    def cells(self, model: CityModel) -> dict[Direction, Cells]:
        """Return by direction the cells with the stations within the model's access caps."""
        if id(model) not in self._cells:
            self._cells[id(model)] = cells_of(
                model, self.study_area, directions_of(self.direction), self.limit_s
            )
        return self._cells[id(model)]

    def surface(self, model: CityModel, reading: Reading, cutoffs: Sequence[int]) -> Surface:
        """Return the model's surface under one reading, without counts of trips; `cutoffs` in
        minutes.
        """
        cells = self.cells(model)
        return directed_surface(
            model, cells, reading, self.direction, cutoffs=cutoffs, count_trips=False
        )


def united_model(models: Sequence[CityModel]) -> CityModel:
    """Return the first model with the cities proper and regions of all of them."""
    proper = tuple(sorted({code for model in models for code in model.city.proper_counties}))
    regions = tuple(sorted({code for model in models for code in model.city.regions}))
    return replace(models[0], city=replace(models[0].city, proper_counties=proper, regions=regions))
