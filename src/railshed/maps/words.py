"""The words that a map puts together, in Chinese and English, and how its figures are written."""

from __future__ import annotations

import math
from collections.abc import Callable

from railshed.maps.data import Estimate
from railshed.util import number_format
from railshed.util.bilingual import EMPTY, Words, fill
from railshed.util.phrases import MAP

_SIDES = ("gained", "lost", "after", "before")
#: of the sides of a `ChangeLayer`; those of two networks; those of a car and the railway
SCENARIO = {side: MAP[f"scenario_{side}"] for side in _SIDES}
NETWORKS = SCENARIO | {side: MAP[f"networks_{side}"] for side in ("after", "before")}
CAR = {side: MAP[f"car_{side}"] for side in _SIDES}
#: of people gained and lost
SCENARIO_HEADS, CAR_HEADS = (
    (MAP[f"{of}_head_gained"], MAP[f"{of}_head_lost"]) for of in ("scenario", "car")
)
#: who saves or loses time by rail, and how much on average
SAVERS = {side: MAP[f"savers_{side}"] for side in ("faster", "slower")}


def within(cutoff_min: int) -> Words:
    """Return a cutoff as titles name it."""
    return (
        Words("1小时", "one hour")
        if cutoff_min == 60
        else Words(f"{cutoff_min}分钟", f"{cutoff_min} minutes")
    )


def title(city: Words, *cutoffs_min: int) -> Words:
    """Return the title of a circle: by rail to the city within these cutoffs."""
    zh = city.zh or city.en
    hours = [within(cutoff) for cutoff in cutoffs_min]
    zh += " " if zh.isascii() else ""
    return Words(
        f"{zh}{'、'.join(h.zh for h in hours)}铁路通勤圈",
        f"{city.en or city.zh}: within {' and '.join(h.en for h in hours)} by rail",
    )


def difference_title(city: Words, cutoff_min: int, scenario: Words) -> Words:
    """Return the title of a comparison."""
    base = title(city, cutoff_min)
    return Words(
        f"{base.zh}：{scenario.zh or scenario.en}", f"{base.en}: {scenario.en or scenario.zh}"
    )


def outside(words: Words) -> Words:
    """Return the words of a figure from which the city proper is left out."""
    return Words(f"{words.zh}（中心城区外）", f"{words.en}, outside the city proper")


def band_head(words: Words, *, apart: bool) -> Words:
    """Return what stands above bands, of which the city proper is counted `apart` or not."""
    text = outside(words) if apart else words
    return Words(f"{text.zh}：", f"{text.en}:")


def transit(words: Words) -> Words:
    """Return the words with public transport for rail, for networks with buses."""
    zh = (
        words.zh.replace("轨道交通", "公共交通").replace("铁路", "公共交通").replace("列车", "车次")
    )
    return Words(
        zh, words.en.replace("railway, trains", "trains").replace("rail", "public transport")
    )


def people(count: float) -> Words:
    """Return a number of people as printed."""
    if math.isnan(count):
        return MAP["no_data"]
    zh = f"{count / 1e4:,.1f} 万" if count >= 9_999.5 else f"{count:,.0f} "
    en = f"{count / 1e6:,.2f} million" if count >= 999_999.5 else f"{count:,.0f}"
    return Words(f"{zh}人", en)


def area(km2: float) -> Words:
    """Return an area as printed."""
    if math.isnan(km2):
        return MAP["no_data"]
    text = f"{number_format.km2(km2)} km²"
    return Words(text, text)


def signed(text: Words, sign: str) -> Words:
    """Return a figure with a sign before it."""
    return Words(sign + text.zh, sign + text.en)


def interval(estimate: Estimate, figure: Callable[[float], Words]) -> Words:
    """Return low and high as `figure` (people, area) prints them, their unit once; empty where
    there is no range.
    """
    if estimate.low is None or estimate.high is None:
        return EMPTY
    low = figure(estimate.low)
    high = figure(estimate.high)
    zh = low.zh.removesuffix("人") if ("万" in low.zh) == ("万" in high.zh) else low.zh
    zh, en = (text.removesuffix("km²").strip() for text in (zh, low.en))
    return Words(f"{MAP['interval'].zh} {zh} – {high.zh}", f"{MAP['interval'].en} {en} – {high.en}")


def notice(approval: bool, number: str) -> Words:
    """Return a map's approval notice: its number, or where it needs one that it has none."""
    if number:
        return fill(MAP["approved"], number)
    return MAP["notice"] if approval else MAP["sketch"]


def station_title(city: Words) -> Words:
    """Return the title of a map of stations."""
    zh = city.zh or city.en
    return Words(
        f"{zh}{' ' if zh.isascii() else ''}周边车站：分钟与每小时班次",
        f"Stations around {city.en or city.zh}: minutes and trips an hour",
    )


def stations(count: int, lang: str) -> list[str]:
    """Return a number of stations as printed at the right of a legend entry."""
    return [number_format.counted(count, "station") if lang == "en" else f"{count:,} 站"]


def rate(value: float) -> str:
    """Return trips an hour as printed: one decimal below ten."""
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"


def minutes(value: float) -> str:
    """Return minutes rounded up, so that what is within the cutoff is printed within it; "" for
    none.
    """
    return "" if math.isnan(value) else str(math.ceil(value - 1e-9))


def degrees(lon: float, lat: float) -> str:
    """Return a position as printed."""
    return f"{abs(lon):.2f}°{'E' if lon >= 0 else 'W'} {abs(lat):.2f}°{'N' if lat >= 0 else 'S'}"
