"""Texts on before and after, and on plans, by key: Chinese, English."""

COMPARISON: dict[str, tuple[str, str]] = {
    "titled": ("{name}: {title}", "{name}: {title}"),
    "joins_terminals": (
        "新增中心城区客站：{names}；其周边按本地可达计，不计铁路可达",
        "joins the core stations: {names}; land around it becomes local, in total and no longer by rail",
    ),
    "difference_title": ("现状与规划方案", "Before and after"),
    "difference_title_outside": ("中心城区外，现状与规划方案", "Outside the city proper, before and after"),
    "car_difference_title": (
        "铁路与小汽车，现状与规划方案({unit}{outside})",
        "Rail against car, before and after ({unit}{outside})",
    ),
    # minutes saved
    "count_of_people": ("{n}人", "{n} people"),
    "count_of_area": ("{n} km²", "{n} km²"),
    "saved": (
        "现状与规划均在{cutoff}分钟内{outside}：更快 {faster}，更慢 {slower}；更快者节省分钟数四分位: {quartiles}",
        "within {cutoff} min before and after{outside}: faster for {faster}, slower for {slower}; quartiles of the minutes saved by the faster: {quartiles}",
    ),
    "saved_title": ("节省时间({cutoff}分钟内)", "Minutes saved ({cutoff} min)"),
    # places
    "places_title": (
        "按口径与分钟数：新增(+)与减少(−)，班次为各站之和{outside}",
        "Gained (+) and lost (−) by reading and cutoff, trips summed over stations{outside}",
    ),
    "by_name_below": (
        "以下按名称列出{reading} {cutoff}分钟；其余口径与分钟数见 -o DIR 的 *_stations.csv、*_counties.csv、*_towns.csv",
        "by name below: {reading}, {cutoff} min; the others are in *_stations.csv, *_counties.csv, *_towns.csv of -o DIR",
    ),
    "by_cutoff_title": (
        "{name}：现状与规划({unit}，铁路或本地，中心城区外)",
        "{name}: before and after ({unit}, by rail or locally, outside the city proper)",
    ),
    "stations_and_trips_title": ("车站：分钟与有效车次", "Stations: minutes and useful trips"),
    "more_stations_changed": ("另有{n}座。", "And {n} more."),
    "stations_beyond": ("另有{n}座新车站在{cutoff}分钟之外。", "Number of new stations beyond {cutoff} min: {n}."),
    "change_gained": ("新增", "gained"),
    "change_lost": ("减少", "lost"),
    "change_core": ("成为中心客站", "core"),
    "others_title": ("其他各列{outside}", "Other columns{outside}"),
    "stations_changed_title": ("车站变化", "Stations that change"),
    "more_changed": ("… 另有{n}个：-o DIR", "… {n} more: -o DIR"),
    "more": ("另有{n}个。", "And {n} more."),
    "counties_changed_title": (
        "{cutoff}分钟内有变化的区县{unit}",
        "Counties that change within {cutoff} min{unit}",
    ),
    "unit_in_brackets": ("({unit})", " ({unit})"),
    "status_inside": ("过半在内", "inside"),
    "status_touched": ("触及", "touched"),
    "status_outside": ("圈外", "outside"),
    "status_no data": ("无数据", "no data"),
    "towns_gained": ("新增城镇 {n} (GeoNames): {names}", "towns gained {n} (GeoNames): {names}"),
    "towns_lost": ("减少城镇 {n} (GeoNames): {names}", "towns lost {n} (GeoNames): {names}"),
    "none": ("无", "none"),
    "stations_that_lose": ("变慢或移出的车站: {names}", "stations that lose: {names}"),
    "counties_that_lose": ("有人变慢或移出的区县: {names}", "counties where people lose: {names}"),
    "county_that_loses": ("{name} (减少 {lost}, 变慢 {slower})", "{name} (lost {lost}, slower {slower})"),
    # a report's chapter on plans
    "plan_changes": ("规划方案带来的变化", "What is new with the plan"),
    "plans_clash": (
        "各方案不能同时建设，未比较全部合计：{why}",
        "All together is left out, since these scenarios cannot be built together: {why}",
    ),
    "united_circles": ("{name}，{n}座核心城市的并集", "{name}, the circles of {n} core cities united"),
    "unchanged": (
        "各口径、各阈值({cutoffs}分钟)均无新增、无减少，也无变快或变慢之处；不另列表与图。",
        "Nothing is gained or lost under any reading within {cutoffs} min, and no place becomes faster or slower: no table or map.",
    ),
    "clause_by_clause": ("逐条", "Clause by clause"),
    # rules for suburban lines
    "compliance_title": ("对照市域(郊)铁路规定", "Against China's rules for suburban lines"),
    "verdict_met": ("符合", "met"),
    "verdict_not met": ("不符合", "not met"),
    "verdict_not known": ("不明", "not known"),
    # trade-offs
    "by_rail_or_local": ("铁路或本地", "by rail or locally"),
    "what_to_buy_title": ("钱花在哪里：{name}", "What to buy: {name}"),
    "what_to_buy": (
        "方案本身净增{own}；一次只变一项，净增最多的是“{change}”：{largest}。",
        "The plan as written has a net gain of {own}; of the changes, one at a time, the largest net gain is that of '{change}': {largest}.",
    ),
    "trade_offs_title": ("花在哪里值({where})", "What to buy ({where})"),
    # cities and scenarios side by side, phases
    "side_by_side_title": ("{cutoff}分钟内({where})，{reading}", "Within {cutoff} min {where}, {reading}"),
    "other_files": (
        "其余口径与分钟数见 -o DIR 的 *_compare.csv、*_places.csv",
        "other readings and cutoffs: *_compare.csv and *_places.csv of -o DIR",
    ),
    "all_together": ("以上{n}个合计", "all {n} together"),
    "named_counties_gained": ("{row}, 新增区县: {names}", "{row}, counties gained: {names}"),
    "named_counties_lost": ("{row}, 减少区县: {names}", "{row}, counties lost: {names}"),
    "named_stations_slower": ("{row}, 变慢或移出的车站: {names}", "{row}, stations that lose: {names}"),
    "phases": (
        "{city}：发车相位抽取{n}次，新增 {least} 至 {largest}，中位 {middle}；本方案 {own}",
        "{city}: over {n} draws of the added trains' phases {least} to {largest} are gained, middle {middle}; as drawn here {own}",
    ),
}
