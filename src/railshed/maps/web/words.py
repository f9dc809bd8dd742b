"""Every word that an HTML map prints by itself, in Chinese and English; those of printed maps are
theirs.
"""

from __future__ import annotations

from railshed.maps import words
from railshed.maps.layer_list import LAYERS
from railshed.util.bilingual import Words
from railshed.util.phrases import MAP, PAGE


def _title(cutoff_min: int) -> Words:
    """Return the title of printed maps with a gap for the city, and one for minutes where there are
    999.
    """
    title = words.title(Words("〇", "〇"), cutoff_min)
    return Words(
        *(text.replace("〇", "{0}").replace("999", "{1}") for text in (title.zh, title.en))
    )


#: by the key that the scripts know; {0} and {1} are filled there
TEXTS: dict[str, Words] = PAGE | {
    "legend": MAP["legend"],
    "definition": MAP["definition"],
    "notes": MAP["notes"],
    "within": MAP["within"],
    "sources": MAP["sources"],
    "timetable": MAP["timetable"],
    "peopleByRail": MAP["people"],
    "areaByRail": MAP["area"],
    "outside": words.outside(Words("", "")),
    "cumulativeAll": MAP["cumulative"],
    "addedWithin": MAP["trains"],
    "noRide": MAP["no_ride"],
    "metroLine": MAP["metro_line"],
    **{
        layer.web_text: layer.words
        for layer in LAYERS.values()
        if layer.words is not None and layer.web_text
    },
    "range": MAP["interval"],
    "noData": MAP["no_data"],
    "noArea": MAP["no_band"],
    "core": MAP["core"],
    "inside": MAP["inside"],
    "outsideStation": MAP["outside"],
    "gained": words.SCENARIO["gained"],
    "lost": words.SCENARIO["lost"],
    "after": words.SCENARIO["after"],
    "titleHour": _title(60),
    "titleMinutes": _title(999),
    "savedHead": MAP["saved"],
    "was": MAP["was"],
    "beyond": MAP["unknown_land"],
}

#: the place of a page's scene that unites its circles
ALL_CITIES = Words("全部城市（合并）", "All cities together")
