"""What commands work on: a network and a city anywhere; what was chosen for the user is said on stderr."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from railshed.util.errors import ParameterError

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.maps.save import Pictures
    from railshed.network.cities import City
    from railshed.network.model import Network
    from railshed.util.bilingual import Language

#: core stations of a city anywhere that are named; the rest is counted
_CORE_NAMED = 12


def say_quiet(network: Network, windows: Iterable[tuple[int, int]]) -> None:
    """Say on stderr which modes with many trips on the day have none in a window, and which window is nearly empty."""
    from railshed.network.service_windows import low_service_window, modes_without_service
    from railshed.util import progress
    from railshed.util.units import format_clock

    for start, end in dict.fromkeys(windows):
        for text in modes_without_service(network, (start, end)):
            progress.say(f"{text}, none in the window {format_clock(start)}-{format_clock(end)}")
        empty = low_service_window(network, (start, end))
        if empty is not None:
            progress.say(f"nearly empty: {empty}")


@dataclass(frozen=True, slots=True)
class Data:
    """What is loaded: the arguments that `circle`, `compare`, `reach` and `check` share."""

    networks: tuple[str, ...]
    date: dt.date | None = None
    lines: bool = True
    modes: tuple[str, ...] | None = None
    datum: str = "wgs84"
    #: a file of areas for a network that has none
    boundaries: str | None = None

    def load(self, *, areas: bool = True, checking: bool = False) -> Network:
        """Return the network; the service day that was chosen and the number of warnings are said on stderr.

        Not the number while `checking`, which lists them.
        """
        from railshed.io.boundaries import with_boundaries
        from railshed.io.cache import load_network_once
        from railshed.network.dates import CHOSEN_DAY
        from railshed.util import progress

        network = load_network_once(
            self.networks, date=self.date, lines=self.lines, modes=self.modes, datum=self.datum, areas=areas
        )  # fmt: skip
        if self.boundaries is not None:
            network = with_boundaries(network, self.boundaries)
        progress.say(*(note for note in network.notes if note.startswith(CHOSEN_DAY)))
        if network.issues and not checking:
            again = shlex.join(self.networks)
            n = len(network.issues)
            progress.say(
                f"{n} warning{'s' * (n > 1)} in reading: `railshed check {again}` lists {'them' if n > 1 else 'it'}"
            )
        return network

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "network": list(self.networks) if len(self.networks) > 1 else self.networks[0], "date": self.date,
            "lines": self.lines, "modes": None if self.modes is None else list(self.modes), "datum": self.datum,
            "boundaries": self.boundaries,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """What counts as within reach: the arguments that `circle` and `compare` share."""

    cutoffs: tuple[int, ...] | None = None
    reading: str = "door-to-station"
    #: readings of one's own
    readings: Path | None = None
    direction: str = "to"
    max_transfers: int | None = None

    def of_circles(self) -> dict[str, Any]:
        """Return the arguments of `api.circle` for a prepared run."""
        return {"cutoffs": self.cutoffs, "reading": self.reading, "direction": self.direction}

    def of_run(self) -> dict[str, Any]:
        """Return the arguments of `api.prepare`."""
        return {"readings": self.readings, "max_transfers": self.max_transfers}

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {**asdict(self), "cutoffs": None if self.cutoffs is None else list(self.cutoffs)}


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go: the arguments that `circle` and `compare` share."""

    folder: Path | None = None
    maps: bool = True
    map_lang: str | None = None
    basemap: tuple[Path, ...] = ()
    as_json: bool = False
    lang: Language = "en"
    map_size: str = "a4"
    map_formats: tuple[str, ...] = ("png",)
    crs: str | None = None
    #: 审图号 of the maps, or of the basemap beneath
    approval: str = ""

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        return {
            "maps": self.maps, "map_lang": self.map_lang, "map_size": self.map_size,
            "map_format": list(self.map_formats), "crs": self.crs,
            "basemap": [path.as_posix() for path in self.basemap], "approval": self.approval,
        }  # fmt: skip

    def page(self, lang: str) -> dict[str, str]:
        """Return how interactive maps are written: as `explore` takes it; a basemap is not theirs, nor its number."""
        return {"lang": self.map_lang or lang, "approval": "" if self.basemap else self.approval}

    def pictures(self, lang: str) -> Pictures | None:
        """Return how maps are drawn, in `lang` where no other is asked for; None where none are wanted."""
        if self.folder is None or not self.maps:
            return None
        from railshed.maps.save import pictures_of

        return pictures_of(
            self.map_lang or lang, self.map_size, self.basemap, self.crs, self.map_formats, self.approval
        )


