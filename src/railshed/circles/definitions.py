"""What each number means, in words: tables, maps and files print their definitions from here, in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from railshed.access.coverage import EMPTY_DISC_M
from railshed.assumptions.assumptions import Assumptions
from railshed.assumptions.readings import Reading
from railshed.assumptions.waits import SAMPLED, Waits
from railshed.network.cities import City
from railshed.util.bilingual import pick
from railshed.util.units import HOUR, MINUTE, format_clock

if TYPE_CHECKING:
    from railshed.util.bilingual import Language

BRIDGE = {
    "fastest_of_day": ("全天最快车次，站到站", "fastest train of the day, station to station"),
    "peak_percentile_50": ("高峰中位(50%)，站到站", "percentile 50 in the peak, station to station"),
    "plus_entry_exit": ("加进站、出站", "plus station entry and exit"),
    "plus_access": ("加接入：门到站", "plus access: door to station"),
    "door_to_door": ("门到门", "door to door"),
    "door_to_door_90": ("门到门，90分钟内", "door to door within 90 min"),
}

KINDS = {
    "total": ("合计(铁路或本地)", "total (by rail or local)"),
    "by_rail": ("铁路可达", "by rail"),
    "local": ("本地可达(不乘铁路)", "local (without a ride)"),
    "added_by_rail": ("铁路新增", "added by rail"),
}

PARTS = {
    "city_proper": ("中心城区", "city proper"),
    "same_province": ("本省其他", "same province"),
    "other_province": ("外省", "other province"),
}

DIRECTIONS = {
    "to": ("进城", "to the city"),
    "from": ("出城", "from the city"),
    "both": ("往返皆可", "both ways"),
}

MODES = {
    "walk": ("步行", "walk"),
    "bike": ("电动自行车", "e-bike"),
    "feeder": ("公交/地铁", "feeder (bus or metro)"),
    "drive": ("出租车", "taxi"),
    "park-and-ride": ("停车换乘", "park and ride"),
    "kiss-and-ride": ("接送换乘", "kiss and ride"),
}

COMPONENTS = {
    "access": ("接入", "access"),
    "entry": ("进站", "entry"),
    "wait": ("候车", "wait"),
    "ride": ("乘车", "ride"),
    "change": ("换乘", "change"),
    "exit": ("出站", "exit"),
    "egress": ("接出", "egress"),
}

CAR_TRAFFIC = {
    "free-flow": ("畅通", "free flow"),
    "peak": ("高峰", "peak"),
}

CAR_STATES = {
    "rail": ("铁路可达", "by rail"),
    "car": ("小汽车可达", "by car"),
    "rail_only": ("仅铁路", "rail only"),
    "car_only": ("仅小汽车", "car only"),
    "both": ("两者皆可", "both"),
    "not_compared": ("铁路可达，小汽车无数据", "by rail, no way for cars known"),
}

CAPACITY = (
    "未考虑运能：道路、列车与公交均视为不会满",
    "capacity not considered: roads, trains and buses are taken as never full",
)

#: what the people of shipped networks come from
_PEOPLE_ZH = {
    "2020 census by county on WorldPop 2020 cells of 5 arc-minutes (7-9 km)": (
        "2020年人口普查(分县)，按WorldPop 2020的5角分(7—9 km)格网分布"
    ),
}

OUTSIDE = ("中心城区外", "outside the city proper")

CONVENTION = (
    "新闻口径：有达标车站的整县人口，高估，不入合计",
    "press convention: people of whole counties with a qualifying station; overstates, in no sum",
)

#: a source tells of its footprint alone: a raster's files, areas and the small holes between them, the hull of points
PEOPLE_KNOWN = (
    "人口数据覆盖{area} km²中的{known} km²；其余无数据，并非无人",
    "people are known for {known} of {area} km²; elsewhere there is no data, which is not zero people",
)


def describe_reading(
    reading: Reading,
    city: City,
    assumptions: Assumptions,
    direction: str,
    lang: Language,
    *,
    n_centres: int | None = None,
    streets: bool = False,
) -> list[str]:
    """Return the definition of a reading as lines: legs, window, slack and percentile, access, what is not counted."""
    zh = lang == "zh"
    windows = []
    for way, span in (("to", city.window_to), ("from", city.window_from)):
        if direction in (way, "both"):
            start, end = (0, 24 * HOUR) if reading.window == "day" else span
            if reading.random_departure and way == "to":
                start, end = start - HOUR, end - HOUR
            windows.append(f"{pick(DIRECTIONS[way], lang)} {format_clock(start)}-{format_clock(end)}")
    legs = {
        "station": ("乘车与换乘，不含进出站和接入", "rides and changes only; no access, entry or exit"),
        "door-to-station": (
            "接入+进站+乘车/换乘+出站，至任一中心城区客站",
            "access + entry + rides and changes + exit at any core station",
        ),
        "door-to-door": (
            "接入+进站+乘车/换乘+出站+接出，至就业中心",
            "access + entry + rides and changes + exit + egress to an employment centre",
        ),
    }[reading.legs]
    lines = [
        (f"{reading.label_zh}：" if zh else f"{reading.label}: ") + pick(legs, lang),
        ("时段：" if zh else "window: ") + ("；" if zh else "; ").join(windows),
    ]
    if reading.random_departure:
        lines.append("随机出发时刻，等候全计" if zh else "random departure minute, waiting counted in full")
    elif reading.window == "day":
        lines.append("全天最快一班" if zh else "the fastest train of the day")
    else:
        slack = reading.slack_s // MINUTE
        lines.append(
            f"提前到达容许{slack}分钟；第{reading.percentile}百分位"
            if zh
            else f"up to {slack} min early not counted; percentile {reading.percentile} of the window's minutes"
        )
    if reading.legs != "station":
        lines.append(_describe_modes(assumptions, assumptions.access_modes, "access", lang, streets))
    if reading.legs == "door-to-door" and assumptions.egress_modes != assumptions.access_modes:
        lines.append(_describe_modes(assumptions, assumptions.egress_modes, "egress", lang, streets))
    if n_centres is not None and reading.legs == "door-to-door":
        lines.append(f"就业中心{n_centres}个，取最近" if zh else f"{n_centres} employment centres, the nearest counts")
    return lines


def _describe_modes(
    assumptions: Assumptions, modes: Sequence[str], leg: Literal["access", "egress"], lang: Language, streets: bool
) -> str:
    """Return by which modes one gets to or from the stations, and along what."""
    zh = lang == "zh"

    def named(chosen: Sequence[str]) -> str:
        return ("、" if zh else ", ").join(pick(MODES[m], lang) for m in chosen)

    def on_streets(mode: str) -> bool:
        kinds = [m for name, m in assumptions.modes.items() if name.split(":")[0] == mode]
        return streets and all(m.streets for m in kinds)

    along = [m for m in modes if on_streets(m)]
    straight = [m for m in modes if not on_streets(m)]
    parts = []
    if along:
        km = f"{EMPTY_DISC_M / 1000:g} km"
        parts.append(
            f"{named(along)}(沿道路；落在半径{km}无路圆内处无道路数据，按直线)" if zh
            else f"{named(along)} along streets where given, straight lines where a disc of {km} without streets fits"
        )  # fmt: skip
    if straight:
        on_roads = streets and "feeder" in straight
        what = "直线距离×绕行系数" if zh else "straight lines x detour"
        bus = ("，公交沿道路" if zh else ", buses along streets") if on_roads else ""
        parts.append(f"{named(straight)}({what}{bus})" if zh else f"{named(straight)}; {what}{bus}")
    label = {"access": ("接入方式：", "access: "), "egress": ("接出方式：", "egress: ")}[leg]
    return pick(label, lang) + ("；" if zh else "; ").join(parts)


def describe_split(
    readings: Sequence[Reading],
    directions: Sequence[str],
    lang: Language,
    *,
    both: bool,
    outside: bool,
    by: str = "people",
) -> list[str]:
    """Return what the means of `split.split_table` are of: whose journey, what each component is, who counts how much.

    `both`: places count that are within the cutoff both ways; `by` people or area, `outside` the city proper.
    """
    to, turned_up = "to" in directions, any(r.random_departure for r in readings)
    waits = []
    if to and any(not r.random_departure for r in readings):
        waits.append((
            "候车(进城)=到达早于期限、超出提前容许的时间",
            "wait to the city = early before the deadline beyond what is not counted",
        ))  # fmt: skip
    if to and turned_up:
        waits.append(("候车(随到随走)=首站台全部等候", "wait turning up = all of it, on the first platform"))
    if "from" in directions:
        waits.append((
            "候车(出城)=自该分钟至发车、超出容许的时间",
            "wait from the city = from the minute to the departure, beyond what is not counted",
        ))  # fmt: skip
    where = ("，中心城区外", " outside the city proper") if outside else ("", "")
    ways = ("往返均", " both ways") if both else ("", "")
    same = (
        ("；两个方向为同一批地点、同一权重", "; the same places and weights in both directions") if both else ("", "")
    )
    weight = ("人口", "its people (by its area where no people are known within the cutoff)")
    if by == "area":
        weight = ("面积", "its area")
    lines = [
        (
            "构成取该口径百分位所对应的行程，各项之和即铁路可达时间",
            "the journey that makes the reading's percentile; its parts sum to the time by rail",
        ),
        (
            "接入=出发门至站门；进站=站门至站台；乘车=车内；换乘=车次之间及站间步行；出站=站台至站门；接出=站门至目的地",
            (
                "access = door to station; entry = to the platform; ride = in trains; change = between them, walks "
                "included; exit = to the door; egress = station to the end"
            ),
        ),
        *waits,
        (
            f"平均：铁路{ways[0]}可达的格网{where[0]}，按各格{weight[0]}加权{same[0]}",
            f"means over the cells within the cutoff by rail{ways[1]}{where[1]}, each by {weight[1]}{same[1]}",
        ),
    ]
    if any(r.legs == "door-to-door" for r in readings):
        lines.append((
            "门到门不计在中心城区客站上车者", "door to door without rides that begin at a core station"
        ))  # fmt: skip
    return [pick(line, lang) for line in lines]


def describe_cars(assumptions: Assumptions, streets: bool) -> dict[str, tuple[str, str]]:
    """Return by state of traffic how fast the car is taken to be, in Chinese and English."""
    found = {}
    for name, car in assumptions.cars.items():
        zh, en = CAR_TRAFFIC.get(name, (name, name))
        wait = f"{car.overhead_s / MINUTE:g}"
        if streets:
            share = f"{car.street_factor:.0%}"
            where = (f"沿道路为自由流速度的{share}，其外", f"{share} of free flow along streets, elsewhere ")
        else:
            where = ("", "")
        speeds = f"{car.urban_speed_kmh:g} km/h", f"{car.speed_kmh:g} km/h"
        zh = (
            f"小汽车({zh})：{where[0]}目的地{car.urban_km:g} km内{speeds[0]}、其余{speeds[1]}，"
            f"绕行{car.detour:g}，取车停车{wait}分钟"
        )
        en = (
            f"car, {en}: {where[1]}{speeds[0]} within {car.urban_km:g} km of the end, else {speeds[1]}; "
            f"detour {car.detour:g}; {wait} min to set out and park"
        )
        found[name] = (zh, en)
    return found


def describe_waits(waits: Waits, lang: Language) -> str:
    """Return what is assumed about waiting where there is no timetable."""
    if waits.rule == SAMPLED:
        others = (f"其余线路候车随机抽样{waits.n_draws}次", f"waits for the others drawn {waits.n_draws} times")
    else:
        others = ("其余线路候车取半个间隔", "half a headway of waiting for each other")
    return pick(
        (
            f"无时刻表：行程中最疏的线路均匀发车，{others[0]}",
            f"no timetable: the least frequent line of a journey is evenly spaced, {others[1]}",
        ),
        lang,
    )


def describe_draws(n_draws: int, seed: int, lang: Language, *, delays: bool, guesses: Sequence[str]) -> list[str]:
    """Return what the share of draws in which a place is inside means, what it leaves out, what of it is guessed."""
    lines = [
        (
            f"抽样{n_draws}次(种子{seed})，每次在抽得的假设下完整计算；概率=在范围内的次数占比",
            f"{n_draws} draws (seed {seed}), each a whole run under its own assumptions; probability = share of them",
        ),
        (
            "接入方式的上限按通常时间计；换乘、站间步行、取车停车时间不变",
            (
                "caps of access modes go by the usual time; change times, walks between stations and the minutes to "
                "set out and park are not drawn"
            ),
        ),
    ]
    if delays:
        lines.append((
            "列车晚点为事后视角：旅客事先知道当日晚点并选最优路线；每列车全程晚点相同",
            "delays in hindsight: known in advance, the best way is taken; a train is late alike all the way",
        ))  # fmt: skip
    if guesses:
        named = ", ".join(guesses)
        lines.append(
            (f"幅度为猜测：{named}；分布形状均为猜测", f"spreads guessed: {named}; the shapes of all are guesses")
        )
    return [pick(line, lang) for line in lines]


#: the limit that streets lift
STRAIGHT_LINES = ("接入按直线距离估算", "access on straight lines")

#: printed where a network states no limits of its own
GENERAL_LIMITS = (
    STRAIGHT_LINES,
    ("未考虑运能、票价与客流", "no capacity, fare or demand"),
)


def describe_known(known_km2: float | None, area_km2: float, lang: Language) -> str | None:
    """Return for how much of an area people are known, None where it is all of it to the km², or no people are."""
    known, area = (None if km2 is None else f"{km2:,.0f}" for km2 in (known_km2, area_km2))
    return None if known is None or known == area else pick(PEOPLE_KNOWN, lang).format(known=known, area=area)


def describe_united(
    goal: str, reading: Reading, cities: Sequence[City], assumptions: Assumptions, direction: str, lang: Language, *,
    streets: bool = False, outside: bool = True,
) -> str:  # fmt: skip
    """Return what a figure of the united circles of cities means.

    `goal` says what is counted; cities with windows or centres of their own are named; `outside` the city proper.
    """
    zh = lang == "zh"
    comma, semicolon, colon = ("、", "；", "：") if zh else (", ", "; ", ": ")
    cities_by_text: dict[str, list[str]] = {}
    for city in cities:
        words = describe_reading(
            reading, city, assumptions, direction, lang, n_centres=len(city.centres), streets=streets
        )
        cities_by_text.setdefault(semicolon.join(words), []).append(city.name if zh else city.name_en or city.name)
    names = [name for mine in cities_by_text.values() for name in mine]
    joined = comma.join(names)
    united = f"{joined}各圈合并，不重复计人" if zh else f"united circles of {joined}, each person counted once"
    apart = [
        text if len(cities_by_text) == 1 else f"{comma.join(mine)}{colon}{text}"
        for text, mine in cities_by_text.items()
    ]
    last = [pick(OUTSIDE, lang)] if outside else []
    return semicolon.join([goal, united if len(names) > 1 else names[0], *apart, *last])


def people_words(label: str, lang: Language) -> str:
    """Return what people come from: the label of a shipped network in the language, any other as it stands."""
    return pick((_PEOPLE_ZH.get(label, label), label), lang)
