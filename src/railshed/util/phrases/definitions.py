"""Texts on what numbers mean, by key: Chinese, English."""

DEFINITIONS: dict[str, tuple[str, str]] = {
    # rungs of the bridge
    "rung_fastest_of_day": ("全天最快车次，站到站", "fastest train of the day, station to station"),
    "rung_peak_percentile_50": ("高峰中位(50%)，站到站", "percentile 50 in the peak, station to station"),
    "rung_plus_entry_exit": ("加进站、出站", "plus station entry and exit"),
    "rung_plus_access": ("加接入：门到站", "plus access: door to station"),
    "rung_door_to_door": ("门到门", "door to door"),
    "rung_door_to_door_90": ("门到门，90分钟内", "door to door within 90 min"),
    # how a place is reached
    "reach_total": ("合计(铁路或本地)", "total (by rail or local)"),
    "reach_by_rail": ("铁路可达", "by rail"),
    "reach_local": ("本地可达(不乘铁路)", "local (without a ride)"),
    "reach_added_by_rail": ("铁路新增", "added by rail"),
    "direction_to": ("进城", "to the city"),
    "direction_from": ("出城", "from the city"),
    "direction_both": ("往返皆可", "both ways"),
    "mode_walk": ("步行", "walk"),
    "mode_bike": ("电动自行车", "e-bike"),
    "mode_feeder": ("公交/地铁", "feeder (bus or metro)"),
    "mode_drive": ("出租车", "taxi"),
    "mode_park-and-ride": ("停车换乘", "park and ride"),
    "mode_kiss-and-ride": ("接送换乘", "kiss and ride"),
    # readings
    "reading_of": ("{label}：{legs}", "{label}: {legs}"),
    "legs_station": ("乘车与换乘，不含进出站和接入", "rides and changes only; no access, entry or exit"),
    "legs_door-to-station": (
        "接入+进站+乘车/换乘+出站，至任一中心城区客站",
        "access + entry + rides and changes + exit at any core station",
    ),
    "legs_door-to-door": (
        "接入+进站+乘车/换乘+出站+接出，至就业中心",
        "access + entry + rides and changes + exit + egress to an employment centre",
    ),
    "window_of": ("{way} {start}-{end}", "{way} {start}-{end}"),
    "windows": ("时段：{windows}", "window: {windows}"),
    "random_departure": ("随机出发时刻，等候全计", "random departure minute, waiting counted in full"),
    "fastest_of_the_day": ("全天最快一班", "the fastest train of the day"),
    "slack_and_percentile": (
        "提前到达容许{slack}分钟；第{percentile}百分位",
        "up to {slack} min early not counted; percentile {percentile} of the window's minutes",
    ),
    "nearest_centre": ("就业中心{n}个，取最近", "{n} employment centres, the nearest counts"),
    "access_by": ("接入方式：{modes}", "access: {modes}"),
    "egress_by": ("接出方式：{modes}", "egress: {modes}"),
    "along_streets": (
        "{modes}(沿道路；落在半径{km}无路圆内处无道路数据，按直线)",
        "{modes} along streets where given, straight lines where a disc of {km} without streets fits",
    ),
    "along_straight_lines": ("{modes}(直线距离×绕行系数{buses})", "{modes}; straight lines x detour{buses}"),
    "buses_along_streets": ("，公交沿道路", ", buses along streets"),
    "waits": (
        "无时刻表：行程中最疏的线路均匀发车，{others}",
        "no timetable: the least frequent line of a journey is evenly spaced, {others}",
    ),
    "waits_drawn": ("其余线路候车随机抽样{n}次", "waits for the others drawn {n} times"),
    "waits_half": ("其余线路候车取半个间隔", "half a headway of waiting for each other"),
    "united_circles_of": ("{names}各圈合并，不重复计人", "united circles of {names}, each person counted once"),
    "each_place_once": ("各圈合并，每处只计一次", "circles united, each place counted once"),
    # parts of the minutes
    "component_access": ("接入", "access"),
    "component_entry": ("进站", "entry"),
    "component_wait": ("候车", "wait"),
    "component_ride": ("乘车", "ride"),
    "component_change": ("换乘", "change"),
    "component_exit": ("出站", "exit"),
    "component_egress": ("接出", "egress"),
    "split_journey": (
        "构成取该口径百分位所对应的行程，各项之和即铁路可达时间",
        "the journey that makes the reading's percentile; its parts sum to the time by rail",
    ),
    "split_components": (
        "接入=出发门至站门；进站=站门至站台；乘车=车内；换乘=车次之间及站间步行；出站=站台至站门；接出=站门至目的地",
        "access = door to station; entry = to the platform; ride = in trains; change = between them, walks included; exit = to the door; egress = station to the end",
    ),
    "split_wait_to": (
        "候车(进城)=到达早于期限、超出提前容许的时间",
        "wait to the city = early before the deadline beyond what is not counted",
    ),
    "split_wait_turning_up": (
        "候车(随到随走)=首站台全部等候",
        "wait turning up = all of it, on the first platform",
    ),
    "split_wait_from": (
        "候车(出城)=自该分钟至发车、超出容许的时间",
        "wait from the city = from the minute to the departure, beyond what is not counted",
    ),
    "split_means": (
        "平均：铁路{ways}可达的格网{where}，按各格{weight}加权{same}",
        "means over the cells within the cutoff by rail{ways}{where}, each by {weight}{same}",
    ),
    "split_both_ways": ("往返均", " both ways"),
    "split_outside": ("，中心城区外", " outside the city proper"),
    "split_same": ("；两个方向为同一批地点、同一权重", "; the same places and weights in both directions"),
    "split_by_people": ("人口", "its people (by its area where no people are known within the cutoff)"),
    "split_by_area": ("面积", "its area"),
    "split_no_boarding": (
        "门到门不计在中心城区客站上车者",
        "door to door without rides that begin at a core station",
    ),
    # rail against car
    "traffic_free-flow": ("畅通", "free flow"),
    "traffic_peak": ("高峰", "peak"),
    "car_rail": ("铁路可达", "by rail"),
    "car_car": ("小汽车可达", "by car"),
    "car_rail_only": ("仅铁路", "rail only"),
    "car_car_only": ("仅小汽车", "car only"),
    "car_both": ("两者皆可", "both"),
    "car_speeds": (
        "小汽车({traffic})：{where}目的地{km} km内{near}、其余{far}，绕行{detour}，取车停车{wait}分钟",
        "car, {traffic}: {where}{near} within {km} km of the end, else {far}; detour {detour}; {wait} min to set out and park",
    ),
    "car_along_streets": ("沿道路为自由流速度的{share}，其外", "{share} of free flow along streets, elsewhere "),
    "capacity": (
        "未考虑运能：道路、列车与公交均视为不会满",
        "capacity not considered: roads, trains and buses are taken as never full",
    ),
    # draws
    "draws": (
        "抽样{n}次(种子{seed})，每次在抽得的假设下完整计算；概率=在范围内的次数占比",
        "{n} draws (seed {seed}), each a whole run under its own assumptions; probability = share of them",
    ),
    "draws_not_drawn": (
        "接入方式的上限按通常时间计；换乘、站间步行、取车停车时间不变",
        "caps of access modes go by the usual time; change times, walks between stations and the minutes to set out and park are not drawn",
    ),
    "draws_delays": (
        "列车晚点为事后视角：旅客事先知道当日晚点并选最优路线；每列车全程晚点相同",
        "delays in hindsight: known in advance, the best way is taken; a train is late alike all the way",
    ),
    "draws_guesses": (
        "幅度为猜测：{names}；分布形状均为猜测",
        "spreads guessed: {names}; the shapes of all are guesses",
    ),
    # what people are, what is left out
    "people_of_china": (
        "2020年人口普查(分县)，按WorldPop 2020的5角分(7—9 km)格网分布",
        "2020 census by county on WorldPop 2020 cells of 5 arc-minutes (7-9 km)",
    ),
    "people_known": (
        "人口数据覆盖{area} km²中的{known} km²；其余无数据，并非无人",
        "people are known for {known} of {area} km²; elsewhere there is no data, which is not zero people",
    ),
    "city_proper": ("中心城区", "city proper"),
    "outside_city_proper": ("中心城区外", "outside the city proper"),
    "press_convention": (
        "新闻口径：有达标车站的整县人口，高估，不入合计",
        "press convention: people of whole counties with a qualifying station; overstates, in no sum",
    ),
    "straight_lines": ("接入按直线距离估算", "access on straight lines"),
    "no_capacity": ("未考虑运能、票价与客流", "no capacity, fare or demand"),
}
