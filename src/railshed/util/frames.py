"""Frames that results have computed, and frames that are made where one is asked for: a printed run
needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from railshed.util.array_types import Bools

if TYPE_CHECKING:
    import geopandas as gpd

F = TypeVar("F")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Columns(Mapping[str, NDArray[Any]]):
    """The columns of a frame, but its shapes, as arrays; each is made at the first access to it."""

    makes: Mapping[str, Callable[[], NDArray[Any]]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._made:
            self._made[name] = self.makes[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.makes)

    def __len__(self) -> int:
        return len(self.makes)

    def __getstate__(self) -> dict[str, Any]:
        return {"makes": self.makes}

    @cached_property
    def _made(self) -> dict[str, NDArray[Any]]:
        return {}


@dataclass(frozen=True, eq=False)
class LaterFrame:
    """A frame that is made at the first access, and its columns, for which it is not."""

    columns: Columns
    make: Callable[[], Any]

    @property
    def frame(self) -> Any:
        """The frame, the same one in all threads."""
        made = vars(self)
        return made["_frame"] if "_frame" in made else made.setdefault("_frame", self.make())


class _FrameField:
    """A field for a frame or a `LaterFrame`: read, it is the frame."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, one: Any, owner: type) -> Any:
        value = None if one is None else vars(one)[self.name]
        return value.frame if isinstance(value, LaterFrame) else value

    def __set__(self, one: Any, value: Any) -> None:
        vars(one)[self.name] = value


def later_frames(*names: str) -> Callable[[type[T]], type[T]]:
    """Return the decorator of a dataclass whose fields of these names hold a frame or a
    `LaterFrame`.
    """

    def with_fields(made: type[T]) -> type[T]:
        for name in names:
            setattr(made, name, _FrameField(name))
        return made

    return with_fields


def altered(one: T, **changes: Any) -> T:
    """Return an object with other fields as `replace`, which would make the frames that are not
    made yet.
    """
    frames = {
        name: vars(one)[name]
        for name, field in vars(type(one)).items()
        if isinstance(field, _FrameField)
    }
    return replace(one, **frames | changes)  # type: ignore[type-var]


def columns_of(one: Any, name: str) -> Columns | None:
    """Return the columns of a field that holds a frame, which is not made for it; None where it
    holds none.
    """
    value = vars(one).get(name)
    if value is None or isinstance(value, LaterFrame):
        return None if value is None else value.columns
    return Columns({c: partial(_column, value, c) for c in value.columns if c != "geometry"})


def _column(frame: Any, name: str) -> NDArray[Any]:
    return np.asarray(frame[name].to_numpy())


def among(column: Any, values: Collection[str]) -> Bools:
    """Return bool (n,): which entries of a column, an array or a series, are among some texts; a
    blank is in none.
    """
    chosen = {value for value in values if isinstance(value, str)}
    return np.array([value in chosen for value in column.tolist()], bool)


class cached_frame(Generic[F]):  # noqa: N801
    """A property that is computed once, each access a copy: a change to it is in no other figure
    and no file.

    A copy shares the values until one of them is changed (pandas 3; before, columns alone are its
    own).
    """

    def __init__(self, make: Callable[[Any], F]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = f"_{name}_made"

    def __get__(self, one: Any, owner: type) -> F:
        if one is None:
            return self  # type: ignore[return-value]
        made = vars(one)
        if self.key not in made:
            made[self.key] = self.make(one)
        return made[self.key].copy(deep=False)  # type: ignore[no-any-return]


def shaped(rows: Any, geometry: Any, crs: Any = "EPSG:4326") -> gpd.GeoDataFrame:
    """Return the frame of rows, a table of them, mappings or columns, with their shapes."""
    import geopandas as gpd

    return gpd.GeoDataFrame(rows, geometry=geometry, crs=crs)


def located(rows: Any) -> gpd.GeoDataFrame:
    """Return the frame of rows with `lon` and `lat`, a table of them or mappings, as points;
    EPSG:4326.
    """
    import pandas as pd
    import shapely

    table = pd.DataFrame(rows)
    return shaped(table, shapely.points(table["lon"], table["lat"]))
