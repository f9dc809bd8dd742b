"""The examples of the guide's pages `http` and `serve`, as they are written there, asked of a
server of China.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest

import railshed
from railshed.api.analysis import Analysis
from tests.support.liveserver import LiveServer, serving

GUIDE = Path(railshed.__file__).parent / "guide" / "en"
pytestmark = [pytest.mark.slow, pytest.mark.china]


@pytest.fixture(scope="module")
def china_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    env = {"RAILSHED_NETWORK_CACHE": "1", "RAILSHED_CACHE_DIR": os.environ["RAILSHED_TESTS_CACHE"]}
    with serving(tmp_path_factory.mktemp("jobs"), "--city", "chengdu", env=env) as found:
        yield found


def blocks(topic: str, language: str, server: LiveServer) -> list[str]:
    """Return the examples of a page, asked of the server."""
    text = (
        (GUIDE / f"{topic}.md")
        .read_text(encoding="utf-8")
        .replace("http://127.0.0.1:8650/", server.address)
    )
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_examples_of_http(china_server: LiveServer, tmp_path: Path) -> None:
    """curl, Python and QGIS's address: each gives the figures of the README."""
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    (shell,) = blocks("http", "sh", china_server)
    subprocess.run(["sh", "-ec", shell], cwd=tmp_path, check=True)
    circle = json.loads((tmp_path / "chengdu.geojson").read_text(encoding="utf-8"))
    rows = circle["figures"]["readings"]["door-to-door"]["table"]
    people = {
        row["cutoff_min"]: row["people_outside_city"] for row in rows if row["kind"] == "by_rail"
    }
    assert (people[60], people[90]) == (16_958, 490_182)
    changes = json.loads((tmp_path / "changes.json").read_text(encoding="utf-8"))
    worth = changes["cities"][0]["worth"]
    assert (worth["people_faster"], worth["minutes_faster"]) == (81_369, 7.9)
    python, qgis = blocks("http", "python", china_server)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(python, "http.md", "exec"), {})
    lines = printed.getvalue().splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["5", "8", "12"]
    assert "chengdu_compare.gpkg" in lines[-1]
    (address,) = re.findall(r'"(http[^"]+)"', qgis)
    info: dict[str, Any] = pyogrio.read_info(address)  # of GDAL, by which QGIS reads
    assert (info["geometry_type"], set(info["fields"]) >= {"cutoff_min", "people"}) == (
        "MultiPolygon",
        True,
    )


def test_the_example_of_the_widget(china_run: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook's lines run; nothing drawn changes nothing, the shipped line what it changes."""
    (python,) = re.findall(
        r"^```python\n(.*?)^```$", (GUIDE / "serve.md").read_text(encoding="utf-8"), re.M | re.S
    )
    monkeypatch.setattr(railshed, "prepare", lambda network: china_run, raising=False)
    names: dict[str, Any] = {}
    exec(compile(python, "serve.md", "exec"), names)
    page = names["page"]
    assert page.change.gained() == {}
    page.scenario = {"modification": list(railshed.load_scenario("china/chengdu-s5").modifications)}
    assert page.change.gained(cutoff_min=90) == {"chengdu": 80_299}
