"""What a request may hold and who may ask: mistakes are problems, never errors of the server."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from railshed.server.once import Once
from tests.support.live_plans import line, plan
from tests.support.liveserver import LiveServer, command_of, serving

ROOT = Path(__file__).parents[2]


def changes(*modifications: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"cities": ["mid"], "scenario": plan(*modifications), **more}


@pytest.mark.parametrize(
    ("body", "field", "remedy"),
    [
        (changes(line(stops=["mid", {"name": "nowhere"}])), "stops[2]", "give lon and lat"),
        (changes(line(top_speed_kmh=5)), "top_speed_kmh", ""),
        (changes(line(colour="red")), "colour", ""),
        (changes({"type": "add-trip"}), "type", "add-trips"),
        (
            changes(line(frequencies=[{"start_time": "x", "end_time": "9", "headway_minutes": 0}])),
            "frequencies",
            "",
        ),
        (
            {"cities": ["mid"], "scenario": {"extends": "other.toml"}},
            "extends",
            "send the modifications",
        ),
        (changes(line(timetable="times.csv")), "modification[1].timetable", "send its text"),
        (changes(line(stops=["mid"] * 501)), "modification", "fewer"),
        (changes(plans=201), "body.plans", ""),
        (changes(cities="mid"), "body.cities", ""),
        ({"cities": ["mid"]}, "body.scenario", ""),
    ],
)
def test_a_mistake_names_field_and_remedy(
    server: LiveServer, body: Any, field: str, remedy: str
) -> None:
    """422, as problem+json, with the field of the scenario and what mends it."""
    found = server.ask("changes", body)
    assert (found.status, found.headers["content-type"]) == (422, "application/problem+json")
    assert any(field in one["field"] and remedy in one["remedy"] for one in found.json["issues"]), (
        found.json
    )
    assert all(one["kind"]["zh"] != one["code"] for one in found.json["issues"] if "kind" in one), (
        found.json
    )


def test_null_is_no_value_of_a_file(server: LiveServer) -> None:
    """A file of a scenario with null, and a job of one, are mistakes."""
    scenario = plan(line(mode=None))
    assert server.ask("scenario-file", {"scenario": scenario}).status == 422
    for process, inputs in (
        ("compare", {"scenario": [scenario]}),
        ("rank", {"candidates": {"candidate": [None]}}),
    ):
        found = server.ask(
            f"processes/{process}/execution", {"inputs": {"cities": ["mid"], **inputs}}
        )
        assert (found.status, "null" in found.json["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-n", "nowhere"), "nowhere"),
        (("-n", "toy", "--city", "nowhere"), "nowhere"),
        (("--port", "-1"), "--port"),
    ],
)
def test_a_start_that_cannot_be(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """An unknown network or city, a port that is none or taken: exit code 2 and what is wrong."""
    command = command_of(tmp_path, *arguments)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (
        2,
        True,
        False,
    ), done.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*command_of(tmp_path), "--port", port],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (done.returncode, "--port" in done.stderr) == (2, True), done.stderr


def test_every_mistake_of_a_scenario_at_once(server: LiveServer) -> None:
    """Several mistakes are listed together, each with the number of its modification."""
    found = server.ask(
        "changes", changes(line(top_speed_kmh=5), line("x", stops=["mid", "nowhere"]))
    )
    assert {one["message"].split(":")[0] for one in found.json["issues"]} == {
        "modification 1",
        "modification 2",
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cities/nowhere/circle", 404),
        ("jobs/none", 404),
        ("processes/none", 404),
        ("static/none.js", 404),
        ("scenarios/china/none", 404),
        ("jobs/none/results/run.json", 404),
        ("nothing", 404),
        ("cities/mid/circle?reading=none", 422),
        ("cities/mid/circle?cutoffs=999", 422),
        ("cities/mid/circle?draws=-1", 422),
        ("cities/mid/circle?colour=red", 422),
        ("cities?region=none", 422),
        ("static/..%2F..%2F__init__.py", 404),
        ("cities/mid/scene?direction=up", 422),
    ],
)
def test_what_is_not_there(server: LiveServer, path: str, status: int) -> None:
    """404 for a name in the path that is not known, 422 for one in the query."""
    found = server.ask(path)
    assert (found.status, found.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"{", 422), (b"[" * 200_000, 422), ((b'{"scenario": '
            b'NaN}'), 422), (b"\xff\xfe", 422),
        (b'{"cities": ["\\ud800"], "scenario": {"title": "\\ud800", "modification": []}}', 422),
        (b'{"scenario": {"modification": [{"type": "add-trips", "name": NaN}]}}', 422),
        (b'{"scenario": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b"}", 422),
        (b'{"cities": ["mid"], "scenario": {"modification": [], "seed": 1e999}}', 422),
        (b" " * (2 << 20) + b"{}", 413),
    ],
)  # fmt: skip
def test_a_body_that_is_no_request(server: LiveServer, body: bytes, status: int) -> None:
    """What is no JSON, too deep, no Unicode or too large is a problem of the request."""
    assert server.ask("changes", body).status == status


def test_a_slow_body_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not come within the time is answered with 408."""
    import asyncio

    from railshed.server import guard

    async def never() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    monkeypatch.setattr(guard, "MOST_SECONDS", 0.05)
    said: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    asyncio.run(guard.Guard(None, guard.Rules())(scope, never, send))  # type: ignore[arg-type]
    assert said[0]["status"] == 408


