"""Download of the rail of a place from OpenStreetMap's servers, through osmnx, to a file for
`read_osm`.

The file holds the server's answer, so a study can be repeated without the server. osmnx's own
settings (servers, time limits) apply; its cache is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from railshed.io.osm.elements import STATES, STOPS, TRACKS
from railshed.util import files as store
from railshed.util.errors import InputError, ParameterError

#: tags of the query; osmnx adds the members of each way and relation
TAGS: Mapping[str, bool | list[str]] = {
    "railway": sorted({*TRACKS, *STOPS, *STATES}),
    "route": ["train", "light_rail", "subway", "monorail", "tram", "funicular", *STATES],
    "public_transport": ["station", "stop_area"],
    **{f"{state}:railway": True for state in STATES},
}
_SUFFIXES = (".osm", ".pbf")
#: HTTP statuses of a busy server, after which osmnx retries
_RETRIED = (429, 504)
_KINDS = {"node": "n", "way": "w", "relation": "r"}


def download_rail(place: str, path: str | Path) -> Path:
    """Download the rail within a place's boundary to an .osm or .osm.pbf file and return its path.

    Lines that cross the boundary are whole; other tracks end at the last node of a way that touches
    it.

    Parameters
    ----------
    place
        A name for Nominatim: ``Porto Alegre, Brazil``.
    path
        File to write; an existing file is replaced.

    Raises InputError when the place has no boundary, a server does not answer in full or knows no
    rail there; ParameterError when the path has another suffix; OutputError when the file cannot be
    written.
    """
    return download_file(
        place,
        path,
        lambda osmnx, boundary: osmnx.features_from_polygon(boundary, dict(TAGS)),
        "rail",
    )


def download_file(
    place: str, path: str | Path, ask: Callable[[Any, Any], object], what: str
) -> Path:
    """Download the objects of a place to a file and return its path.

    `ask` sends the query; its arguments are osmnx and the place's boundary. `what` names the
    objects in messages. Other parameters and errors are those of `download_rail`.
    """
    path = Path(path)
    if path.suffix not in _SUFFIXES:
        raise ParameterError(f"{path}: the file must end in {' or '.join(_SUFFIXES)}")
    import osmium
    import osmnx  # here: a second or more that other commands do not need

    try:
        responses = _fetch(osmnx, place, ask)
    except (OSError, ValueError, TypeError) as error:
        detail = " ".join(str(error).split())[:300]
        raise InputError(f"download of {place!r} failed ({detail})") from error
    try:
        elements = _elements(place, responses)
        if not elements:
            raise InputError(f"download of {place!r}: there is no {what} within its boundary")
        with store.atomic_path(path) as temporary:
            dates = [
                str(response.get("osm3s", {}).get("timestamp_osm_base", ""))
                for response in responses
            ]
            _write(osmium, temporary, elements, min(dates))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"download of {place!r}: the server's answer is no answer of Overpass ({error!r})"
        ) from error
    return path


def _fetch(osmnx: Any, place: str, ask: Callable[[Any, Any], object]) -> list[Mapping[str, Any]]:
    """Return the servers' raw answers; osmnx would turn them into a table without routes."""
    responses: list[Mapping[str, Any]] = []

    def keep(response: Any, *_: Any, **__: Any) -> None:
        if not response.url.endswith("/interpreter") or response.status_code in _RETRIED:
            return
        if not response.ok:  # osmnx takes an error in JSON for an answer
            raise OSError(f"the server says {response.status_code} {response.reason}")
        responses.append(response.json())

    with _settings(osmnx.settings, keep):
        boundary = osmnx.geocode_to_gdf(place).geometry.iloc[0]
        with suppress(InterruptedError):  # osmnx raises it after the download in cache_only_mode
            ask(osmnx, boundary)
    return responses


@contextmanager
def _settings(settings: Any, keep: Any) -> Iterator[None]:
    changed = {
        "use_cache": False,
        "cache_only_mode": True,
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": keep}},
    }
    before = {name: getattr(settings, name) for name in changed}
    try:
        for name, value in changed.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


def _elements(
    place: str, responses: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Return the objects of all answers by kind and id; large places are queried in parts."""
    elements: dict[tuple[str, int], Mapping[str, Any]] = {}
    for response in responses:
        if "remark" in response:
            remark = str(response["remark"])[:200]
            raise InputError(
                f"download of {place!r}: the server stopped early ({remark}) -> a smaller place, "
                "or later"
            )
        for item in response.get("elements", []):
            if item["type"] in _KINDS:
                elements[_KINDS[item["type"]], item["id"]] = item
    return dict(sorted(elements.items()))


def _write(
    osmium: Any, path: Path, elements: Mapping[tuple[str, int], Mapping[str, Any]], timestamp: str
) -> None:
    make = osmium.osm.mutable
    header = osmium.io.Header()
    header.set("generator", "railshed")
    header.set("osmosis_replication_timestamp", timestamp)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for (kind, number), item in elements.items():
            common = {"id": number, "tags": item.get("tags", {})}
            if kind == "n":
                writer.add_node(make.Node(location=(item["lon"], item["lat"]), **common))
            elif kind == "w":
                writer.add_way(make.Way(nodes=item["nodes"], **common))
            else:
                members = [(_KINDS[m["type"]], m["ref"], m["role"]) for m in item["members"]]
                writer.add_relation(make.Relation(members=members, **common))
