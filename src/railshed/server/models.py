"""Bodies and queries of the HTTP interface, made of the options of `api.requests`: nothing states a
default twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import MISSING
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model

from railshed.api.requests import CircleRequest, CompareRequest
from railshed.circles.analysis import LARGEST_CUTOFF_MIN
from railshed.util.options import Columns, Option, Request, options_of

#: units of options that name something on the machine of the server, which no request may
_OF_THE_SERVER = (
    "FILE",
    "DIR",
    "NETWORK",
    "N|ADDRESS",
    "CODES|FILE",
    "COLUMNS",
    "CANDIDATES.toml",
    "DATUM",
)
#: options of the command line alone, or of the server's start
_LEFT_OUT = {
    "as_json",
    "full",
    "progress",
    "quiet",
    "fresh",
    "date",
    "modes",
    "streets_place",
    "population_crs",
    "population_hexagons",
    "cell_size_m",
    "access",
    "egress",
    "lines",
    "schema",
}
_STRICT = ConfigDict(extra="forbid")
#: of one question
MOST_CITIES = 100
MOST_POINTS = 2_000
MOST_PAIRS = 250_000


def exposed(cls: type[Request]) -> list[Option]:
    """Return the options of a request that may be asked for from elsewhere: none that
    names a file.
    """
    return [
        one
        for one in options_of(cls)
        if one.name not in _LEFT_OUT
        and one.unit not in _OF_THE_SERVER
        and Path not in (one.kind, *get_args(one.kind))
    ]


def _kind(one: Option) -> Any:
    """Return the type of an option's values as JSON has them."""
    if one.choices or one.kind in (bool, int, float, str, dt.date):
        return one.kind
    if one.kind == Columns:
        return list[str]
    inner = get_args(one.kind)
    if get_origin(one.kind) is tuple:
        return list[inner[0]]  # type: ignore[valid-type]
    return str


def field_of(one: Option, **more: Any) -> tuple[Any, Any]:
    """Return type and field of a model for an option, with its help, bounds and default."""
    kind = _kind(one)
    default = ... if one.default is MISSING else one.default
    if isinstance(default, tuple):
        default = list(default)
    if one.bounds is not None:
        more |= {"ge": one.bounds[0], "le": one.bounds[1]}
    if get_origin(kind) is list:
        more |= {"max_length": MOST_CITIES}
    return (kind if default is not None else kind | None), Field(
        default, description=one.help, **more
    )


def model_of(
    name: str, cls: type[Request], names: Iterable[str] | None = None, **more: Any
) -> type[BaseModel]:
    """Return a model of some options of a request, by default all that are exposed; `more` are
    further fields.
    """
    own = {one.name: one for one in exposed(cls)}
    chosen = {key: field_of(own[key]) for key in (own if names is None else names)}
    return create_model(name, __config__=_STRICT, **(chosen | more))


_MINUTES = Field(
    None, description="Minutes, inclusive; default those of each reading.", max_length=20
)

CircleQuery = model_of(
    "CircleQuery",
    CircleRequest,
    ["reading", "direction", "draws", "seed"],
    cutoffs=(list[int] | None, _MINUTES),
    car=(bool, Field(False, description="Rail against the car, free-flow and peak.")),
    sensitivity=(
        bool,
        Field(False, description="The circle with one rule or cap changed at a time."),
    ),
)


class WhyQuery(BaseModel):
    """A place that may be outside a city's circle."""

    model_config = _STRICT
    place: str = Field(
        description="Station, county or town by name, or LON,LAT.", min_length=1, max_length=200
    )
    reading: str = Field("door-to-door", description="A reading with an area, see `GET /readings`.")
    cutoff: int = Field(60, ge=1, le=LARGEST_CUTOFF_MIN, description="Minutes of the circle.")


#: a scenario as in its file: its reader, not this model, says what it may hold
_SCENARIO = Field(
    description="The scenario as its file has it, in JSON: title, modification, seed. `GET "
    "/scenario-schema` is its "
    "schema. It may name no files (extends, timetable)."
)

ChangesBody = model_of(
    "ChangesBody",
    CompareRequest,
    ["cities", "region", "reading", "direction"],
    scenario=(dict[str, Any], _SCENARIO),
    plans=(
        int,
        Field(
            0,
            ge=0,
            le=200,
            description="Draws of its trains and run times, of one city: what may come.",
        ),
    ),
    compliance=(bool, Field(False, description="The national rules, clause by clause.")),
    polygons=(
        bool,
        Field(False, description="Polygons before, after, gained and lost as GeoJSON."),
    ),
    picture=(bool, Field(False, description="What the live page draws; of one city.")),
)

ScenarioBody = create_model(
    "ScenarioBody", __config__=_STRICT, scenario=(dict[str, Any], _SCENARIO)
)


class ScenarioText(BaseModel):
    """A scenario file as text."""

    model_config = _STRICT
    text: str = Field(description="The text of a scenario file.", max_length=1 << 20)
    name: str = Field(
        "scenario.toml", description="Its name, whose ending says what it is.", max_length=200
    )


class IsochroneBody(BaseModel):
    """The land within minutes of a place: the circle of a city there."""

    model_config = _STRICT
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    direction: Literal["to", "from", "both"] = Field(
        "from", description="From the place, to it, or both ways."
    )
    cutoffs: list[int] = Field(
        [30, 60, 90], description="Minutes, inclusive.", min_length=1, max_length=20
    )
    reading: str = Field("door-to-door", description="Name of a reading, see `GET /readings`.")
    stations_within_km: float = Field(
        1.0, gt=0, le=50, description="Stations of the place: straight km."
    )
    feeder: str = Field(
        "bus", description="What runs to these stations: metro, metro-small or bus."
    )


class PointBody(BaseModel):
    """A place with an id."""

    model_config = _STRICT
    id: str = Field(max_length=100)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class MatrixBody(BaseModel):
    """Travel times between points, with R5's words."""

    model_config = _STRICT
    origins: list[PointBody] = Field(min_length=1, max_length=MOST_POINTS)
    destinations: list[PointBody] | None = Field(
        None, description="Default: the origins.", max_length=MOST_POINTS
    )
    departure: str = Field("08:00", description="Clock time, 08:00.", max_length=8)
    departure_time_window: int = Field(
        1, ge=1, le=240, description="Minutes of departures from then on, one each."
    )
    percentiles: list[int] = Field(
        [50], description="Of the window's minutes.", min_length=1, max_length=10
    )
    max_minutes: int = Field(120, ge=1, le=240, description="Longer travel times are null.")
    max_transfers: int | None = Field(None, ge=0, le=12)
