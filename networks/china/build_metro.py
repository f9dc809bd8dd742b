"""Which stations a metro feeds on 2023-12-15.

Rule: a station in a district (its county's name ends with 区) of a city with three lines or more is
`metro`, with one or two `metro-small`, else `bus`. Lines are those open to passengers on 2023-12-15
(metro, light metro, monorail and suburban metro; trams are not counted), from memory, checked
against the ministry's list of lines newly opened in December 2023: Guiyang 3 (12-16), Zhengzhou 12
(12-20), Nantong 2 (12-27), Chongqing 18 and Wuhan 19 came after the day and are not counted.
Districts without a metro are listed, and so are single stations that differ from their district.
Harbin has three lines and is `metro`, though the reference table names it among the small ones.
Kunshan (lines 11 of Shanghai and Suzhou, not known to touch 昆山南) and Yiwu are counties, hence
`bus`.
"""

from __future__ import annotations

#: first four digits of the county code -> (city, lines on 2023-12-15, districts that have none of
#: them)
CITIES: dict[str, tuple[str, int, str]] = {
    "1101": ("北京", 27, "密云区 延庆区 怀柔区 平谷区"),
    "1201": ("天津", 8, "宝坻区 蓟州区 武清区 宁河区 静海区"),
    "1301": ("石家庄", 3, "藁城区 鹿泉区 栾城区 井陉矿区"),
    "1401": ("太原", 1, "晋源区"),
    "1501": ("呼和浩特", 2, ""),
    "2101": ("沈阳", 5, "辽中区 苏家屯区"),
    "2102": ("大连", 5, "普兰店区"),
    "2201": ("长春", 5, "九台区 双阳区"),
    "2301": ("哈尔滨", 3, "双城区 阿城区"),
    "3101": ("上海", 20, "金山区 崇明区"),
    "3201": ("南京", 12, ""),
    "3202": ("无锡", 4, ""),
    "3203": ("徐州", 3, "贾汪区"),
    "3204": ("常州", 2, "金坛区"),
    "3205": ("苏州", 6, ""),
    "3206": ("南通", 1, "海门区"),
    "3301": ("杭州", 12, ""),
    "3302": ("宁波", 5, ""),
    "3303": ("温州", 2, "洞头区"),
    "3306": ("绍兴", 2, "上虞区"),
    "3307": ("金华", 1, ""),
    "3310": ("台州", 1, "黄岩区"),
    "3401": ("合肥", 5, ""),
    "3402": ("芜湖", 2, "湾沚区 繁昌区"),
    "3411": ("滁州", 1, ""),
    "3501": ("福州", 5, "马尾区"),
    "3502": ("厦门", 3, "同安区"),
    "3601": ("南昌", 4, ""),
    "3701": ("济南", 3, "章丘区 莱芜区 钢城区"),
    "3702": ("青岛", 7, ""),
    "4101": ("郑州", 9, "上街区"),
    "4103": ("洛阳", 2, "偃师区 孟津区"),
    "4201": ("武汉", 11, "新洲区"),
    "4301": ("长沙", 6, ""),
    "4401": ("广州", 16, ""),
    "4403": ("深圳", 16, ""),
    # 广佛线, 2, 3; the northern part of line 3 (狮山, 佛山西) opened in 2024
    "4406": ("佛山", 3, "三水区 高明区"),
    "4501": ("南宁", 5, "武鸣区"),
    "5001": (
        "重庆",
        10,
        (
            "万州区 涪陵区 黔江区 长寿区 江津区 合川区 永川区 南川区 綦江区 大足区 铜梁区 潼南区 "
            "荣昌区 开州区 梁平区 武隆区"
        ),
    ),
    "5101": ("成都", 13, "青白江区"),
    # line 3 (乌当区, 花溪区) opened on the next day, 2023-12-16
    "5201": ("贵阳", 2, "乌当区 花溪区"),
    "5301": ("昆明", 6, "东川区"),
    "6101": ("西安", 9, "鄠邑区 阎良区"),
    # line 1 of Xi'an reaches 咸阳西 since 2023-09-21
    "6104": ("咸阳", 1, "杨陵区"),
    "6201": ("兰州", 2, "兰州新区 红古区"),
    "6501": ("乌鲁木齐", 1, "达坂城区 米东区"),
}
METRO_LINES = 3

