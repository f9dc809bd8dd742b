"""Rail of a place downloaded through osmnx, from a server on this machine that answers as Nominatim
and Overpass do.
"""

from __future__ import annotations

import osmnx
import pytest

from railshed.io.osm.download import download_rail
from railshed.io.osm.read import read_osm
from railshed.util.errors import InputError, ParameterError
from tests.support.osm_server import TOWN, overpass_answer
from tests.support.osm_town import write_town


def test_a_place_downloaded_is_the_place_read(osm_server, tmp_path):
    """The downloaded file gives the same stations and lines as the town's own file, and
    its date.
    """
    town = write_town(tmp_path / "town.osm")
    osm_server.answer = overpass_answer(town)
    path = download_rail("Town", tmp_path / "place.osm.pbf")
    rail, expected = read_osm(path), read_osm(town)
    assert (rail.stations, rail.lines, rail.notes) == (
        expected.stations,
        expected.lines,
        expected.notes,
    )
    assert rail.sources[0]["date"] == "2026-11-20"
    assert path.read_bytes() == download_rail("Town", tmp_path / "again.osm.pbf").read_bytes()
    assert read_osm(download_rail("Town", tmp_path / "place.osm")).lines == expected.lines


def test_routes_and_tracks_are_asked_for(osm_server, tmp_path):
    osm_server.answer = overpass_answer(write_town(tmp_path / "town.osm"))
    download_rail("Town", tmp_path / "place.osm")
    (query,) = osm_server.queries
    for part in (
        "relation['route'='subway'](poly:",
        "way['railway'='construction'](poly:",
        "node['railway'='stop']",
    ):
        assert part in query
    assert "(._;>;)" in query  # with the members of what is found


def test_settings_of_osmnx_are_as_before(osm_server, tmp_path):
    before = dict(vars(osmnx.settings))
    osm_server.answer = {"elements": []}
    with pytest.raises(InputError, match="no rail within its boundary"):
        download_rail("Town", tmp_path / "place.osm")
    assert dict(vars(osmnx.settings)) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("places", "status", "answer", "message"),
    [
        ([], 200, {}, "download of 'Town' failed"),
        ([{**TOWN, "geojson": {"type": "Point", "coordinates": [0, 0]}}], 200, {}, ("download of "
        "'Town' "
            "failed")),
        ([TOWN], 400, {"elements": []}, "the server says 400 Bad Request"),
        ([TOWN], 200, {"elements": [], "remark": "runtime error: out of "
            "memory"}, "stopped early .*out of memory"),
        ([TOWN], 200, {"elements": [{"type": "node", "id": 1}]}, "no answer of Overpass"),
        ([TOWN], 200, {"elements": [{"id": 1}]}, "no answer of Overpass"),
        ([TOWN], 200, {"elements": None}, "no answer of Overpass"),
    ],
)  # fmt: skip
def test_answers_that_are_none(osm_server, tmp_path, places, status, answer, message):
    osm_server.places, osm_server.status, osm_server.answer = places, status, answer
    with pytest.raises(InputError, match=message):
        download_rail("Town", tmp_path / "place.osm.pbf")
    assert list(tmp_path.iterdir()) == []


def test_no_server(monkeypatch, tmp_path):
    """Return a port without a listener."""
    monkeypatch.setattr(osmnx.settings, "nominatim_url", "http://127.0.0.1:1")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(InputError, match="download of 'Town' failed"):
        download_rail("Town", tmp_path / "place.osm")


def test_wrong_suffix(tmp_path):
    with pytest.raises(ParameterError, match=r"must end in \.osm or \.pbf"):
        download_rail("Town", tmp_path / "place.json")
