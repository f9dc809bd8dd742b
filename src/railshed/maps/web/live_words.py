"""Every word that the live page prints by itself, those of the interactive map apart, in Chinese and English."""

from __future__ import annotations

from railshed.util.bilingual import Words

#: by the key that the scripts know; {0} and {1} are filled there
LIVE_TEXTS: dict[str, Words] = {
    "city": Words("城市", "City"), "direction": Words("方向", "Direction"),
    "way_to": Words("早高峰到城市", "to the city, morning"),
    "way_from": Words("晚高峰离城市", "from the city, evening"), "way_both": Words("往返均在时限内", "both ways"),
    "noAnswer": Words("服务器没有应答", "The server does not answer"),
    # the number
    "parts": Words("构成：本市域与外地市", "Of these in which prefecture"),
    "own_prefecture": Words("本地级市", "own prefecture"),
    "other_prefecture": Words("省内外地市", "others of the province"),
    "other_province": Words("外省", "other provinces"), "car": Words("同一时限的小汽车", "A car in the same minutes"),
    "byCar": Words("高峰驾车可达", "by car in the peak"),
    "sensitivity": Words("敏感性：每次改一项规则", "Sensitivity: one rule changed at a time"),
    "personMinutes": Words(
        "人·分钟，每日单程铁路节省（时间限于 {0}–{1} 分钟）",
        "person-minutes saved by rail, one way (times from {0} to {1} min)",
    ),
    "asWritten": Words("按方案原样计算", "of the plan as written"),
    "savedRange": Words(
        "按方案原样计算；抽样 {0} 次平均 {1}，80% 区间 {2}–{3}",
        "of the plan as written; mean of {0} draws {1}, 80 % between {2} and {3}",
    ),
    "beforePlan": Words("（方案前）", " (before the plan)"),
    "ofReading": Words("以下按“{0}”口径计算", "computed under {0}"),
    "otherMinutes": Words("图上改为 {0} 分钟：{1} 分钟内没有变化", "the map shows {0} min: nothing changes within {1}"),
    "savers": Words("省时者", "who saves"), "losers": Words("变慢者", "who loses"),
    "slowerOf": Words("变慢 {0}", "slower: {0}"),
    "rules": Words(
        "国家条文：符合 {0}，不符合 {1}，无从判断 {2}", "National rules: {0} met, {1} not met, {2} not known"
    ),
    "verdict_met": Words("符合", "met"), "verdict_not_met": Words("不符合", "not met"),
    "verdict_not_known": Words("无从判断", "not known"),
    "assumed": Words("采用的假定与误差：{0} 条", "Assumptions used, with their errors: {0}"),
    "regionCities": Words("本区域各中心城市的增减", "Core cities of the region: gained and lost"),
    # why a place is outside
    "askWhy": Words("为何在圈外？", "Why is it outside?"), "whyBusy": Words("正在逐项试算……", "Trying changes ..."),
    "whyChange": Words("一次只改一项", "one change at a time"), "whyMin": Words("分钟", "min"),
    "letsIn": Words("各地纳入人口", "people it brings in"), "whyBeyond": Words("超过120", "over 120"),
    "tryChange": Words("加入方案", "Put the change into the plan"),
    # the bridge
    "bridge": Words("口径阶梯：从最快车次到家门口", "The bridge: from the fastest train to the door"),
    "step": Words("步骤（点选在图上显示）", "step (choose to show it)"), "stations": Words("车站", "stations"),
    "bridgeNote": Words(
        "逐级加上一项条件，车站只减不增",
        "each step adds one condition, so stations only fall; people where land is counted",
    ),
    "bridgeBefore": Words("均为现状", "all of them before the plan"),
    # the line editor
    "editor": Words("线路编辑", "Line editor"),
    "editorHint": Words(
        "点“新线路”，再在图上依次点车站或空地（新站），回车结束",
        "Choose New line, then click stations, or land for a new one; Enter ends it",
    ),
    "addLine": Words("新线路", "New line"), "drawOn": Words("在图上加站", "Add on the map"),
    "drawDone": Words("结束加站", "Done"), "undo": Words("撤销", "Undo"), "redo": Words("重做", "Redo"),
    "lineOn": Words("{0} 计入方案", "{0} is part of the plan"), "removeLine": Words("删除 {0}", "Remove {0}"),
    "others": Words("另有 {0} 项修改照原样生效", "{0} other modifications stay as they are"),
    "lineName": Words("线路名称", "Name of the line"), "lineWord": Words("线路", "Line"),
    "stationWord": Words("新站", "New station"), "mode": Words("制式", "Mode"), "mode_rail": Words("铁路", "railway"),
    "mode_suburban": Words("市域铁路", "suburban railway"), "mode_metro": Words("地铁", "metro"),
    "speed": Words("最高速度 km/h", "Top speed, km/h"), "hopMinutes": Words("各区间分钟", "Minutes of each hop"),
    "stock": Words("车型", "Rolling stock"), "usualStock": Words("该速度的常用车型", "usual one of that speed"),
    "dwell": Words("停站分钟", "Dwell, min"),
    "lineFacts": Words("直线 {0} km，单程 {1} 分钟，", "{0} km straight, {1} min one way, "),
    "trains_a_day": Words("每日 {0} 列", "{0} trains a day"),
    "stationsOf": Words(
        "车站（{0}）：可在图上拖动、插入，右键删除", "Stations ({0}): drag or insert on the map, right-click removes"
    ),
    "stationName": Words("第 {0} 站名称", "Name of station {0}"), "stationClass": Words("{0} 的等级", "Class of {0}"),
    "stationUp": Words("第 {0} 站前移", "Move station {0} up"),
    "stationOut": Words("删除第 {0} 站", "Remove station {0}"), "class_hub": Words("枢纽", "hub"),
    "class_large": Words("大站", "large"), "class_medium": Words("中站", "medium"),
    "class_small": Words("小站", "small"), "class_halt": Words("停靠点", "halt"),
    "class_metro": Words("地铁站", "metro"), "addStation": Words("加入已有车站（中文或拼音）", "Add a station by name"),
    "start_time": Words("时段 {0} 开始", "Start of period {0}"),
    "end_time": Words("时段 {0} 结束", "End of period {0}"),
    "headway": Words("时段 {0} 间隔分钟", "Minutes between trains of period {0}"),
    "periodOut": Words("删除时段 {0}", "Remove period {0}"), "from": Words("从", "from"), "until": Words("到", "until"),
    "every": Words("间隔（分钟）", "every (min)"), "addPeriod": Words("加时段", "Add a period"),
    "bothWays": Words("双向开行", "runs both ways"),
    "moreService": Words("时刻与贯通运行", "Departures and through-running"),
    "departures": Words("首站发车时刻（代替间隔）", "Departures from the first station, instead of headways"),
    "departuresBack": Words("末站返程发车时刻", "Departures back from the last station"),
    "through": Words("末站后沿既有线运行至", "Runs on over existing tracks to"),
    "lengthsGone": Words(
        "车站已变，原有里程与分钟不再适用，改按速度计算",
        "the stations changed: lengths and minutes given before no longer apply",
    ),
    "openFile": Words("打开方案", "Open"), "saveFile": Words("保存方案", "Save"),
    "copyLink": Words("复制链接", "Copy link"),
    "linkCopied": Words("链接已复制，其中含方案", "The link is copied; the scenario is in it"),
    "shipped": Words("随附方案……", "Shipped scenarios ..."),
    "jobFiles": Words("图与 GeoPackage", "Maps and GeoPackage"), "jobReport": Words("报告", "Report"),
    "job_accepted": Words("等候中", "waiting"), "job_running": Words("正在生成", "being made"),
    "job_successful": Words("已生成", "ready"), "job_failed": Words("未能生成", "failed"),
    "job_dismissed": Words("已取消", "dismissed"),
}  # fmt: skip