#: single stations that differ from the rule: name -> (feeder, why)
STATIONS: dict[str, tuple[str, str]] = {
    # no metro at or near the station, though the district has one
    "北京朝阳": ("bus", "line 3 came on 2024-12-15"),
    "牛栏山": ("bus", "north of line 15"),
    "昌平北": ("bus", "outside the built-up area"),
    "乔庄东": ("bus", "no metro before 2025"),
    "滨海": ("bus", "lines B1 and Z4 not open"),
    "滨海北": ("bus", "far north of line 9"),
    "滨海西": ("bus", "north of line 9"),
    "北辰": ("bus", "beyond line 3"),
    "军粮城北": ("bus", "north of line 9"),
    "新香坊北": ("bus", "outside line 3"),
    "登沙河": ("bus", "far coast of 金州区"),
    "杏树屯": ("bus", "far coast of 金州区"),
    "春申": ("bus", "line 5 is 2 km away"),
    "新桥": ("bus", "no metro in the town"),
    "车墩": ("bus", "tram only"),
    "叶榭": ("bus", "no metro in the town"),
    "江宁西": ("bus", "beyond the metro"),
    "句容西": ("bus", "beyond the metro"),
    "富阳西": ("bus", "新登, beyond line 6"),
    "芜湖北": ("bus", "across the Yangtze"),
    "长乐东": ("bus", "beyond line 6"),
    "长乐南": ("bus", "beyond line 6"),
    "济南": ("bus", "no metro before 2025"),
    "大明湖": ("bus", "no metro before 2025"),
    "即墨北": ("bus", "line 11 runs far east of it"),
    "青岛西": ("bus", "line 13 runs along the coast"),
    "黄河景区": ("bus", "outside the built-up area"),
    "山坡东": ("bus", "far south of 江夏区"),
    "暮云": ("bus", "line 1 northern and line 7 not open"),
    "尖山": ("bus", "outside the metro"),
    "八方山": ("bus", "outside the metro"),
    "佛山西": ("bus", "line 3 north came on 2024-08-23"),
    "狮山": ("bus", "line 3 north came on 2024-08-23"),
    "狮山北": ("bus", "line 3 north came on 2024-08-23"),
    "花山镇": ("bus", "no metro in the town"),
    "狮岭": ("bus", "no metro in the town"),
    "乐同": ("bus", "no metro in the town"),
    "南宁西": ("bus", "no metro"),
    "吴圩机场": ("bus", "airport line not open"),
    "水土": ("bus", "no metro before line 15"),
    "迎龙": ("bus", "beyond the metro"),
    "南彭": ("bus", "beyond the metro"),
    "古路": ("bus", "beyond the metro"),
    "统景": ("bus", "beyond the metro"),
    "银花": ("bus", "beyond the metro"),
    "安德": ("bus", "beyond line 6"),
    "郫县西": ("bus", "beyond line 6"),
    "双龙南": ("bus", "beyond line 2"),
    "金华镇": ("bus", "beyond line 2"),
    "咸阳北": ("bus", "beyond line 1"),
    # a metro at the station, though the county is no district of the city
    "大兴机场": ("metro", "Beijing Daxing airport express"),
    "胶州北": ("metro", "terminus of Qingdao line 8"),
    "青岛机场": ("metro", "Qingdao line 8"),
    "郑州西": ("metro", "Zhengzhou line 10 since 2023-09-28"),
    "海宁西": ("metro-small", "Hangzhou-Haining intercity metro since 2021"),
    "滁州": ("metro-small", "Nanjing-Chuzhou intercity metro, first part since 2023-06-28"),
    # Dongguan is one county without districts; line 2 only
    "东莞": ("metro-small", "Dongguan line 2 东莞火车站"),
    "虎门": ("metro-small", "Dongguan line 2 虎门火车站"),
    "虎门北": ("metro-small", "ten minutes on foot from 虎门"),
    # Hong Kong has no county in the boundaries
    "香港西九龙": ("metro", "MTR Austin and Kowloon"),
}


def feeder_of(name: str, county_code: str, county: str) -> str:
    """Return the feeder of a station: metro, metro-small or bus."""
    if name in STATIONS:
        return STATIONS[name][0]
    city = CITIES.get(county_code[:4])
    if city is None or not county.endswith("区") or county in city[2].split():
        return "bus"
    return "metro" if city[1] >= METRO_LINES else "metro-small"