@dataclass(frozen=True, slots=True)
class People:
    """Files of people and other columns, and how they are read."""

    files: tuple[str, ...] = ()
    #: as `read_opportunities` takes them
    columns: Any = None
    crs: str | None = None
    hexagons: bool | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How one gets to stations and centres, and who lives around: the arguments that `circle` and `compare` share."""

    access: tuple[str, ...] | None = None
    egress: tuple[str, ...] | None = None
    streets: tuple[Path, ...] = ()
    #: a place whose streets are fetched, once
    streets_place: str | None = None
    people: People = People()
    cell_size_m: int | None = None
    #: of drawn edges
    smooth_m: float = 0.0
    simplify_m: float = 0.0

    def options(self) -> dict[str, Any]:
        """Return the arguments of `api.prepare`; what the streets are made of is said on stderr."""
        from railshed.util import progress

        streets = None
        files = [*self.streets, *([] if self.streets_place is None else [_fetch_streets(self.streets_place)])]
        if files:
            from railshed.io.cache import load_streets

            streets = load_streets(files)
            progress.say(
                f"streets: {streets.n_nodes:,} nodes", *(f"  {said}" for said in (*streets.notes, *streets.issues))
            )
        return {
            "access": self.access, "egress": self.egress, "streets": streets, "cell_size_m": self.cell_size_m,
            "smooth_m": self.smooth_m, "simplify_m": self.simplify_m,
        }  # fmt: skip

    def with_people(
        self, run: AnalysisInputs, cities: Sequence[City], direction: str, cutoffs: tuple[int, ...] | None,
        others: Callable[[], Sequence[AnalysisInputs]] = tuple, points: Callable[[], Sequence[tuple[float,
        float]]] = tuple,
    ) -> AnalysisInputs:  # fmt: skip
        """Return the run with the people of the files, read where the circles may reach; what was cut is said.

        `others` and `points` are those of `runs.study_area`, asked for where there are files.
        """
        if not self.people.files:
            return run
        from railshed.circles import analysis
        from railshed.circles.cell_counts import check_columns
        from railshed.io.opportunities.read import read_opportunities
        from railshed.util import progress

        box = analysis.study_area(
            run, cities, direction=direction, cutoffs=cutoffs, others=others(), points=points()
        )  # fmt: skip
        found = read_opportunities(
            self.people.files, columns=self.people.columns, crs=self.people.crs, hexagons=self.people.hexagons,
            within=box,
        )  # fmt: skip
        progress.say(f"{found.label}: {', '.join(found.columns)}", *(f"  {note}" for note in found.notes))
        progress.say(*(f"  {issue}" for issue in found.issues))
        check_columns(found)
        return replace(run, opportunities=found)

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json."""
        listed = {
            "access": self.access, "egress": self.egress, "streets": self.streets, "population": self.people.files,
        }  # fmt: skip
        return {
            **{name: [str(v) for v in values] if values else None for name, values in listed.items()},
            "population_columns": self.people.columns, "population_crs": self.people.crs,
            "population_hexagons": self.people.hexagons,
            "streets_place": self.streets_place, "cell_size_m": self.cell_size_m, "smooth_m": self.smooth_m,
            "simplify_m": self.simplify_m,
        }  # fmt: skip


def _fetch_streets(place: str) -> Path:
    """Return the file with the streets of a place, fetched where the cache folder has none of that name."""
    import hashlib

    from railshed.io.streets.read import download_streets
    from railshed.util import progress
    from railshed.util.cache import cache_dir

    path = cache_dir() / "streets" / f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.osm.pbf"
    if path.is_file():
        progress.say(f"streets of {place}: {path}, as fetched before; remove it to fetch them again")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    progress.say(f"fetching the streets of {place} from OpenStreetMap")
    return download_streets(place, path)