def test_a_request_that_is_cut_off(server: LiveServer) -> None:
    """A client that leaves while it is answered does no harm."""
    where = urlsplit(server.address)
    text = json.dumps(changes(picture=True)).encode()
    lines = ["POST /changes HTTP/1.1", f"Host: {where.netloc}", f"Content-Length: {len(text)}"]
    head = "\r\n".join([*lines, "Content-Type: application/json", "", ""])
    for n in (len(text) // 2, len(text)):
        with socket.create_connection((where.hostname, where.port)) as one:
            one.sendall(head.encode() + text[:n])
    assert server.ask("changes", changes()).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_other_names_and_origins_may_not_ask(
    server: LiveServer, headers: dict[str, str], status: int
) -> None:
    """A page of another site cannot ask, nor one that calls the server by another name (DNS
    rebinding).
    """
    assert server.ask("changes", changes(), headers=headers).status == status


def test_an_origin_that_may_ask(tmp_path: Path) -> None:
    """--cors allows one origin, and no other."""
    with serving(tmp_path, "-n", "toy", "--cors", "http://localhost:3000") as found:
        allowed = found.ask("cities", headers={"Origin": "http://localhost:3000"})
        assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (
            200,
            "http://localhost:3000",
        )
        asked = found.ask("changes", method="OPTIONS", headers={"Origin": "http://localhost:3000"})
        assert (asked.status, "POST" in asked.headers["access-control-allow-methods"]) == (
            204,
            True,
        )
        assert found.ask("cities", headers={"Origin": "http://localhost:3001"}).status == 403


def test_a_token_is_needed_beyond_this_machine(tmp_path: Path) -> None:
    """On another address than loopback's own names every request needs the token that is
    printed.
    """
    with serving(tmp_path, "-n", "toy", "--host", "127.0.0.2") as found:
        assert found.query.startswith("token=")
        token = found.query.removeprefix("token=")
        refused = found.ask("cities")
        assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert found.ask("cities", headers={"Authorization": f"Bearer {token[:-1]}"}).status == 401
        assert found.ask("cities", headers={"Authorization": f"Bearer {token}"}).status == 200
        page = found.ask(f"?token={token}")
        assert (page.status, page.headers["set-cookie"].split(";")[0]) == (
            200,
            f"railshed-token={token}",
        )
        assert found.ask("cities", headers={"Cookie": f"railshed-token={token}"}).status == 200


def test_etags(server: LiveServer) -> None:
    """The same circle is answered with 304; another reading has another tag."""
    first = server.ask("cities/mid/circle?draws=0")
    again = server.ask(
        "cities/mid/circle?draws=0", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status, again.body) == (304, b"")
    assert (
        server.ask("cities/mid/circle?draws=0&reading=turn-up-and-go").headers["etag"]
        != first.headers["etag"]
    )


def test_parts_of_a_circle(server: LiveServer) -> None:
    """Ranges of bytes, as GDAL asks for them, are those of the whole."""
    path = "cities/mid/circle?draws=0"
    whole = server.ask(path)
    part = server.ask(path, headers={"Range": "bytes=10-19"})
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert (
        server.ask(path, headers={"Range": f"bytes={len(whole.body) - 5}-"}).body == whole.body[-5:]
    )
    assert server.ask(path, headers={"Range": "bytes=99999999-"}).status == 416
    head = server.ask(path, method="HEAD")
    assert (head.status, head.headers["content-length"]) == (200, str(len(whole.body)))


def test_no_answer_names_a_place_of_the_server(server: LiveServer, tmp_path: Path) -> None:
    """No path of this machine stands in any answer, a problem or a schema."""
    paths = [
        "?f=json",
        "openapi.json",
        "networks",
        "cities",
        "regions",
        "readings",
        "rolling-stock",
        "scenarios",
        "scenario-schema",
        "scenarios/china/chengdu-s5",
        "start",
        "cities/mid/circle?draws=0&car=true&sensitivity=true",
        "cities/mid/headline",
        "cities/mid/scene",
        "processes",
        "processes/compare",
        "jobs",
        "conformance",
        "cities/none/circle",
    ]
    answers = [server.ask(path).body for path in paths]
    answers += [
        server.ask("changes", changes(line(stops=["mid", "x"]))).body,
        server.ask("changes", changes()).body,
    ]
    answers.append(
        server.ask("scenario-text", {"text": "extends = 'x.toml'", "name": "/etc/passwd.toml"}).body
    )
    here = [str(ROOT), str(Path.home()), "/tmp/"]
    for path, body in zip([*paths, "problem", "changes", "text"], answers, strict=True):
        assert not [one for one in here if one.encode() in body], path


def test_lists(server: LiveServer, railshed: Callable[..., Any]) -> None:
    """Networks, cities and readings are those of the command line."""
    assert [row["slug"] for row in server.ask("cities").json] == ["mid", "east"]
    assert [row["id"] for row in server.ask("networks").json if row["served"]] == ["toy"]
    names = [row["name"] for row in server.ask("readings").json]
    assert names == ["station-to-station", "door-to-station", "door-to-door", "turn-up-and-go"]
    (there,) = json.loads(railshed("circle", "mid", "-n", "toy", "--json").out)["cities"]
    here = server.ask("cities/mid/circle").json["figures"]
    assert {key: here[key] for key in there if key in here and key != "bridge"} == {
        key: value for key, value in there.items() if key in here and key != "bridge"
    }
    assert {"readings", "press", "intervals", "definition_hash"} <= set(here) & set(there)


def test_a_headline_is_that_of_the_command_line(
    server: LiveServer, railshed: Callable[..., Any]
) -> None:
    """The first two lines of the first screen without draws, in both languages."""
    found = server.ask("cities/mid/headline?direction=from").json
    for lang in ("en", "zh"):
        screen = railshed(
            "circle", "mid", "-n", "toy", "--direction", "from", "--draws", "0", "--lang", lang
        ).out
        assert [found[part][lang] for part in ("title", "text")] == screen.splitlines()[:2]


def test_scenarios_are_read_and_written(server: LiveServer) -> None:
    """A file's text becomes the scenario that requests have, and back: TOML, JSON, GeoJSON."""
    text = server.ask("scenario-file", {"scenario": plan(seed=3)}).body.decode()
    assert server.ask("scenario-text", {"text": text, "name": "x.toml"}).json == plan(seed=3)
    assert (
        server.ask("scenario-text", {"text": json.dumps(plan()), "name": "x.json"}).json == plan()
    )
    drawn = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "name": "d",
                    "stops": "mid|north",
                    "hop_minutes": 9,
                    "departures": "07:00",
                },
                "geometry": {"type": "LineString", "coordinates": [[100.0, 0.3], [99.9, 0.4]]},
            }
        ],
    }
    found = server.ask("scenario-text", {"text": json.dumps(drawn), "name": "x.geojson"})
    assert (found.status, found.json["modification"][0]["type"]) == (200, "add-trips")


