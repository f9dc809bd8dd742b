"""Texts on circles, by key: Chinese, English."""

CIRCLE: dict[str, tuple[str, str]] = {
    "circle_title": ("{name} 一小时通勤圈", "{name}: one-hour commuting circle"),
    "dated_title": ("{title}  {date}  {direction}", "{title}  {date}  {direction}"),
    "with_lines": (
        "含按间隔运行的通勤线: {lines} (--without-lines 可去除)",
        "with lines known by headway only: {lines} (--without-lines leaves them out)",
    ),
    "with_buses": (
        "“铁路”指数据中的全部线路，含公交",
        "rail stands for every line of the data, buses included",
    ),
    "no_boundaries": (
        "无区县边界：不分中心城区内外，水面计为土地",
        "no county boundaries: no city proper is set apart, and water counts as land",
    ),
    "people_unknown": ("{text}；无人口数据", "{text}; people: no data"),
    "no_city_proper": ("本城无中心城区界：不分内外", "no city proper is known here: nothing is counted apart"),
    "and_outside": ("，中心城区外", ", outside the city proper"),
    "in_brackets_outside": ("(中心城区外)", ", outside the city proper"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "more_in_files": ("… {n} more: -o DIR", "… {n} more: -o DIR"),
    # the range
    "range": (
        "{cutoff}分钟内铁路可达{outside}：人口 {central} (低 {low} 高 {high})，面积 {km2} km² ({km2_low}–{km2_high})",
        "by rail within {cutoff} min{outside}: people {central} ({low} to {high}), {km2} km² ({km2_low} to {km2_high})",
    ),
    "range_of_area": (
        "{cutoff}分钟内铁路可达{outside}：面积 {km2} km² ({km2_low}–{km2_high})",
        "by rail within {cutoff} min{outside}: {km2} km² ({km2_low} to {km2_high})",
    ),
    "coarse_people": (
        "仅步行的人口由{cells}角分格网推算，不可靠，只作下限",
        "people reached on foot are spread from cells of {cells} arc-minutes: not reliable, a lower end only",
    ),
    "range_low": (
        "低 low: {access}; slack {slack} min; station time {station_time:+d} min",
        "low: {access}; slack {slack} min; station time {station_time:+d} min",
    ),
    "range_high": (
        "高 high: {access}; slack {slack} min; station time {station_time:+d} min",
        "high: {access}; slack {slack} min; station time {station_time:+d} min",
    ),
    "range_title": (
        "区间：{cutoff}分钟内铁路可达，中心城区外",
        "Range: by rail within {cutoff} min, outside the city proper",
    ),
    "end_central": ("中值", "central"),
    "end_low": ("低", "low"),
    "end_high": ("高", "high"),
    # the bridge, the readings
    "bridge_title": ("口径阶梯(铁路可达{outside})", "Bridge: what each assumption costs (by rail{outside})"),
    "bridge_boarding": (
        "阶梯与各中心表不计在中心城区客站上车者；各口径并列表的门到门计入",
        "bridge and centres count no ride that begins at a core station; door to door below does",
    ),
    "readings_title": ("各口径并列", "Readings side by side"),
    "strict_by_rail": ("严格(75%)铁路", "strict (p75) by rail"),
    "counted_elsewhere": ("另有{n} {name}在所算范围之外", "{name}: {n} more beyond this land"),
    "by_reading_title": ("{name}：按口径与时间", "{name}: by reading and cutoff"),
    "by_reading_note": (
        "除“合计人口”外均不含中心城区；“严格”为该口径的主要阈值、第75百分位。",
        "All but 'people, total' leave the city proper out; strict: percentile 75 at the reading's main cutoff.",
    ),
    # streets
    "streets": (
        "道路({net})：{stations} 座车站上路，距离中位 {median} m、最大 {largest} m{lost}",
        "streets ({net}): {stations} stations, {median} m to their street (median), at most {largest} m{lost}",
    ),
    "streets_lost": (
        "；{n} 座 {within} m 内无路，不服务：{names}",
        "; {n} without one within {within} m, not served: {names}",
    ),
    "stations_outside_streets": (
        "{n} 座车站在道路数据范围外，按直线",
        "{n} stations outside the streets: straight lines",
    ),
    "land_without_streets": (
        "圈内 {area} km²(人口 {people})处无道路数据，按直线",
        "{area} km² of the circle (people {people}) lie where no streets are known: straight lines",
    ),
    # members, centres, towns, stations
    "members_title": (
        "各成员城市 {cutoff} 分钟圈内(铁路或本地)",
        "Member cities within {cutoff} min (by rail or local)",
    ),
    "scope_whole": ("全域", "whole"),
    "scope_counties": ("{part}/{of}县", "{part} of {of} counties"),
    "centres_title": ("门到门，各中心单独(铁路{outside})", "Door to door, each centre alone (by rail{outside})"),
    "towns_title": (
        "{cutoff}分钟内城镇 {n} 座(整座城镇人口，GeoNames；城区内的街区另列，不可相加)",
        "{n} towns within {cutoff} min (whole towns, GeoNames; districts beside their city: no sum)",
    ),
    "stations_title": ("{cutoff}分钟内车站 {n} 座", "{n} stations within {cutoff} min from their door"),
    "stations_title_of": ("{cutoff}分钟内车站 {n} 座：{reading}", "{n} stations within {cutoff} min: {reading}"),
    "named": ("{name}：{text}", "{name}: {text}"),
    "coordinate_estimated": ("≈ 坐标为估计值", "≈ coordinate estimated or from a weaker list"),
    "more_stations": ("另有{n}座车站。", "And {n} more stations."),
    "inside_of": ("{name}圈内", "inside {name}"),
    "common_grid": (
        "各圈在同一套格网上重算，与各城市自己格网上的数字相差边缘几格。",
        "Circles on one common grid: a few cells at their edges differ from those on each city's own.",
    ),
    "members_of_region_title": (
        "成员城市：{cutoff}分钟圈内人口(铁路或本地)",
        "Member cities: people within {cutoff} min by rail or locally",
    ),
    "members_note": (
        "圈相互重叠，不可相加；占比的分母为普查人口。",
        "Circles overlap, so rows have no sum; shares are of the census.",
    ),
    "counties_title": (
        "{name}：中心城区外的区县，{cutoff}分钟内",
        "{name}: counties outside the city proper, within {cutoff} min",
    ),
    "more_counties": ("另有{n}个区县。", "And {n} more counties."),
    # several cities
    "united": ("并集", "united"),
    "overlap_title": (
        "{name}：{cutoff}分钟圈的重叠(铁路或本地，各城中心城区外)",
        "{name}: how the circles of {cutoff} min overlap (by rail or locally, outside all city propers)",
    ),
    "cities_title": (
        "各城市并列：车站数沿口径阶梯；人口为铁路可达、中心城区外",
        "Cities: stations along the bridge; people by rail outside the city proper",
    ),
    "cities_with_lines": (
        "† 含按间隔运行的通勤线，其他城市的地铁未建模：城市之间比较请用 --without-lines",
        "† with commuter lines by headway; other cities' metros are not modelled: compare with --without-lines",
    ),
    "no_sum": ("圈相互重叠，不作合计", "circles overlap: no sum"),
    "union": (
        "并集，{kind}，城区外 ({cutoff} min): {people}, {area} km²",
        "union, {kind}, outside the cities ({cutoff} min): {people}, {area} km²",
    ),
    "reached_title": ("{n_all}站中{n}站可达", "{n} of {n_all} stations"),
    "percentile_minutes": ("{percentile}%分位分钟", "{column}"),
    # parts of the minutes, rail against car
    "components_title": (
        "时间构成(铁路可达者平均分钟{outside})",
        "What the minutes are made of (means by rail{outside})",
    ),
    "car_title": ("铁路与小汽车({unit}{outside})", "Rail against car ({unit}{outside})"),
    "unit_people": ("人口", "people"),
    "unit_area": ("面积km²", "km²"),
    "not_compared": (
        "另有至多 {n} {unit}铁路可达、道路数据中无小汽车通路：不比较",
        "up to {n} {unit} by rail where the streets know no way for cars: not compared",
    ),
    # the atlas
    "index_title": ("{n}个城市群的一小时铁路通勤圈", "One hour by rail: {n} agglomerations"),
    "index_of_one": ("{name}的一小时铁路通勤圈", "One hour by rail: {name}"),
    "lead_people": (
        "铁路可达人口(各核心城市的圈合并，中心城区外)：{name}最多，{people}；中位数{middle}。",
        "People by rail (circles of the core cities united, outside the city propers): {name} has most, {people}; the median is {middle}.",
    ),
    "lead_none": (
        "{n}个城市群为0：从家门算起，{cutoff}分钟内没有人能乘铁路到达核心城市：{names}。",
        "{n} have no people within {cutoff} min by rail from their door: {names}.",
    ),
    "lead_press": (
        "每座核心城市的中位数：按新闻口径(全天最快车次、整县){press}人，从家门算起{door}人。",
        "Medians per core city: {press} people by the press convention (fastest train of the day, whole counties), {door} from their door.",
    ),
    "index_table_title": (
        "各城市群并列(点击列头或按回车键排序)",
        "Side by side (click a head, or press Enter on it, to sort)",
    ),
    "index_no_data": (
        "“–”：无数据，或分母为0。表中全部数字见 {file}(另含更多指标)。",
        "'–': no data, or a denominator of 0. {file} has all figures, and more measures.",
    ),
    "index_with_lines": (
        "{mark} 含按间隔运行的通勤线；其他城市的地铁未建模，比较时请以 --without-lines(lines=False)重做。",
        "{mark} with commuter lines known by headway; metros of other cities are not modelled: compare with --without-lines (lines=False).",
    ),
    "columns_meaning": ("各列的含义", "What the columns mean"),
    "atlas_dated": (
        "{date} 列车时刻 · {reading} · 进城 · {cutoff}分钟内",
        "timetable of {date} · {reading} · to the city · within {cutoff} min",
    ),
    "atlas_data": (
        "{title}；车站{stations}座，车次{trips}列。人口：{people}。结论只适用于这些日期。",
        "{title}; service day {date}; {stations} stations, {trips} trips. People: {people}. What is said holds for these dates.",
    ),
    "own_windows": ("时段：各城市自有高峰时段", "window: each city's own"),
    "direction_is": ("方向：{direction}", "direction: {direction}"),
    "on_each_page": ("见各页", "on each page"),
    "atlas_again": (
        "railshed {version}，结果版本 {results}，定义哈希：{hashes}。重做：",
        "railshed {version}, results version {results}, hashes of definitions: {hashes}. To make it again: ",
    ),
    "atlas_definition": ("口径：每个数字的定义", "Definition of every number"),
    "atlas_sources": ("数据、局限与来源", "Data, limits and sources"),
    "sources_colon": ("来源：", "Sources: "),
    "core_cities_title": (
        "核心城市：{cutoff}分钟内(铁路可达者为中心城区外)",
        "Core cities: within {cutoff} min (by rail: outside the city proper)",
    ),
    "members_inside_title": (
        "成员城市：{cutoff}分钟圈内人口(铁路或本地，含中心城区)",
        "Member cities: people within {cutoff} min, by rail or locally, city propers included",
    ),
    "members_not_inside": (
        "其余{n}个成员城市无人在圈内：{names}。",
        "No one is inside in the other {n} member cities: {names}.",
    ),
    "continued": ("(续)", "(continued)"),
    "page_title": ("{name} · 一小时铁路通勤圈", "{name}: one hour by rail"),
    "page_subtitle": ("核心城市：{names} · {dated}", "core cities: {names} · {dated}"),
    "all_agglomerations": ("全部{n}个城市群", "all {n} agglomerations"),
    "atlas_map": ("{name}：{cutoff}分钟圈及更短阈值", "{name}: {cutoff} min and less"),
    "atlas_map_united": ("{name}：各核心城市的圈、并集与重叠", "{name}: circles, union and overlap"),
    "index_map": ("各城市群及核心城市的铁路可达人口", "The agglomerations, and people by rail of each core city"),
    "national_title": (
        "{n}个城市群：核心城市的铁路可达人口",
        "{n} agglomerations: people by rail of the core cities",
    ),
    "place_of": ("{n}个城市群中{joint}第{place}", "{joint}number {place} of {n}"),
    "joint": ("并列", "joint "),
    "tile_united_people": ("铁路可达人口，中心城区外", "people by rail outside the city proper"),
    "tile_united_people_of_several": (
        "铁路可达人口，各圈合并，中心城区外",
        "people by rail, circles united, outside the city propers",
    ),
    "tile_united_area_km2": ("铁路可达面积，中心城区外", "km² by rail outside the city proper"),
    "tile_united_area_km2_of_several": ("铁路可达面积，各圈合并", "area by rail, circles united"),
    "tile_inside_of_census": ("成员城市{census}人中在圈内者", "of {census} people of the member cities are inside"),
    "tile_press_per_city": (
        "每座核心城市，新闻口径(全天最快车次、整县)",
        "per core city by the press convention",
    ),
    "tile_range": ("区间 {low}–{high}", "range {low} to {high}"),
    "findings_title": (
        "与其他城市群相比，偏离中位数最大的三项",
        "Where it lies farthest from the median: three findings",
    ),
    "findings_of_few": (
        "可比较的城市群不足三个，不作比较。",
        "Fewer than three agglomerations of a kind: nothing is compared.",
    ),
    "findings_note": (
        "圆点为各城市群，红点为本页城市群，竖线为中位数；偏离以绝对中位差(各城市群与中位数之差的中位数)为单位；与另一城市群同值的指标不列。{source}",
        "Dots are the agglomerations, the red one is this, the tick is the median; distances are in median absolute deviations; a figure that another agglomeration shares is left out. {source}",
    ),
    "medians_shipped": (
        "中位数取自随附的{n}个城市群表(同一口径)。",
        "Medians are those of the shipped table of the {n}, under the same definition.",
    ),
    "grids_differ": (
        "各城市的圈在自己的格网上计算，并集与地图在共同的格网上计算：边缘相差几格，故并集可略大于各城市之和。",
        "Circles of cities are on grids of their own, the union and the map on a common one: cells at edges differ, so the union may be a little more than their sum.",
    ),
    "members_of_agglomeration": (
        "成员城市{n}个，其中整体纳入{whole}个，名单可信度：{confidence}。占比的分母为普查人口；各城市的圈相互重叠，各列不可相加。",
        "Members: {scope} (confidence: {confidence}). Shares are of the census; circles overlap, so columns do not add up.",
    ),
    "confidence_high": ("高", "high"),
    "confidence_medium": ("中", "medium"),
    "confidence_low": ("低", "low"),
    # draws
    "inclusion_title": ("{name}：{cutoff}分钟可达概率", "{name}: how often within {cutoff} min"),
    "people_outside": ("人口，中心城区外", "people outside the city proper"),
    "area_outside": ("面积km²，中心城区外", "km² outside the city proper"),
}
