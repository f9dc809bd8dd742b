"""Texts of a report's chapters, by key: Chinese, English."""

REPORT: dict[str, tuple[str, str]] = {
    "report_title": ("{name}：一小时通勤圈报告", "{name}: the one-hour commuting circle, a report"),
    "report_subtitle": ("列车时刻 {date}{plan}", "timetable of {date}{plan}"),
    "subtitle_plan": (" · 方案：{titles}", " · plan: {titles}"),
    "maps": ("地图", "Maps"),
    # the question
    "question": ("问题", "The question"),
    "question_to": ("早高峰进城", "to the city in its morning window"),
    "question_from": ("晚高峰出城", "from the city in its evening window"),
    "question_both": ("早进晚出均可", "to the city in the morning and home in the evening"),
    "question_text": (
        "{name}：{way}，铁路把哪些土地、人口和城镇带进{cities}的{cutoff}分钟？这个数字取决于哪些假设？",
        "{name}: {way}, which land, people and towns does rail bring within {cutoff} minutes of {cities}, and on which assumptions does that number hang?",
    ),
    "question_of_plans": (
        "规划方案改变什么，谁得益、谁受损？方案：{titles}。",
        "What does the plan change, who gains and who loses? Plan: {titles}.",
    ),
    # what the numbers say
    "answers": ("要点", "What the numbers say"),
    "answers_united": (
        "各城市圈的并集(每处只计一次，中心城区外，铁路可达)：人口{people}，面积{km2} km²。",
        "The circles united, each place once, outside the city proper, by rail: {people} people, {km2} km².",
    ),
    "the_plan": ("方案：{title}", "The plan: {title}"),
    "not_compared_with_the_19": (
        "不与19个城市群的中位数比较：该表只适用于随附的中国网络、默认口径、默认假设与默认日期；以下只把各口径相互比较。",
        "Nothing is compared with the median of the 19 agglomerations: that table is of the shipped network of China under the default readings, assumptions and date. What follows compares the readings with each other.",
    ),
    "farthest_from_median": ("与19个城市群中位数相比偏离最大处", "Where it lies farthest from the median of the 19"),
    "no_deviation": (
        "各项指标均与其他城市群相同。",
        "Every measure that is known is that of another agglomeration too.",
    ),
    "medians_of": (
        "中位数取自随附的 agglomerations.csv：各城市群核心城市的圈，{date}时刻，门到站，进城，60分钟，{lines}；离散程度为绝对中位差。",
        "Medians of the shipped agglomerations.csv: the circles of each agglomeration's core cities, timetable of {date}, door to station, to the city, 60 min, {lines}; the spread is the median absolute deviation.",
    ),
    "medians_with_lines": ("含按间隔运行的通勤线", "with the lines known by headway only"),
    "medians_without_lines": ("不含按间隔运行的通勤线", "without the lines known by headway only"),
    # what every number means
    "definitions": ("每个数字的定义", "What every number means"),
    "readings_defined": ("测算口径(窗口为首座城市的)", "Readings (windows are those of the first city)"),
    "parts_of_the_minutes": ("时间构成：{parts}。", "Parts of the minutes: {parts}."),
    "kind_total": ("铁路或不乘铁路，任一在阈值内", "by rail or without a ride, either within the cutoff"),
    "kind_by_rail": ("至少乘一次车，铁路本身在阈值内", "with at least one ride, rail itself within the cutoff"),
    "kind_local": ("不乘铁路即在阈值内", "within the cutoff without a ride"),
    "kind_added_by_rail": ("合计减去本地可达", "total less local"),
    "city_proper_defined": (
        "{proper}：含中心城区客站或主中心(或距其100米以内)的区，及与之相邻、每平方公里3000人以上的区；“{outside}”不计其内。",
        "{proper}: the districts that hold a core station or the main centre (or begin within 100 m of one), and districts beside one with 3,000 people per km²; '{outside}' leaves it out.",
    ),
    "inside_defined": (
        "在圈内：时段内各分钟出行时间的百分位不超过阈值(含)。区县“在内”：至少半数普查人口在圈内；“触及”：多于零。",
        "Inside: the percentile of the travel times of the window's minutes is at most the cutoff, inclusive. A county is inside where at least half of its census people are, touched where any are.",
    ),
    "strict_and_range_defined": (
        "严格：同一口径取第75百分位。区间：站内时间±5分钟、提前容许30/60分钟、接入方式(步行/基准/加出租车)的最低与最高。",
        "Strict: the same reading at percentile 75. Range: least and most over station time of 5 min more or less, slack of 30 or 60 min, access on foot, as given, or with a taxi.",
    ),
    # the circles
    "what_is_hidden": ("{name}：这个圈掩盖了什么", "{name}: what the circle hides"),
    "sensitivity": ("敏感性", "Sensitivity"),
    "by_place": ("按成员城市、区县与车站", "By member city, county and station"),
    # the data
    "data": ("数据及其时效", "The data and its age"),
    "data_of": (
        "{title}；运行日{date}；车站{stations}座，车次{trips}列。人口：{people}。",
        "{title}; service day {date}; {stations} stations, {trips} trips. People: {people}.",
    ),
    "dates_of_sources": (
        "各来源的日期如下；结论只适用于这些日期。报告不写生成日期，同样的输入得到同样的文件。",
        "Each source has its own date, below; what is said holds for these dates. The report bears no date of its making, so that the same input gives the same file.",
    ),
    "sources": ("来源", "Sources"),
    "lines_by_headway": ("含按间隔运行的通勤线：{lines}。", "With lines known by headway only: {lines}."),
    "checks": ("数据质量检查", "What checks of the data found"),
    "checks_found_nothing": ("检查未发现问题。", "The checks found nothing."),
    "checks_title": ("检查项(railshed check 逐条列出)", "Findings by kind (railshed check lists each)"),
    "severity_error": ("错误", "error"),
    "severity_warning": ("警告", "warning"),
    "notes_in_appendix": (
        "编制数据时剔除、修补或估计的内容共{n}条，见附录。",
        "What was dropped, mended or estimated when the data was made: {n} notes, in the appendix.",
    ),
    # maps and plots
    "map_overlap": ("{name}：各城市的圈、并集与重叠", "{name}: the circles, their union and overlap"),
    "map_circle": ("{name}：{cutoff}分钟圈及更短阈值", "{name}: the circle of {cutoff} min and of less"),
    "map_readings": ("{name}：各口径并列", "{name}: the readings side by side"),
    "map_car": ("{name}：铁路与高峰小汽车", "{name}: rail against the car in the peak"),
    "map_gained": ("{of}：新增与减少", "{of}: gained and lost"),
    "map_saved": ("{of}：节省分钟", "{of}: minutes saved"),
    "plot_trade_offs": ("{of}：一次一项的变化", "{of}: one change at a time"),
    # limits
    "limits": ("局限", "Limits"),
    "limit_seat": (
        "一小时可达不等于有座：未考虑运能、票价、需求与拥堵。",
        "An hour is not a seat: capacity, fare, demand and congestion are not considered.",
    ),
    "limit_no_data": ("“无数据”不等于不可达。", "“No data” is not “unreachable”."),
    "limit_overlap": (
        "圈相互重叠，各城市之和不是总数；并集每处只计一次。",
        "Circles overlap, so cities do not add up; the union counts each place once.",
    ),
    "limit_plan": (
        "规划线路的班次、车站位置与运行时间含假设，见方案各条。",
        "Trains, places of stations and run times of a plan are partly assumed; its lines say which.",
    ),
    "beyond_boundaries": (
        "可达而在已知边界之外(海域、境外)、未计入的面积：{areas}。",
        "Within reach but beyond the known boundaries (sea, abroad) and not counted: {areas}.",
    ),
    "area_of": ("{name} {km2} km²", "{name} {km2} km²"),
    # method
    "method": ("方法与公式", "Method and formulas"),
    "method_text": (
        "对每座车站求时段内所有帕累托最优行程(出发、到达)，即“阶梯”；每一分钟的出行时间、百分位、圈与表均由阶梯得出。格网为{size}米等积投影，人口与面积按格心在内的格求和，从不按多边形求和。",
        "For each station all Pareto-optimal journeys (departure, arrival) of the window are found, its profile; travel times minute by minute, percentiles, circles and tables are views of it. Cells are {size} m wide in an equal-area projection; people and areas are sums over cells whose centre is inside, never over polygons.",
    ),
    "symbols": (
        "T_s：最多早到s而不计的出行时间；m：到达期限(分钟)。x：地点。",
        "T_s: travel time with up to s of being early not counted; m: deadline, a minute of the window; x: place.",
    ),
    "assumptions_title": ("假设及其来源", "Assumptions and their sources"),
    # items of the assumptions
    "item_station_times": ("站内时间", "station times"),
    "item_modes": ("方式", "mode"),
    "item_car": ("小汽车", "car"),
    "item_hub": ("枢纽", "hub"),
    "item_large": ("大站", "large"),
    "item_medium": ("中站", "medium"),
    "item_small": ("小站", "small"),
    "item_halt": ("乘降所", "halt"),
    "item_metro": ("地铁站", "metro"),
    "item_border": ("口岸站", "border"),
    "item_feeder:bus": ("公交接驳", "feeder by bus"),
    "item_feeder:metro": ("地铁接驳", "feeder by metro"),
    "item_feeder:metro-small": ("小地铁网接驳", "feeder by a small metro"),
    "item_free-flow": ("畅通", "free flow"),
    "item_peak": ("高峰", "peak"),
    "item_entry_min": ("进站分钟", "entry, min"),
    "item_exit_min": ("出站分钟", "exit, min"),
    "item_change_min": ("换乘分钟", "change, min"),
    "item_speed_kmh": ("速度km/h", "speed, km/h"),
    "item_detour": ("绕行系数", "detour factor"),
    "item_overhead_min": ("另加分钟", "overhead, min"),
    "item_cap_min": ("上限分钟", "at most, min"),
    "item_streets": ("可走街道", "streets open to"),
    "item_street_factor": ("占街道自由流速度", "share of the streets' free speed"),
    "item_urban_km": ("目的地周边km", "km around the end"),
    "item_urban_speed_kmh": ("周边速度km/h", "speed there, km/h"),
    # appendix
    "appendix": ("附录：如何重现", "Appendix: how to reproduce this"),
    "same_bytes": (
        "同一版本、同一输入、同一参数得到逐字节相同的文件；`railshed verify run.json` 重新计算并逐一核对。",
        "The same version, input and parameters give the same bytes; `railshed verify run.json` computes everything again and compares figure by figure.",
    ),
    "versions_title": ("版本与定义", "Versions and definitions"),
    "versions": ("版本", "versions"),
    "definition_hash": ("definition_hash {name}", "definition_hash {name}"),
    "parameters_title": ("参数(其余为默认)", "Parameters (all others are the defaults)"),
    "checksums_title": ("校验和", "Checksums"),
    "notes_title": (
        "编制数据时剔除、修补或估计的内容",
        "What was dropped, mended or estimated when the data was made",
    ),
}
