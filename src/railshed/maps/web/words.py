"""Every word that an HTML map prints by itself, in Chinese and English; those of printed maps are theirs."""

from __future__ import annotations

from railshed.maps import words
from railshed.maps.layers import LAYERS
from railshed.util.bilingual import Words


def _title(cutoff_min: int) -> Words:
    """Return the title of printed maps with a gap for the city, and one for minutes where there are 999."""
    title = words.title(Words("〇", "〇"), cutoff_min)
    return Words(*(text.replace("〇", "{0}").replace("999", "{1}") for text in (title.zh, title.en)))


#: by the key that the scripts know; {0} and {1} are filled there
TEXTS: dict[str, Words] = {
    "legend": words.LEGEND, "definition": words.DEFINITION, "notes": words.NOTES, "within": words.WITHIN,
    "sources": words.SOURCES, "timetable": words.TIMETABLE,
    "peopleByRail": words.PEOPLE, "areaByRail": words.AREA, "outside": words.outside(Words("", "")),
    "railChange": Words("铁路可达人口变化", "People by rail, what changes"),
    "withoutTrains": Words("如无城际与市域列车：{0}", "without intercity and suburban trains: {0}"),
    "drawnRange": Words("抽样80%区间：新增 {0}", "draws, 80 %: gained {0}"),
    "elsewhere": Words("其中外地市 {0}", "of these in other prefectures: {0}"),
    "byRailHead": Words("铁路可达", "by rail"), "cumulativeAll": words.CUMULATIVE,
    "addedWithin": words.TRAINS, "noRide": words.NO_RIDE, "metroLine": words.METRO_LINE,
    **{layer.web_text: layer.words for layer in LAYERS.values() if layer.words is not None and layer.web_text},
    "range": words.INTERVAL, "noData": words.NO_DATA, "noArea": words.NO_BAND,
    "core": words.CORE, "inside": words.INSIDE, "outsideStation": words.OUTSIDE,
    "gained": words.SCENARIO["gained"], "lost": words.SCENARIO["lost"],
    "after": words.SCENARIO["after"], "before": Words("现状", "before"),
    "titleHour": _title(60), "titleMinutes": _title(999),
    "place": Words("地图对象", "Map of"), "scenario": Words("规划方案", "Scenario"),
    "reading": Words("测算口径", "Reading"),
    "cutoff": Words("时限", "Within"), "minutes": Words("{0} 分钟", "{0} min"),
    "show": Words("显示", "Show"), "change": Words("变化", "change"), "swipe": Words("左右对比", "swipe"),
    "saved": Words("节省时间", "saved"), "minutesOrMore": Words("{0} 分钟及以上", "{0} min or more"),
    "savedHead": words.SAVED,
    "slower": Words("慢 1 分钟及以上", "slower by 1 min or more"),
    "savedNote": Words(
        "数字为累计值；含一侧超过 {0} 分钟者", "figures are cumulative, with who is over {0} min on one side"
    ),
    "savedMinutes": Words("节省 {0} 分钟", "{0} min saved"), "slowerBy": Words("慢 {0} 分钟", "{0} min slower"),
    "fromBeyond": Words("现状超过 {0} 分钟", "over {0} min before"),
    "toBeyond": Words("规划后超过 {0} 分钟", "over {0} min after"),
    "swipeHandle": Words("对比分界线：左为现状，右为规划方案", "divider: left before, right with the scenario"),
    "search": Words("查找车站、区县（中文或拼音）", "Find a station or county"),
    "nothingFound": Words("没有找到", "nothing found"), "found": Words("找到 {0} 处", "{0} found"),
    "station": Words("车站", "station"), "county": Words("区县", "county"), "prefecture": Words("地级市", "prefecture"),
    "town": Words("城镇", "town"),
    "people": Words("人口", "People"), "area": Words("面积", "Area"),
    "local": Words("无需乘车 {0} 分钟", "{0} min without a ride"),
    "byRail": Words("铁路 {0} 分钟", "{0} min by rail"), "via": Words("经{0}站", "by {0} station"),
    "nowhere": Words("不在 {0} 分钟内", "not within {0} min"),
    "was": words.WAS, "unreached": Words("陆地，铁路 {0} 分钟内不可达", "land, not within {0} min by rail"),
    "beyond": words.UNKNOWN_LAND, "sea": Words("海域", "sea"),
    "shareOf": Words("，占 {1} 的 {0}", ", {0} of {1}"),
    "least": Words("最快处铁路 {0} 分钟", "{0} min by rail at best"),
    "notThere": Words("此时无此站", "no such station then"),
    "withdrawn": Words("停运区间：规划后再无列车", "withdrawn: no train runs there any more"),
    "ofCity": Words("最快：{0}", "fastest: {0}"),
    "cityFirst": Words(
        "合并圈：各处的分钟数、构成和车次均属其最快可达的城市",
        "united circles: minutes, their parts and trains are those of the city that is fastest",
    ),
    "edges": Words(
        "各分钟的边线均画在 {0} m 格网中心之间，每个格网中心在其应在的一侧；读数为所在格网，数字按格网统计",
        "edges at every minute run between the centres of cells of {0} m, each centre on its own side; what is read is "
        "the cell's, and figures count cells",
    ),
    "access": Words("接入", "access"), "entry": Words("进站", "entry"), "wait": Words("等候", "wait"),
    "ride": Words("乘车", "ride"), "changeTrains": Words("换乘", "change"), "exit": Words("出站", "exit"),
    "egress": Words("接出", "egress"),
    "trains": Words("时段内车次（{0}，{1} 分钟内 {2} 班）", "Trains in the window {0}: {2} within {1} min"),
    "noTrains": Words("时段内无此时限的车次", "no train in the window within these minutes"),
    "depart": Words("发车", "departs"), "arrive": Words("到城", "in the city"), "train": Words("车次", "train"),
    "taken": Words("分钟", "min"), "coreStation": Words("中心城区客站：0 分钟", "core station: 0 min"),
    "close": Words("关闭", "Close"), "zoomIn": Words("放大", "Zoom in"), "zoomOut": Words("缩小", "Zoom out"),
    "map": Words("地图：方向键移动，加减键缩放，十字处读数", "Map: arrow keys move, plus and minus zoom, cross reads"),
    "panel": Words("图例与操作", "Legend and controls"), "language": Words("English", "中文"),
    "wholeView": Words("全图", "Whole map"), "changesView": Words("变化处", "Where it changes"),
    "print": Words("打印", "Print"),
    "mercator": Words(
        "屏幕投影：Web 墨卡托；数字按等积格网统计", "drawn in Web Mercator; figures from equal-area cells"
    ),
    "noWebgl": Words(
        "此浏览器没有 WebGL：图不能移动和缩放，其余照常。请启用硬件加速或换用其他浏览器。",
        "This browser has no WebGL: the map does not move or zoom, all else works. Switch on hardware acceleration or "
        "use another browser.",
    ),
}  # fmt: skip

#: the place of a page's scene that unites its circles
ALL_CITIES = Words("全部城市（合并）", "All cities together")