@dataclass(frozen=True, slots=True)
class Point:
    """A city anywhere, and the windows of any city."""

    at: str | None = None
    stations_within_km: float = 1.0
    name: str | None = None
    feeder: str = "bus"
    window_to: tuple[int, int] | None = None
    window_from: tuple[int, int] | None = None

    def city(self, network: Network) -> City:
        """Return the city at the point; its name, place and core stations are said on stderr."""
        from railshed.circles.city_at import city_at
        from railshed.util import progress

        lon, lat, name = self._place(network)
        city = city_at(
            network, lon, lat, stations_within_km=self.stations_within_km, name=self.name or name,
            feeder=self.feeder, window_to=self.window_to, window_from=self.window_from,
        )  # fmt: skip
        names = {s.station_id: s.name for s in network.stations}
        core = list(dict.fromkeys(names[s] for s in city.core_station_ids))
        more = f" and {len(core) - _CORE_NAMED} more" if len(core) > _CORE_NAMED else ""
        n_core = len(city.core_station_ids)
        progress.say(
            f"{city.name}: {n_core} core station{'s' if n_core > 1 else ''} within {self.stations_within_km:g} km of "
            f"{lon:.4f},{lat:.4f}: {', '.join(core[:_CORE_NAMED])}{more}"
        )
        return city

    def _place(self, network: Network) -> tuple[float, float, str]:
        from railshed.util import progress

        assert self.at is not None
        parts = self.at.split(",")
        if len(parts) == 2:
            try:
                lon, lat = (float(part) for part in parts)
            except ValueError:
                pass
            else:
                return lon, lat, ""
        from railshed.network.gazetteer import find_place

        place = find_place(self.at, ([s.lon for s in network.stations], [s.lat for s in network.stations]))
        progress.say(f"--at {self.at}: {place}")
        return place.lon, place.lat, place.name

    def with_windows(self, city: City) -> City:
        """Return the city with the windows that were asked for."""
        to, from_ = self.window_to or city.window_to, self.window_from or city.window_from
        return replace(city, window_to=to, window_from=from_)

    def parameters(self) -> dict[str, Any]:
        """Return what a rerun needs, for run.json; nothing where nothing was asked for."""
        if self == Point():
            return {}
        return asdict(self)


def check_folder(option: str, asked: bool, folder: Path | None) -> None:
    """Raise ParameterError where an option that writes a file is given without a folder."""
    if asked and folder is None:
        raise ParameterError(f"{option} writes a file: give a folder with -o")


class Asked(Protocol):
    """A request that says which cities."""

    @property
    def cities(self) -> tuple[str, ...]:
        """Named."""

    @property
    def region(self) -> str | None:
        """All core cities of an agglomeration."""

    @property
    def everything(self) -> bool:
        """All core cities."""

    @property
    def point(self) -> Point:
        """A city anywhere, and the windows."""


def check_one_question(request: Asked) -> None:
    """Raise where cities are named in no way, or in several.

    Raises
    ------
    ParameterError
        Saying what was given.
    """
    asked = {
        "cities": bool(request.cities),
        "--region": request.region is not None,
        "--all": request.everything,
        "--at": request.point.at is not None,
    }
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) == 1:
        return
    allowed = "give cities, or --region ID, or --all, or --at LON,LAT"
    if not given:
        raise ParameterError(f"{allowed}; `railshed cities` lists the cities")
    named = "; with --at, --name says what the city is called" if request.cities and "--at" in given else ""
    raise ParameterError(f"{' and '.join(given)}: {allowed}, one of them{named}")


def chosen_cities(network: Network, request: Asked) -> list[City]:
    """Return the cities that were asked for, with the windows that were."""
    if request.point.at is not None:
        return [request.point.city(network)]
    if request.cities:
        named = dict.fromkeys(network.get_city(name) for name in request.cities)
        return [request.point.with_windows(city) for city in named]
    if request.region is not None:
        region = network.get_region(request.region)
        chosen = [c for c in network.cities if region.region_id in c.regions and c.role == "core"]
    else:
        chosen = [c for c in network.cities if c.role == "core"]
    if not chosen:
        raise ParameterError(f"network {network.network_id} has no core city there; `railshed cities` lists them")
    return [request.point.with_windows(city) for city in chosen]


def with_point(network: Network, city: str | None, point: Point) -> tuple[Network, str | None]:
    """Return the network and the city that ``core_station = true`` means: the one named, or one anywhere, listed too.

    Raises
    ------
    ParameterError
        Where both are given.
    """
    if point.at is None:
        return network, city
    if city is not None:
        raise ParameterError("--city and --at: give one of them")
    found = point.city(network)
    others = (c for c in network.cities if c.slug != found.slug)
    return replace(network, cities=(*others, found)), found.slug


def windows_of(cities: Sequence[City], direction: str) -> Iterator[tuple[int, int]]:
    """Yield the windows of the cities."""
    for city in cities:
        yield from (city.window_to,) * (direction != "from") + (city.window_from,) * (direction != "to")


@contextmanager
def output_folder(out: Path | None) -> Iterator[None]:
    """Make the folder before the long work; take it away again where nothing came to stand in it."""
    if out is None:
        yield
        return
    from railshed.util.files import output_dir

    was_there = out.is_dir()
    output_dir(out)
    try:
        yield
    except BaseException:
        if not was_there and not any(out.iterdir()):
            out.rmdir()
        raise
