"""The scene of the live page: a city that stays, and what a plan changes on it, sent anew for each
plan.

A scene is that of the interactive map. A change has the same parts for the side after the plan;
where the plan reaches cells that the scene does not show, it brings a grid of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
import shapely

from railshed.assumptions.names import HEADLINE
from railshed.cells.cell_keys import find_keys, with_keys
from railshed.circles.analysis import HEADLINE_CUTOFF_MIN, HEADLINE_CUTOFFS
from railshed.circles.bridge import bridge_steps
from railshed.circles.definitions import rung_words
from railshed.circles.result import CircleResult
from railshed.comparisons.incremental.surfaces import ChangedSurfaces
from railshed.maps.fonts import font_bytes
from railshed.maps.web.encoding import Blob, add_lines
from railshed.maps.web.stations import NEVER_MIN, minutes_up
from railshed.network.model import Station
from railshed.network.route_types import are_trains
from railshed.questions.explore import scene
from railshed.questions.explore.page import SCRIPTS, PageContent, content_of, filled, sources_of
from railshed.questions.explore.scene_layers import saved_of, withdrawn_legs
from railshed.scenario.plan import Plan
from railshed.util.array_types import Ints32, Ints64
from railshed.util.bilingual import plain_words
from railshed.util.phrases import LIVE
from railshed.util.units import MINUTE, UNREACHED

#: stations of one scenario, and places for as many new ones
MOST_STATIONS = 500
#: files of `web/` that the page loads, in order: those of the interactive map, then its own modules
LIVE_SCRIPTS = (
    "maplibre-gl.js",
    "terra-draw.js",
    "terra-draw-maplibre-gl-adapter.js",
    *SCRIPTS[:-1],
)
MODULES = ("live.js", "ask.js", "cards.js", "editor.js", "scenario.js")
STYLES = ("maplibre-gl.css", "style.css", "live.css")
FONT = "railshed-sans-sc.ttf"


def file_of(name: str) -> tuple[bytes, str] | None:
    """Return the bytes and the media type of a file that the page loads; None for any other."""
    if name == FONT:
        return font_bytes(), "font/ttf"
    if name not in (*LIVE_SCRIPTS, *MODULES, *STYLES):
        return None
    kind = "text/javascript" if name.endswith(".js") else "text/css"
    return resources.files("railshed.maps.web").joinpath(name).read_bytes(), kind


def live_page(lang: str) -> str:
    """Return the page, which asks the server for all that it shows; its address says of
    which city.
    """
    return filled(
        "live.html",
        {
            "LANG": "en" if lang == "en" else "zh-CN",
            "SCRIPTS": "\n".join(f'<script src="static/{name}"></script>' for name in LIVE_SCRIPTS),
            "STYLES": "\n".join(f'<link rel="stylesheet" href="static/{name}">' for name in STYLES),
        },
    )


@dataclass(frozen=True, eq=False)
class LiveScene:
    """A circle as the live page shows it."""

    circle: CircleResult

    @cached_property
    def content(self) -> PageContent:
        """What the page shows before any plan."""
        found = content_of([replace(sources_of(self.circle), n_more=MOST_STATIONS)], "both", "")
        polygons = self.circle.polygons
        for reading in found.values["scenes"][0]["readings"]:
            near = polygons[
                (polygons["reading"] == reading["name"])
                & (polygons["cutoff_min"] <= HEADLINE_CUTOFFS[-1])
            ]
            if not near.geometry.is_empty.all():  # what lies farther is seen by moving the map
                reading["view"] = [round(v, 4) for v in near.total_bounds.tolist()]
        return found

    @cached_property
    def answer(self) -> dict[str, Any]:
        """The scene as plain values: content, and its bytes in base64."""
        values = self.content.values
        texts = values["texts"] | {key: plain_words(text) for key, text in LIVE.items()}
        own = {"texts": texts, "rungs": self._rungs()}
        return {"content": values | own, "bytes": _base64(self.content.blob)}

    @property
    def most(self) -> int:
        """Minutes to the end of the land looked at."""
        return self.circle.limit_s // MINUTE

    @cached_property
    def keys(self) -> Ints64:
        """Sorted keys of the cells that are shown."""
        return self.circle.counts.land.keys[self.content.cells[0]]

    @cached_property
    def station_places(self) -> dict[str, int]:
        """Places of the stations that are shown, by id."""
        return {row["id"]: k for k, row in enumerate(self.content.values["scenes"][0]["stations"])}

    def _rungs(self) -> list[dict[str, Any]]:
        """Return the rungs of the bridge as readings of the scene: minutes of its stations and
        cells, its figures.

        Those that the scene has as a reading say by which they are shown.
        """
        circle = self.circle
        blob = self.content.blob
        found = []
        door = circle.surfaces.get(HEADLINE)
        if door is None:
            return []
        steps = bridge_steps(
            circle.counts.case,
            circle.cells_by_direction,
            circle.readings,
            circle.direction,
            HEADLINE_CUTOFF_MIN,
            door,
        )
        index = circle.network.station_index()
        for step, rung in zip(steps, circle.bridge, strict=True):
            surface = step.surface
            row: dict[str, Any] = rung.to_dict() | {
                "label": plain_words(rung_words(step.key)),
                "reading": HEADLINE,
            }
            if surface is not door:
                minutes = np.where(step.inside, minutes_up(step.seconds), NEVER_MIN).tolist()
                own = [minutes[index[key]] for key in self.station_places]
                cutoff = step.cutoff_min
                sides = []
                if surface is not None:
                    rail = scene.minutes_within(surface.by_rail_s[self.content.cells[0]], cutoff)
                    local = np.full(len(rail), NEVER_MIN, np.uint8)
                    figures = scene.figures_by_minute(
                        scene.by_minute(circle.counts, surface, cutoff), surface.without_trains_s
                    )
                    for name, values in figures.items():  # times are known up to its minutes alone
                        figures[name] = values + values[-1:] * (self.most - cutoff)
                    sides = [
                        {
                            "rail": blob.add(rail),
                            "local": blob.add(local),
                            "bare": None,
                            "figures": figures,
                        }
                    ]
                row["reading"] = {
                    "name": f"rung-{step.key}",
                    "label": row["label"],
                    "cutoffs": [cutoff],
                    "headlines": [cutoff],
                    "definition": [row["label"]],
                    "sides": sides,
                    "trains": [{}],
                    "station_city": None,
                    "stations": [[None if m == NEVER_MIN else m for m in own]],
                    "change": None,
                    "saved": None,
                }
            found.append(row)
        return found

    def change(
        self, found: ChangedSurfaces, reading: str, plan: Plan, seconds: Mapping[str, int]
    ) -> dict[str, Any]:
        """Return what a plan changes under a reading with an area, as plain values with bytes in
        base64.

        `seconds` are those of stations with other journeys after it, by id.
        """
        (old, new) = found.surfaces[reading]
        counts = found.counts
        most = self.most
        land = counts.land
        blob = Blob()
        reached = np.minimum(old.total_s, new.total_s) <= most * MINUTE
        keys = with_keys(self.keys, land.keys[reached])
        cells, there = find_keys(land.keys, keys)
        assert there.all()
        new = replace(new, without_trains_s=self._without_trains(reading, land.keys, plan))
        grown: dict[str, Any] = {}
        if len(keys) > len(self.keys):
            place, known = find_keys(self.keys, keys)
            grown = {
                "grid": scene.grid_of(land, cells, blob),
                "county": scene.add_counties(counts, cells, self.content.counties, blob),
                "from": blob.add(np.where(known, place, -1).astype(np.int32)),
                "local": blob.add(scene.minutes_within(new.local_s[cells], most)),
            }
        side = scene.side_by_rail(counts, new, cells, self.content.counties, most, blob)
        gone = None if plan.only_adds else withdrawn_legs(plan.base, plan.network)
        lines = [
            shapely.LineString([(s.lon, s.lat) for s in plan.way(line)]) for line in plan.lines
        ]
        content = {
            "reading": reading,
            "plan": dict(zip(("zh", "en"), plan.titles, strict=True)),
            "side": side,
            "grown": grown or None,
            "change": scene.changes_by_minute(counts, old, new, side["figures"]),
            "saved": saved_of(
                counts=counts,
                old=old,
                new=new,
                cells=cells,
                most=most,
                limit_s=most * MINUTE,
                blob=blob,
            ),
            "proposed": add_lines(blob, lines) if lines else None,
            "withdrawn": None if gone is None else add_lines(blob, gone.geometry.to_numpy()),
            **self._stations(plan, seconds),
        }
        return {"content": content, "bytes": _base64(blob)}

    def _without_trains(self, reading: str, keys: Ints64, plan: Plan) -> Ints32 | None:
        """Return int32 (n_cells,) seconds without intercity and suburban trains; None where the
        plan changes them.
        """
        before = self.circle.surfaces[reading].without_trains_s
        if (
            before is None
            or not plan.only_adds
            or not are_trains(np.array([x.route_type for x in plan.lines])).all()
        ):
            return None
        own = self.circle.counts.land.keys
        place, known = find_keys(own, keys)
        return np.where(known, before[place], UNREACHED)

    def _stations(self, plan: Plan, seconds: Mapping[str, int]) -> dict[str, Any]:
        """Return minutes after the plan by place of the stations that are shown, and the stations
        that it adds.
        """
        minutes = {
            key: int(m) for key, m in zip(seconds, minutes_up(list(seconds.values())), strict=True)
        }
        shown = {key: None if m == NEVER_MIN or m > self.most else m for key, m in minutes.items()}
        known = plan.base.station_index()
        new: Sequence[Station] = [s for s in plan.network.stations if s.station_id not in known]
        return {
            "minutes": {
                place: shown[key] for key, place in self.station_places.items() if key in shown
            },
            "stations": [
                {
                    "id": s.station_id,
                    "at": [round(s.lon, 5), round(s.lat, 5)],
                    "class": s.station_class,
                    "trains": 0,
                    "core": [False, False],
                    "there": [False, True],
                    "names": [s.name, s.name_en],
                    "minutes": shown.get(s.station_id),
                }
                for s in new
            ],
        }


def _base64(blob: Blob) -> str:
    return base64.b64encode(blob.to_bytes()).decode("ascii")
