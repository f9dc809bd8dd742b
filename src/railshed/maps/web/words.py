"""Every word that an HTML map prints by itself, in Chinese and English; those of printed maps are theirs."""

from __future__ import annotations

from railshed.maps import words
from railshed.maps.layers import LAYERS
from railshed.util.bilingual import Words
from railshed.util.phrases import PAGE


def _title(cutoff_min: int) -> Words:
    """Return the title of printed maps with a gap for the city, and one for minutes where there are 999."""
    title = words.title(Words("〇", "〇"), cutoff_min)
    return Words(*(text.replace("〇", "{0}").replace("999", "{1}") for text in (title.zh, title.en)))


#: by the key that the scripts know; {0} and {1} are filled there
TEXTS: dict[str, Words] = PAGE | {
    "legend": words.LEGEND, "definition": words.DEFINITION, "notes": words.NOTES, "within": words.WITHIN,
    "sources": words.SOURCES, "timetable": words.TIMETABLE, "peopleByRail": words.PEOPLE, "areaByRail": words.AREA,
    "outside": words.outside(Words("", "")), "cumulativeAll": words.CUMULATIVE, "addedWithin": words.TRAINS,
    "noRide": words.NO_RIDE, "metroLine": words.METRO_LINE,
    **{layer.web_text: layer.words for layer in LAYERS.values() if layer.words is not None and layer.web_text},
    "range": words.INTERVAL, "noData": words.NO_DATA, "noArea": words.NO_BAND, "core": words.CORE,
    "inside": words.INSIDE, "outsideStation": words.OUTSIDE, "gained": words.SCENARIO["gained"],
    "lost": words.SCENARIO["lost"], "after": words.SCENARIO["after"], "titleHour": _title(60),
    "titleMinutes": _title(999), "savedHead": words.SAVED, "was": words.WAS, "beyond": words.UNKNOWN_LAND,
}  # fmt: skip

#: the place of a page's scene that unites its circles
ALL_CITIES = Words("全部城市（合并）", "All cities together")
