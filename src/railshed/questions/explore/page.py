"""Interactive maps: one HTML file that opens from disk, asks no network for anything and holds all
it shows.

MapLibre GL JS, the page's own scripts and styles, the data and a font of the characters it prints
are inlined. The policy in its head forbids every request. The same results give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from railshed.circles.analysis import headlines_of
from railshed.maps import palette, words
from railshed.maps.fonts import FAMILY, font_face
from railshed.maps.from_network import bus_lines, drawn_stations
from railshed.maps.land import areas_of
from railshed.maps.layer_list import LAYERS, with_transit
from railshed.maps.palette import SAVED_STEPS_MIN
from railshed.maps.web.base_layers import base_of, box_around
from railshed.maps.web.encoding import STEPS_PER_DEGREE, Blob
from railshed.maps.web.stations import NEVER_MIN, NONE
from railshed.maps.web.words import ALL_CITIES, TEXTS
from railshed.questions.circle.map import circle_map
from railshed.questions.circle.overlap_map import overlap_map
from railshed.questions.compare.map import difference_map
from railshed.questions.explore.scene import Sources, box_of, definitions_of, scene_of, shown_cells
from railshed.questions.explore.scene_layers import plan_lines
from railshed.util import bilingual
from railshed.util import files as store
from railshed.util.array_types import Ints64
from railshed.util.bilingual import Words
from railshed.util.errors import ParameterError
from railshed.util.units import MINUTE

if TYPE_CHECKING:
    from railshed.circles.overlap import OverlapResult
    from railshed.circles.result import CircleResult
    from railshed.comparisons.result import ComparisonResult, Difference

#: in the order in which they run
SCRIPTS = (
    "data.js",
    "surface.js",
    "drawing.js",
    "view.js",
    "sketch.js",
    "overlay.js",
    "legend.js",
    "panel.js",
    "main.js",
    "start.js",
)
#: height of the frame in a notebook
_FRAME_PX = 640


@dataclass(frozen=True, slots=True)
class InteractiveMap:
    """A self-contained page; shown in a frame by notebooks."""

    html: str
    title: str

    def __repr__(self) -> str:
        return f"<InteractiveMap {self.title}: {len(self.html.encode()) / 1e6:.1f} MB>"

    def save(self, path: str | Path) -> Path:
        """Write the page as UTF-8; returns its path."""
        return store.write_file(path, self.html)

    def _repr_html_(self) -> str:
        inner = html.escape(self.html)
        title = html.escape(self.title)
        return (
            f'<iframe title="{title}" style="width:100%;height:{_FRAME_PX}px;border:0" '
            f'srcdoc="{inner}"></iframe>'
        )


def explore_circles(
    circles: Sequence[CircleResult],
    *,
    together: OverlapResult | None = None,
    lang: str = "both",
    approval: str = "",
) -> InteractiveMap:
    """Return the interactive map of circles, one of which is shown at a time; all are of one
    network.

    `together` are the circles united, shown first. `lang` is the language that the page opens in,
    "both": that of the browser.
    """
    scenes = [] if together is None else [_of_overlap(together, circles)]
    return _page([*scenes, *map(sources_of, circles)], lang, approval)


def explore_differences(
    found: Sequence[Difference], *, lang: str = "both", approval: str = ""
) -> InteractiveMap:
    """Return the interactive map of comparisons, one of which is shown at a time; all are of one
    base network.
    """
    return _page([_of_difference(difference) for difference in found], lang, approval)


def sources_of(circle: CircleResult) -> Sources:
    """Return what the scene of a circle is made of."""
    data = circle_map(circle)
    return Sources(
        key=circle.city.slug,
        label=data.city,
        data=data,
        readings=_readings(circle),
        counts=circle.counts,
        surfaces={name: [surface] for name, surface in circle.surfaces.items()},
        sides=[[circle]],
        definitions=definitions_of(circle),
        direction=circle.direction,
        limit_s=circle.limit_s,
    )


def _of_overlap(found: OverlapResult, circles: Sequence[CircleResult]) -> Sources:
    """Return the united circles of several cities, whose limit is the cutoff at which they are
    united.
    """
    reading = found.together.reading
    data = overlap_map(found)
    cutoffs = circles[0].cutoffs_by_reading[reading.name]
    return Sources(
        key="all",
        label=ALL_CITIES,
        data=replace(data, cutoff_min=headlines_of(cutoffs)[0]),
        readings={reading.name: (reading, cutoffs)},
        counts=found.counts,
        surfaces={reading.name: [found.together]},
        sides=[circles],
        definitions={reading.name: found.definition},
        direction=found.direction,
        limit_s=found.cutoff_min * MINUTE,
    )


def _readings(circle: CircleResult) -> dict[str, Any]:
    """Return the readings with their cutoffs, the one that has the headline area first."""
    names = dict.fromkeys([circle.surface.reading.name, *circle.cutoffs_by_reading])
    return {name: (circle.readings[name], circle.cutoffs_by_reading[name]) for name in names}


def _of_difference(found: Difference) -> Sources:
    united: Sequence[ComparisonResult] = getattr(found, "comparisons", [])
    each: Sequence[ComparisonResult] = united or [found]  # type: ignore[list-item]
    first = each[0]
    data = difference_map(found)
    lines = plan_lines(first.before.network, first.after.network)
    data = replace(
        data,
        proposed=None if data.change is None else data.change.proposed,
        people=None,
        area_km2=None,
        legs=lines.before,
        roads=bus_lines(first.before.network),
        stations=_all_stations(each, data.stations),
    )
    readings = {
        name: of
        for name, of in _readings(first.after).items()
        if not united or name in found.surfaces
    }
    definitions = definitions_of(first.after)
    if united:
        definitions = {name: (*texts, data.definition[-1]) for name, texts in definitions.items()}
    return Sources(
        key=f"union-{found.name}" if united else first.after.city.slug,  # type: ignore[attr-defined]
        label=data.city,
        data=data,
        readings=readings,
        counts=found.counts,
        surfaces=found.surfaces,
        sides=[[c.before for c in each], [c.after for c in each]],
        definitions=definitions,
        plan=Words(*found.titles),
        lines=lines,
        direction=first.after.direction,
        limit_s=found.limit_s,
    )


def _all_stations(each: Sequence[ComparisonResult], after: Any) -> Any:
    """Return the stations after a plan, and those before that it takes out of reach."""
    import pandas as pd

    before = pd.concat(
        [drawn_stations(c.before.network, c.before.stations) for c in each], ignore_index=True
    )
    gone = before[~before["station_id"].isin(after["station_id"])].drop_duplicates("station_id")
    return after if not len(gone) else pd.concat([after, gone], ignore_index=True)


@dataclass(frozen=True, slots=True, eq=False)
class PageContent:
    """What a page shows: plain values, and the bytes that their arrays stand in."""

    values: dict[str, Any]
    blob: Blob
    #: by scene the cells of its land that are shown
    cells: Sequence[Ints64]
    #: place of each county on the map by its code
    counties: Mapping[str, int]


def _page(scenes: Sequence[Sources], lang: str, approval: str) -> InteractiveMap:
    bilingual.check_language(lang)
    if not scenes:
        raise ParameterError("an interactive map needs a circle or a comparison")
    scenes = _with_own_keys(scenes)
    title = _title(scenes)
    found = content_of(scenes, lang, approval)
    return InteractiveMap(
        _fill(found.values, found.blob, lang), title.en if lang == "en" else title.zh
    )


def content_of(scenes: Sequence[Sources], lang: str, approval: str) -> PageContent:
    """Return what a page with these scenes shows."""
    blob = Blob()
    shown = shown_cells(scenes)
    box = box_around([box_of(sources) for sources in scenes])
    data = scenes[0].data
    base = base_of(data, box, areas_of(scenes[0].counts.case.compiled.network), blob)
    seen = (
        data.counties[data.counties.intersects(shapely.box(*box))]
        if len(data.counties)
        else data.counties
    )
    places = {code: k for k, code in enumerate(seen["county_code"])}
    texts = {key: with_transit(data, text) for key, text in TEXTS.items()}
    title = _title(scenes)
    notice = words.notice(data.approval, approval)
    content = {
        "lang": "" if lang == "both" else lang,
        "title": {"zh": title.zh, "en": title.en},
        "steps": STEPS_PER_DEGREE,
        "never": NEVER_MIN,
        "none": NONE,
        "base": base,
        "scenes": [
            scene_of(sources, cells, places, box, blob)
            for sources, cells in zip(scenes, shown, strict=True)
        ],
        "colours": _colours(),
        "texts": {key: {"zh": text.zh, "en": text.en} for key, text in texts.items()},
        "notice": {"zh": notice.zh, "en": notice.en},
    }
    return PageContent(content, blob, shown, places)


def _with_own_keys(scenes: Sequence[Sources]) -> list[Sources]:
    """Return the scenes with distinct keys: those of one place add their scenario, then a
    number.
    """
    n = Counter(sources.key for sources in scenes)
    keys = [s.key if n[s.key] == 1 or s.plan is None else f"{s.key}:{s.plan.zh}" for s in scenes]
    again = [keys.count(key) > 1 for key in keys]
    found = []
    for k, (sources, key, twice) in enumerate(zip(scenes, keys, again, strict=True), start=1):
        label = (
            bilingual.fill(Words("{0} ({1})", "{0} ({1})"), sources.label, k)
            if twice
            else sources.label
        )
        found.append(replace(sources, key=f"{key}:{k}" if twice else key, label=label))
    return found


def _title(scenes: Sequence[Sources]) -> Words:
    if len(scenes) == 1:
        data = scenes[0].data
        plan = scenes[0].plan
        own = data.city, data.cutoff_min
        return words.title(*own) if plan is None else words.difference_title(*own, plan)
    places = bilingual.joined(list(dict.fromkeys(scene.label for scene in scenes)))
    return Words(f"铁路通勤圈：{places.zh}", f"Rail commuting circles: {places.en}")


def _colours() -> dict[str, Any]:
    """Return the colours of the printed maps."""
    return {
        "bands": {str(n): palette.band_colours(n) for n in range(1, 10)},
        # without the lightest, which on paper in grey is the land's
        "saved": palette.band_colours(len(SAVED_STEPS_MIN) + 1)[:-1],
        "unchanged": palette.UNCHANGED,
        "gained": palette.GAINED,
        "lost": palette.LOST,
        **{layer.web_colour: layer.colour for layer in LAYERS.values() if layer.web_colour},
        "sea": palette.SEA,
        "noData": palette.NO_DATA,
        "noDataHatch": palette.NO_DATA_LINE,
        "noRide": palette.NO_RIDE,
        "added": palette.TRAINS,
        "byRail": palette.BY_RAIL,
        "properEdge": palette.PROPER_EDGE,
        "metro": palette.METRO,
        "countyText": palette.COUNTY_TEXT,
        "prefectureText": palette.PREFECTURE_TEXT,
        "townText": palette.TOWN_TEXT,
        "ink": palette.INK,
    }


@cache
def _web(name: str) -> str:
    """Return a file of `web/` as text."""
    return resources.files("railshed.maps.web").joinpath(name).read_text(encoding="utf-8")


def _fill(content: Mapping[str, Any], blob: Blob, lang: str) -> str:
    """Return the page with everything in its place."""
    text = json.dumps(
        content, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )
    library = _web("maplibre-gl.js").partition("//# sourceMappingURL")[0]
    own = "\n".join(_web(name) for name in SCRIPTS)
    for script in (library, own):
        if "</script" in script:
            raise AssertionError("a script that is inlined must not hold its own end")
    parts = {
        "LANG": "en" if lang == "en" else "zh-CN",
        "TITLE": html.escape(content["title"]["en" if lang == "en" else "zh"]),
        "POLICY": _policy([library, own]),
        "LIBRARY_STYLE": _web("maplibre-gl.css"),
        "STYLE": _web("style.css"),
        "FONT": font_face(text + own, FAMILY),
        "LIBRARY_LICENCE": _web("LICENSE-maplibre-gl.txt").replace("--", "- -"),
        "LIBRARY": library,
        "OWN": own,
        "JSON": _packed(text.encode()),
        "BYTES": _packed(blob.to_bytes()),
    }
    return filled("page.html", parts)


def filled(name: str, parts: Mapping[str, str]) -> str:
    """Return a template of `web/` with its gaps filled; the gap BODY is the file of that name."""
    pieces = _web(name).replace("%%BODY%%", _web("body.html").rstrip("\n")).split("%%")
    return "".join(parts[piece] if nth % 2 else piece for nth, piece in enumerate(pieces))


def _packed(data: bytes) -> str:
    """Return bytes deflated and in base64, which holds no end of a script."""
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")


def _policy(scripts: Sequence[str]) -> str:
    """Return the policy that lets these scripts run, and forbids every request."""
    hashes = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
        for script in scripts
    )
    return "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(f"'sha256-{value}'" for value in hashes),
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "font-src data:",
            "worker-src blob:",
            "child-src blob:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
