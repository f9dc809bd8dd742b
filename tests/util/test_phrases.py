"""The catalogue of texts: complete in both languages, with the same gaps, and nothing in it that no
module prints.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from railshed.util.bilingual import Words
from railshed.util.phrases import _EN, _ZH, HEADS, LIVE, MAP, PAGE, PHRASES, heads, phrase

_GAP = re.compile(r"{(\w+)")
#: texts whose key is put together from a value, by what it begins with
_BY_VALUE = (
    "check_",
    "note_",
    "binds_",
    "country_",
    "class_of_",
    "changed_",
    "quadrant_",
    "drawn_",
    "run_class_",
    "screen_definition_",
    "screen_early_",
    "screen_egress_",
    "car_",
    "change_",
    "component_",
    "confidence_",
    "count_of_",
    "direction_",
    "edit_value_",
    "end_",
    "file_",
    "issue_",
    "item_",
    "kind_",
    "legs_",
    "measure_",
    "mode_",
    "named_",
    "question_",
    "reach_",
    "rung_",
    "scope_of_",
    "remedy_",
    "role_",
    "rule_in_",
    "screen_at_",
    "screen_first_",
    "screen_gained",
    "screen_label_",
    "screen_last_",
    "screen_lost",
    "screen_no_",
    "screen_share_",
    "screen_station_",
    "screen_times_",
    "screen_union_",
    "severity_",
    "split_by_",
    "status_",
    "towns_",
    "traffic_",
    "transport_",
    "unit_",
    "variant_",
    "verdict_",
    "weekday_",
)


def _source() -> str:
    root = Path(str(resources.files("railshed")))
    files = [path for path in root.rglob("*.py") if "phrases" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_text_stands_in_both_languages_with_the_same_gaps() -> None:
    """A gap that one language lacks would lose a figure there; a few texts leave a name to one
    language on purpose.
    """
    one_sided = {
        "largest_gain",
        "run_times_hit",
        "verdict",
        "verdict_nothing",
    }
    assert [list(_ZH[kind]) for kind in _ZH] == [list(_EN[kind]) for kind in _EN]
    for key, words in [*PHRASES.items(), *MAP.items(), *PAGE.items(), *LIVE.items()]:
        zh, en = words.zh, words.en
        assert zh, key
        assert en, key
        if key not in one_sided:
            assert set(_GAP.findall(zh)) == set(_GAP.findall(en)), key


def test_every_text_of_the_live_page_is_in_its_scripts() -> None:
    """A key stands in a script, whole or after what begins with it (`way_`, `class_` ...)."""
    web = Path(str(resources.files("railshed.maps"))) / "web"
    scripts = "\n".join(
        path.read_text(encoding="utf-8") for path in web.glob("*.js") if "terra" not in path.name
    )
    built = tuple(re.findall(r"`(\w+_)\$", scripts))
    assert [
        key
        for key in LIVE
        if not re.search(rf"[\"'`]{key}[\"'`]", scripts) and not key.startswith(built)
    ] == []


def test_every_text_is_printed_somewhere() -> None:
    """A key that no module names is a text that can only grow old."""
    source = _source()
    quoted = set(re.findall(r'["\']([\w ]+)["\']', source))
    for key in PHRASES:
        assert key in quoted or key.startswith(_BY_VALUE), key
    sides = ("gained", "lost", "after", "before", "head_gained", "head_lost")
    drawn = set(re.findall(r"\bMAP\[[\"'](\w+)[\"']\]", source)) | {
        f"{kind}_{s}" for kind in ("scenario", "car", "backtest") for s in sides
    }
    assert set(MAP) == drawn | {
        "networks_after",
        "networks_before",
        "savers_faster",
        "savers_slower",
    }
    fixed = {
        f"{what}_{state}"
        for what in ("km2", "people")
        for state in ("before", "after", "gained", "lost")
    }
    fixed |= {f"{kind}_gained" for kind in ("counties", "towns", "stations", "useful_trips")}
    assert [
        key for key in HEADS if key and key not in quoted | fixed and not key.startswith("index_")
    ] == []


def test_gaps_are_filled_by_language() -> None:
    """Words fill each language by its own text; an unknown key or a gap without a value is a
    mistake.
    """
    assert phrase("named", name=Words("甲", "A"), text=3) == Words("甲：3", "A: 3")
    assert heads("min", "") == (Words("分钟", "min"), Words("", ""))
    with pytest.raises(KeyError):
        phrase("named", name="A")
    with pytest.raises(KeyError):
        heads("no such head")
