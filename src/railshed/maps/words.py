"""Every word that a map prints by itself, in Chinese and English, and how its figures are written."""

from __future__ import annotations

import math
from collections.abc import Callable

from railshed.maps.data import Estimate
from railshed.util.bilingual import Words, fill

LEGEND = Words("图例", "Legend")
DEFINITION = Words("口径", "Definition")
NOTES = Words("注意", "Please note")
WITHIN = Words("{0} 分钟内", "within {0} min")

#: of the sides of a `ChangeLayer`
SCENARIO = {
    "gained": Words("新增", "gained"),
    "lost": Words("减少", "lost"),
    "after": Words("规划方案", "with the scenario"),
    "before": Words("现状范围线", "baseline, outline"),
}
#: of two networks compared
NETWORKS = SCENARIO | {
    "after": Words("后一时刻表", "later timetable"), "before": Words("前一时刻表范围线", "earlier timetable, outline"),
}  # fmt: skip

#: people gained and lost by a scenario
SCENARIO_HEADS = (Words("新增人口", "People gained"), Words("减少人口", "People lost"))
GAINED_WITHIN = Words("铁路新增（{0} 分钟内）", "gained by rail within {0} min")
LOST = Words("减少", "lost")
CAR = {
    "gained": Words("仅铁路可达", "by rail only"),
    "lost": Words("仅小汽车可达", "by car only"),
    "after": Words("铁路可达", "by rail"),
    "before": Words("小汽车可达范围线", "by car, outline"),
}
CAR_HEADS = (Words("仅铁路可达人口", "People by rail only"), Words("仅小汽车可达人口", "People by car only"))
SLOWER = Words("慢1分钟及以上", "slower by 1 min or more")
#: who saves or loses time by rail, and how much on average
SAVERS = {
    "faster": Words("铁路省时人口（按{0}至{1}分钟计）", "who save time by rail, counted from {0} to {1} min"),
    "slower": Words("铁路变慢人口（按{0}至{1}分钟计）", "slower by rail, counted from {0} to {1} min"),
}
MEAN = Words("平均 {0:.1f} 分钟", "{0:.1f} min each on average")
UNITED = Words("{0}各圈合并，每处只计一次", "circles of {0} united, each place counted once")
OUTLINES = Words("各城市的圈", "circle of each city")
STATION_MINUTES = Words("车站至城市的分钟数：", "minutes between station and city:")
BETWEEN = Words("{0} – {1} 分钟", "{0} to {1} min")
BEYOND = Words("超过 {0} 分钟，或达不到(–)", "over {0} min, or not at all (–)")
PER_HOUR = Words("面积：时段内每小时有效班次({0}分钟内)", "area: trips an hour of the window, within {0} min")
STATION_LABEL = Words("站名后：分钟 | 每小时班次", "after the name: minutes | trips an hour")
PANEL_FIGURES = Words("各图数字为累计值，含中心城区", "figures above the maps are cumulative, city proper included")
PANEL_FIGURES_ALL = Words("各图数字为累计值", "figures above the maps are cumulative")
PROPOSED = Words("规划线路", "proposed line")
CITY_PROPER = Words("中心城区（不计入）", "city proper, not counted")
CORE = Words("中心城区客站", "core station")
INSIDE = Words("圈内车站及分钟数", "station inside, with its minutes")
METRO = Words("小符号：城市轨道站", "small symbols: metro")
OUTSIDE = Words("圈外车站", "station outside")
PREFECTURE_BORDER = Words("地级界线", "prefecture border")
COUNTY_BORDER = Words("县级界线", "county border")
RAIL = Words("铁路，每日列车数（双向）", "railway, trains a day both ways")
METRO_LINE = Words("城市轨道", "metro, tram")
PEOPLE = Words("铁路可达人口", "People by rail")
AREA = Words("铁路可达面积", "Area by rail")
OF_DRAWS = Words(
    "数字为累计值；{0}次抽样(列车与运行时分)，区间为其中间80%",
    "figures are cumulative; {0} draws of trains and run times, ranges: the middle 80 % of them",
)
CUMULATIVE = Words("数字为累计值", "figures are cumulative")
BY_RAIL = Words("铁路可达（{0} 分钟内）", "by rail within {0} min")
BANDS = Words("铁路可达(中心城区外人口、面积)：", "by rail, outside the city proper:")
SHARE = Words("时段内铁路{0}分钟可达的分钟占比", "share of the window's minutes within {0} min by rail")
SAVED = Words("现状或规划铁路{0}分钟内，节省", "by rail within {0} min before or after, saved")
BANDS_ALL = Words("铁路可达：", "by rail:")
TRAINS = Words("其中城际、市郊列车带来（{0} 分钟内）", "added by trains, within {0} min")
NO_RIDE = Words("不乘车可达（{0} 分钟内）", "without a ride, within {0} min")
UNKNOWN_LAND = Words("无数据的陆地", "land without data")
STRIP = Words("逐项计入的代价：车站数（人口）", "What each step costs: stations (people)")
WAS = Words("（原{0}）", " (was {0})")
INTERVAL = Words("区间", "interval")
SOURCES = Words("数据来源：", "Sources: ")
TIMETABLE = Words("列车时刻日期：{0}", "Timetable of {0}")
NOTICE = Words("示意图 无审图号", "Sketch map without an approval number")
SKETCH = Words("示意图", "Sketch map")
STOP = Words("公交站", "bus stop")
ROAD = Words("公交线路", "bus line")
BASEMAP = Words("底图：{0}；审图号：{1}", "Basemap: {0}; approval number: {1}")
APPROVED = Words("审图号：{0}", "Approval number: {0}")
NOT_GIVEN = Words("未提供", "not given")
PROJECTION = Words(
    "投影：兰伯特等积方位投影，中心 {0}；大地基准 WGS 84",
    "Projection: Lambert azimuthal equal-area centred on {0}; datum WGS 84",
)
PROJECTION_NATIONAL = Words(
    "投影：阿尔伯斯等积圆锥投影，标准纬线 25°N、47°N，中央经线 105°E，比例尺以标准纬线为准；基准 WGS 84",
    "Projection: Albers equal-area conic, standard parallels 25°N and 47°N (scale true there), "
    "central meridian 105°E; datum WGS 84",
)
LAEA = Words("兰伯特等积方位投影，WGS 84", "Lambert azimuthal equal-area, WGS 84")
ALBERS = Words("阿尔伯斯等积圆锥投影，WGS 84", "Albers equal-area conic, WGS 84")
NAMED_CRS = Words(
    "坐标系：{0}；大地基准 {1}；比例尺以图幅中心为准，北针指图幅中心真北",
    "CRS: {0}; datum {1}; scale and north are true at the middle of the map",
)
GEOGRAPHIC = Words(
    "坐标系：{0}(经纬度，等距圆柱投影，标准纬线 {2})；大地基准 {1}；比例尺以图幅中央纬线为准",
    "CRS: {0} (degrees, drawn as plate carree with the standard parallel {2}); datum {1}; "
    "scale true at the middle latitude",
)
UNEVEN = Words("图内长度与比例尺最多相差 {0}%", "lengths differ from the scale bar by up to {0} % over the map")
UNEVEN_BEYOND = Words(
    "图幅超出该坐标系适用范围，比例尺仅在图幅中心有效",
    "part of the map is beyond what this CRS is made for: the scale bar holds at the middle alone",
)
SCALE = Words("{1} 图幅比例尺约 1:{0}", "about 1:{0} at {1}")
NO_BAND = Words("本口径只比较车站，不成面", "this reading compares stations and has no area")
NOWHERE = Words("无", "nowhere")
NORTH = Words("北", "N")
KILOMETRES = Words("千米", "km")
NO_DATA = Words("无数据", "no data")
PROPORTION = Words("圆面积与数字成正比，最小者除外", "area in proportion to the figure, but for the smallest")
MEMBERS = Words("城市群成员地级行政区", "member prefectures of the agglomerations")
SEVERAL = Words("属于多个城市群", "member of several agglomerations")
NATIONAL_TITLE = Words("十九个城市群核心城市铁路通勤圈", "Rail commuting circles of China's 19 agglomerations")


