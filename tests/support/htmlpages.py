"""The interactive maps that tests look at: made once a process, of the toy network."""

from __future__ import annotations

import base64
import json
import re
import zlib
from functools import cache
from typing import Any

import numpy as np

import railshed
from railshed.questions.explore.page import InteractiveMap, explore_differences
from railshed.scenario.files import scenario_from_dict

#: 128 thousand people who had no train before; two of the lines' names end a script and open an
#: element
NORTHWEST = {
    "type": "add-trips", "name": "nw</script><b>", "hop_minutes": [18],
    "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
    "frequencies": [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}],
}  # fmt: skip
#: 西南坡 loses its trains
NO_SOUTHWEST = {"type": "remove-stops", "stops": ["southwest"]}


def plan(title: str, *modifications: dict[str, Any]) -> Any:
    """Return a scenario."""
    return scenario_from_dict({"title": title, "modification": list(modifications)})


@cache
def run() -> Any:
    """Return the prepared toy network."""
    return railshed.prepare(railshed.load_network("toy"))


@cache
def circle() -> Any:
    """Return the circle of its city."""
    return railshed.circle(run(), "mid")


@cache
def comparisons() -> tuple[Any, Any]:
    """Return the city with a line more, and with a station less."""
    plans = [plan("plan </script> & more", NORTHWEST), plan("one stop less", NO_SOUTHWEST)]
    each = next(run().comparisons(["mid"], plans))
    return each[0], each[1]


@cache
def pages() -> dict[str, InteractiveMap]:
    """Return a circle's page, a comparison's, and one of two scenarios and united circles."""
    union = run().unite(comparisons()[:1], name="格子", name_en="Grid")
    return {
        "circle": circle().explore(),
        "compare": comparisons()[0].explore(),
        "scenarios": explore_differences([*comparisons(), union]),
    }


def content_of(page: InteractiveMap) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the bytes of a page."""
    texts = [re.search(rf'id="{name}">([^<]*)<', page.html) for name in ("content", "bytes")]
    found = [zlib.decompress(base64.b64decode(match[1])) for match in texts if match]
    return json.loads(found[0]), found[1]


def values_of(told: dict[str, Any], data: bytes) -> Any:
    """Return an array of a page."""
    kind = {"u1": np.uint8, "u2": np.uint16, "i4": np.int32}[told["type"]]
    return np.frombuffer(data, kind, told["n"], told["at"])
