"""OpenStreetMap's servers as tests need them: Nominatim and Overpass on this machine."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import osmnx
import pytest

SQUARE = [[[-0.1, -0.1], [0.3, -0.1], [0.3, 0.1], [-0.1, 0.1], [-0.1, -0.1]]]
TOWN = {
    "place_id": 1,
    "osm_type": "relation",
    "osm_id": 1,
    "lat": "0",
    "lon": "0",
    "importance": 0.5,
    "class": "boundary",
    "type": "administrative",
    "place_rank": 16,
    "addresstype": "town",
    "name": "Town",
    "display_name": "Town",
    "boundingbox": ["-0.1", "0.1", "-0.1", "0.3"],
    "geojson": {"type": "Polygon", "coordinates": SQUARE},
}


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
    return {
        "version": 0.6,
        "osm3s": {"timestamp_osm_base": "2026-11-20T10:00:00Z"},
        "elements": elements,
    }


class Server:
    """Answers to set, and the Overpass queries that came."""

    def __init__(self) -> None:
        self.places: Any = [TOWN]
        self.answer: Any = {}
        self.status = 200
        self.queries: list[str] = []


@pytest.fixture
def osm_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on this machine that answers as Nominatim and Overpass do; osmnx asks it."""
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
    monkeypatch.setattr(
        "time.sleep", lambda _: None
    )  # osmnx waits a second before it asks Nominatim
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()
