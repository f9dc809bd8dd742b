"""Sentences written from numbers, by key: Chinese, English."""

FINDINGS: dict[str, tuple[str, str]] = {
    # deviations from the median
    "deviation": (
        "{name}：{what}为{value}，{side}{known}{n}个城市群的中位数{middle}，{apart}绝对中位差；{place}。",
        "{name}: {what}: {value}, {side} the median {middle} of the {n} agglomerations{known} {apart} median absolute deviations; {place}.",
    ),
    "at_the_median": (
        "{name}：{what}为{value}，正是{known}{n}个城市群的中位数；{place}。",
        "{name}: {what}: {value}, which is the median of the {n} agglomerations{known}; {place}.",
    ),
    "apart_by": ("相差{n}个", "by {n}"),
    "apart_by_less": ("相差不到0.1个", "by less than 0.1"),
    "above": ("高于", "above"),
    "below": ("低于", "below"),
    "with_this_figure": ("有此数的", " that have this figure"),
    "place_of_a_city": ("{n}个城市群中有{above}个更高", "{above} of the {n} agglomerations have more"),
    "place": ("在{n}个城市群中由高到低列第{place}", "number {place} of {n}, highest first"),
    # what the agglomerations are compared by
    "measure_united_people": (
        "各核心城市的圈合并，铁路可达人口(中心城区外)，每处只计一次",
        "people by rail outside the city propers, circles of the core cities united, each place once",
    ),
    "measure_united_area_km2": (
        "各核心城市的圈合并，铁路可达面积(中心城区外)",
        "km² by rail outside the city propers, circles of the core cities united",
    ),
    "measure_low_per_city": (
        "每座核心城市的区间低值人口(铁路可达，中心城区外)",
        "low end of the range of people by rail outside the city proper, per core city",
    ),
    "measure_inside_of_census": (
        "成员城市普查人口中，在任一核心城市60分钟圈内(铁路或本地，含中心城区)的比重",
        "share of the member cities' census within 60 min of any core city, by rail or locally, city propers included",
    ),
    "measure_people_per_city": (
        "每座核心城市的铁路可达人口(中心城区外)",
        "people by rail outside the city proper, per core city",
    ),
    "measure_area_km2_per_city": (
        "每座核心城市的铁路可达面积(中心城区外)",
        "km² by rail outside the city proper, per core city",
    ),
    "measure_high_per_city": (
        "每座核心城市的区间高值人口(铁路可达，中心城区外)",
        "high end of the range of people by rail outside the city proper, per core city",
    ),
    "measure_press_per_city": (
        "每座核心城市按新闻口径(全天最快车次、整县)的人口",
        "people by the press convention (fastest train of the day, whole counties), per core city",
    ),
    "measure_stations_per_city": (
        "每座核心城市全天最快口径的车站数",
        "stations by the fastest train of the day, per core city",
    ),
    "measure_local_per_city": (
        "每座核心城市中心城区外不乘铁路即可达的人口",
        "people outside the city proper within reach without a ride, per core city",
    ),
    "measure_door_of_press": (
        "门到站人口与新闻口径(全天最快车次、整县)人口之比",
        "people from their door, against the press convention (fastest train of the day, whole counties)",
    ),
    "measure_stations_of_press": (
        "从站门起仍在一小时内的车站与全天最快口径车站之比",
        "stations still within the hour from their door, against those by the fastest train of the day",
    ),
    "measure_door_to_door": (
        "门到门(60分钟)人口与门到站人口之比",
        "people door to door within 60 min, against door to station",
    ),
    "measure_strict": (
        "严格口径(75%时刻)人口与中位口径之比",
        "people at percentile 75 of the window's minutes, against percentile 50",
    ),
    "measure_range_width": (
        "区间宽度(高−低)与中值之比",
        "width of the range (high less low), against its central value",
    ),
    "measure_other_province": (
        "铁路可达人口(中心城区外)中外省所占比重",
        "share of other provinces in the people by rail outside the city proper",
    ),
    "measure_added_by_rail": (
        "中心城区外圈内人口中，只因铁路才在圈内的比重",
        "share of the people inside, city proper left out, who are inside by rail alone",
    ),
    "measure_rail_to_car": ("铁路可达人口与高峰小汽车可达人口之比", "people by rail against people by car in the peak"),
    "measure_rail_only": (
        "铁路可达人口中，高峰小汽车到不了的比重",
        "share of the people by rail whom a car in the peak does not bring within the hour",
    ),
    "measure_out_of_vehicle": (
        "铁路行程中不在车上的时间比重",
        "share of the minutes by rail that is not spent in a train",
    ),
    # what a circle hides
    "headline_outside": ("(中心城区外)", " outside the city proper"),
    "headline": (
        "{name}：{cutoff}分钟内铁路可达{outside}人口 {central}(低 {low}，高 {high})，面积 {km2} km²({km2_low}–{km2_high})。{known}",
        "{name}: by rail within {cutoff} min{outside} {central} people ({low} to {high}), {km2} km² ({km2_low} to {km2_high}).{known}",
    ),
    "headline_of_area": (
        "{name}：{cutoff}分钟内铁路可达{outside}面积 {km2} km²(低 {km2_low}，高 {km2_high})；人口无数据。",
        "{name}: by rail within {cutoff} min{outside} {km2} km² ({km2_low} to {km2_high}); people: no data.",
    ),
    "costliest_step": (
        "口径阶梯中减少最多的一级是“{label}”：{unit}由{before}减至{after}{note}。",
        "The rung of the bridge that takes away most is '{label}': {unit} from {before} to {after}{note}.",
    ),
    "of_whole_counties": ("(前者为整县人口)", " (the former of whole counties)"),
    "unit_stations": ("车站", "stations"),
    "readings_apart": (
        "{name}：{cutoff}分钟内铁路可达{unit}，各口径由{low}({least})到{high}({most})。",
        "{name}: {unit} by rail within {cutoff} min lie between {low} ({least}) and {high} ({most}).",
    ),
    "composition": (
        "圈内(铁路或本地){inside}人中，{proper}住在中心城区，{near}在城区外但不乘铁路也在范围内，只因铁路才在圈内的为{rail}；其中外省共{away}。",
        "Of the {inside} people inside by rail or locally, {proper} live in the city proper and {near} outside it are within reach without a ride; {rail} are inside by rail alone. Other provinces hold {away} of them.",
    ),
    "strict": (
        "要求时段内75%的时刻都可达，铁路可达{unit}由{before}变为{after}({change})。",
        "If 75 % of the window's minutes must work, {unit} by rail go from {before} to {after} ({change}).",
    ),
    "fastest_only": (
        "{n}座车站全天最快一班在{cutoff}分钟内，按本口径却在圈外，最快者：{names}。",
        "{n} stations are within {cutoff} min by the fastest train of the day and outside under this reading; the fastest: {names}.",
    ),
    "name_and_minutes": ("{name}({minutes})", "{name} ({minutes})"),
    "longest_gap": (
        "圈内{n}座车站中，{name}在时段内有效车次{trips}班、最大间隔{gap}分钟，为最长；首班到达晚于{start}的有{late}座。",
        "Of the {n} stations inside, {name} has the longest gap: {gap} min; useful trips of the window there: {trips}. The first arrival is later than {start} at {late} of them.",
    ),
    "by_car": (
        "高峰小汽车{cutoff}分钟内可达{car}人(中心城区外)，铁路{rail}；其中小汽车到不了、只有铁路可达的为{only}。",
        "A car in the peak brings {car} people outside the city proper within {cutoff} min, rail {rail}; {only} of these a car does not.",
    ),
    # what a plan changes
    "balance": (
        "{cutoff}分钟内(铁路或本地，中心城区外){unit}由{before}变为{after}：新增{gained}，减少{lost}；面积新增{km2_gained} km²，减少{km2_lost} km²。",
        "Within {cutoff} min by rail or locally, outside the city proper: {unit} from {before} to {after}, {gained} gained and {lost} lost; {km2_gained} km² gained, {km2_lost} km² lost.",
    ),
    "no_county_gains": ("没有区县有新增。", "No county gains anybody within the cutoff."),
    "largest_gain": (
        "新增最多的是{county}({prefecture})：{unit}{value}，占全部新增的{share}；有新增的区县共{n}个。",
        "{county} gains most: {unit} {value}, {share} of all that is gained; number of counties that gain: {n}.",
    ),
    "stations_in": (
        "新进入圈内的车站：{gained}；移出：{lost}。有效车次增{trips_gained}、减{trips_lost}。",
        "Stations that come inside: {gained}; that drop out: {lost}. Useful trips: {trips_gained} more, {trips_lost} fewer.",
    ),
    "no_losers": (
        "没有车站变慢或移出，也没有区县有人变慢或移出。",
        "No station becomes slower or drops out, and no county holds anybody who does.",
    ),
    "losers": (
        "受损者——车站(分钟)：{stations}；区县：{counties}。",
        "Who loses: stations (min): {stations}; counties: {counties}.",
    ),
    "county_loses": ("{name}(减少{lost}，变慢{slower})", "{name} ({lost} lost, {slower} slower)"),
    "who_saves": (
        "前后均在{cutoff}分钟内者：更快{unit}{faster}{half}；更慢{slower}。",
        "Of those within {cutoff} min before and after: faster {unit} {faster}{half}; slower {slower}.",
    ),
    "median_saved": ("，其中位节省{minutes}分钟", ", by {minutes} min in the middle"),
    "most_moved": ("各城市{unit}净变化：{cities}。", "Net change of {unit} by city: {cities}."),
}