def within(cutoff_min: int) -> Words:
    """Return a cutoff as titles name it."""
    return Words("1小时", "one hour") if cutoff_min == 60 else Words(f"{cutoff_min}分钟", f"{cutoff_min} minutes")


def title(city: Words, *cutoffs_min: int) -> Words:
    """Return the title of a circle: by rail to the city within these cutoffs."""
    zh, hours = city.zh or city.en, [within(cutoff) for cutoff in cutoffs_min]
    zh += " " if zh.isascii() else ""
    return Words(
        f"{zh}{'、'.join(h.zh for h in hours)}铁路通勤圈",
        f"{city.en or city.zh}: within {' and '.join(h.en for h in hours)} by rail",
    )


def difference_title(city: Words, cutoff_min: int, scenario: Words) -> Words:
    """Return the title of a comparison."""
    base = title(city, cutoff_min)
    return Words(f"{base.zh}：{scenario.zh or scenario.en}", f"{base.en}: {scenario.en or scenario.zh}")


def outside(words: Words) -> Words:
    """Return the words of a figure from which the city proper is left out."""
    return Words(f"{words.zh}（中心城区外）", f"{words.en}, outside the city proper")


def band_head(words: Words, *, apart: bool) -> Words:
    """Return what stands above bands, of which the city proper is counted `apart` or not."""
    text = outside(words) if apart else words
    return Words(f"{text.zh}：", f"{text.en}:")