def test_isochrone_and_matrix(server: LiveServer) -> None:
    """The land within minutes of a place, and minutes between points."""
    found = server.ask(
        "isochrone", {"lon": 100.0, "lat": 0.3, "cutoffs": [30, 60], "direction": "to"}
    )
    cutoffs = {one["properties"]["cutoff_min"] for one in found.json["features"]}
    assert (found.headers["content-type"], cutoffs) == ("application/geo+json", {30, 60})
    points = [{"id": "a", "lon": 100.0, "lat": 0.3}, {"id": "b", "lon": 99.8, "lat": 0.3}]
    rows = server.ask(
        "matrix", {"origins": points, "departure": "07:00", "departure_time_window": 30}
    ).json
    minutes = {(row["from_id"], row["to_id"]): row["travel_time_p50"] for row in rows}
    assert minutes["a", "a"] == 0
    assert 5 < minutes["b", "a"] < 120
    assert server.ask("matrix", {"origins": points, "departure": "25 o'clock"}).status == 422


def test_a_value_is_made_once() -> None:
    """Threads that ask for one value while it is made share it; an error is not cached; the oldest
    value goes.
    """
    made: list[int] = []
    values: Once[int] = Once(2)

    def make(n: int) -> int:
        made.append(n)
        time.sleep(0.05)
        if n < 0:
            raise ValueError(n)
        return n

    threads = [threading.Thread(target=values.get, args=(1, lambda: make(1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            values.get("x", lambda: make(-1))
    assert [values.get(key, lambda key=key: make(key)) for key in (2, 3, 1)] == [2, 3, 1]  # type: ignore[misc]
    assert made == [1, -1, -1, 2, 3, 1]
