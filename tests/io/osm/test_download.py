"""Rail of a place downloaded through osmnx, from a server on this machine that answers as Nominatim and Overpass do."""

from __future__ import annotations

import json
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

osmnx = pytest.importorskip("osmnx")

from railshed.io.osm.download import download_rail  # noqa: E402
from railshed.io.osm.read import read_osm  # noqa: E402
from railshed.util.errors import InputError, ParameterError  # noqa: E402
from tests.support.osm_town import write_town  # noqa: E402

SQUARE = [[[-0.1, -0.1], [0.3, -0.1], [0.3, 0.1], [-0.1, 0.1], [-0.1, -0.1]]]
TOWN = {
    "place_id": 1, "osm_type": "relation", "osm_id": 1, "lat": "0", "lon": "0", "importance": 0.5, "class": "boundary",
    "type": "administrative", "place_rank": 16, "addresstype": "town", "name": "Town", "display_name": "Town",
    "boundingbox": ["-0.1", "0.1", "-0.1", "0.3"], "geojson": {"type": "Polygon", "coordinates": SQUARE},
}  # fmt: skip


def overpass_answer(path: Path) -> dict[str, Any]:
    """A file's objects as Overpass writes them."""
    elements = []
    for item in ET.parse(path).getroot():
        made: dict[str, Any] = {"type": item.tag, "id": int(item.attrib["id"])}
        if item.tag == "node":
            made |= {"lat": float(item.attrib["lat"]), "lon": float(item.attrib["lon"])}
        if item.tag == "way":
            made["nodes"] = [int(nd.attrib["ref"]) for nd in item.iter("nd")]
        if item.tag == "relation":
            made["members"] = [
                {"type": m.attrib["type"], "ref": int(m.attrib["ref"]), "role": m.attrib["role"]}
                for m in item.iter("member")
            ]
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in item.iter("tag")}
        elements.append(made | ({"tags": tags} if tags else {}))
    return {"version": 0.6, "osm3s": {"timestamp_osm_base": "2026-11-20T10:00:00Z"}, "elements": elements}


class Server:
    """Answers to set, and the Overpass queries that came."""

    def __init__(self) -> None:
        self.places: Any = [TOWN]
        self.answer: Any = {}
        self.status = 200
        self.queries: list[str] = []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200, state.places)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.queries.append(urllib.parse.parse_qs(body)["data"][0])
            self.reply(state.status, state.answer)

        def reply(self, status: int, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{httpd.server_port}"
    monkeypatch.setattr(osmnx.settings, "overpass_url", url)
    monkeypatch.setattr(osmnx.settings, "nominatim_url", url)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    monkeypatch.setattr("time.sleep", lambda _: None)  # osmnx waits a second before it asks Nominatim
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_a_place_downloaded_is_the_place_read(server, tmp_path):
    """The downloaded file gives the same stations, lines and candidates as the town's own file, and its date."""
    town = write_town(tmp_path / "town.osm")
    server.answer = overpass_answer(town)
    path = download_rail("Town", tmp_path / "place.osm.pbf")
    rail, expected = read_osm(path), read_osm(town)
    assert (rail.stations, rail.lines, rail.notes) == (expected.stations, expected.lines, expected.notes)
    assert [c.candidate_id for c in rail.candidates] == [c.candidate_id for c in expected.candidates]
    assert rail.sources[0]["date"] == "2026-11-20"
    assert path.read_bytes() == download_rail("Town", tmp_path / "again.osm.pbf").read_bytes()
    assert read_osm(download_rail("Town", tmp_path / "place.osm")).lines == expected.lines


def test_routes_and_tracks_are_asked_for(server, tmp_path):
    server.answer = overpass_answer(write_town(tmp_path / "town.osm"))
    download_rail("Town", tmp_path / "place.osm")
    (query,) = server.queries
    for part in ("relation['route'='subway'](poly:", "way['railway'='construction'](poly:", "node['railway'='stop']"):
        assert part in query
    assert "(._;>;)" in query  # with the members of what is found


def test_settings_of_osmnx_are_as_before(server, tmp_path):
    before = dict(vars(osmnx.settings))
    server.answer = {"elements": []}
    with pytest.raises(InputError, match="no rail within its boundary"):
        download_rail("Town", tmp_path / "place.osm")
    assert dict(vars(osmnx.settings)) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("places", "status", "answer", "message"),
    [
        ([], 200, {}, "download of 'Town' failed"),
        ([{**TOWN, "geojson": {"type": "Point", "coordinates": [0, 0]}}], 200, {}, "download of 'Town' failed"),
        ([TOWN], 400, {"elements": []}, "the server says 400 Bad Request"),
        ([TOWN], 200, {"elements": [], "remark": "runtime error: out of memory"}, "stopped early .*out of memory"),
        ([TOWN], 200, {"elements": [{"type": "node", "id": 1}]}, "no answer of Overpass"),
        ([TOWN], 200, {"elements": [{"id": 1}]}, "no answer of Overpass"),
        ([TOWN], 200, {"elements": None}, "no answer of Overpass"),
    ],
)  # fmt: skip
def test_answers_that_are_none(server, tmp_path, places, status, answer, message):
    server.places, server.status, server.answer = places, status, answer
    with pytest.raises(InputError, match=message):
        download_rail("Town", tmp_path / "place.osm.pbf")
    assert list(tmp_path.iterdir()) == []


def test_no_server(monkeypatch, tmp_path):
    """Return a port without a listener."""
    monkeypatch.setattr(osmnx.settings, "nominatim_url", "http://127.0.0.1:1")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(InputError, match="download of 'Town' failed"):
        download_rail("Town", tmp_path / "place.osm")


def test_wrong_suffix_and_missing_library(monkeypatch, tmp_path):
    with pytest.raises(ParameterError, match=r"must end in \.osm or \.pbf"):
        download_rail("Town", tmp_path / "place.json")
    monkeypatch.setitem(sys.modules, "osmnx", None)
    with pytest.raises(InputError, match=r"pip install 'railshed\[osm\]'"):
        download_rail("Town", tmp_path / "place.osm")