def transit(words: Words) -> Words:
    """Return the words with public transport for rail, for networks with buses."""
    zh = words.zh.replace("铁路", "公共交通").replace("列车", "车次")
    return Words(zh, words.en.replace("railway, trains", "trains").replace("rail", "public transport"))


def people(count: float) -> Words:
    """Return a number of people as printed."""
    if math.isnan(count):
        return NO_DATA
    zh = f"{count / 1e4:,.1f} 万" if count >= 9_999.5 else f"{count:,.0f} "
    en = f"{count / 1e6:,.2f} million" if count >= 999_999.5 else f"{count:,.0f}"
    return Words(f"{zh}人", en)


def area(km2: float) -> Words:
    """Return an area as printed."""
    if math.isnan(km2):
        return NO_DATA
    text = "< 1 km²" if 0 < km2 < 0.5 else f"{km2:,.0f} km²"  # little is not nothing
    return Words(text, text)


def signed(text: Words, sign: str) -> Words:
    """Return a figure with a sign before it."""
    return Words(sign + text.zh, sign + text.en)


def interval(estimate: Estimate, figure: Callable[[float], Words]) -> Words:
    """Return low and high as `figure` (people, area) prints them, their unit once; empty where there is no range."""
    if estimate.low is None or estimate.high is None:
        return Words("")
    low, high = figure(estimate.low), figure(estimate.high)
    zh = low.zh.removesuffix("人") if ("万" in low.zh) == ("万" in high.zh) else low.zh
    zh, en = (text.removesuffix("km²").strip() for text in (zh, low.en))
    return Words(f"{INTERVAL.zh} {zh} – {high.zh}", f"{INTERVAL.en} {en} – {high.en}")


def notice(approval: bool, number: str) -> Words:
    """Return a map's approval notice: its number, or where it needs one that it has none."""
    if number:
        return fill(APPROVED, number)
    return NOTICE if approval else SKETCH


def station_title(city: Words) -> Words:
    """Return the title of a map of stations."""
    zh = city.zh or city.en
    return Words(f"{zh}{' ' if zh.isascii() else ''}周边车站：分钟与每小时班次",
                 f"Stations around {city.en or city.zh}: minutes and trips an hour")  # fmt: skip


def stations(count: int, lang: str) -> list[str]:
    """Return a number of stations as printed at the right of a legend entry."""
    return [f"{count:,} station{'s' * (count != 1)}" if lang == "en" else f"{count:,} 站"]


def rate(value: float) -> str:
    """Return trips an hour as printed: one decimal below ten."""
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"


def minutes(value: float) -> str:
    """Return minutes rounded up, so that what is within the cutoff is printed within it; "" for none."""
    return "" if math.isnan(value) else str(math.ceil(value - 1e-9))


def degrees(lon: float, lat: float) -> str:
    """Return a position as printed."""
    return f"{abs(lon):.2f}°{'E' if lon >= 0 else 'W'} {abs(lat):.2f}°{'N' if lat >= 0 else 'S'}"
