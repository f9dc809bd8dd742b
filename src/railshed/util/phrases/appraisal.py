"""Texts on candidates ranked and links suggested, by key: Chinese, English."""

APPRAISAL: dict[str, tuple[str, str]] = {
    "objective": ("{name}：{cutoff}分钟内{what}，{reading}，{kind}", "{name}"),
    "ranking_title": ("{cities}，{objective}", "{cities}: {objective}"),
    "exact": ("精确", "exact"),
    "sum": ("合计", "sum"),
    "total_gain": ("总收益", "total gain"),
    "before_and_together": (
        "现状 {before}{unit}，全部建成 +{total}{unit}",
        "before {before}, together +{total} {unit}",
    ),
    "new_terminals": (
        "新增中心城区客站，其周边亦计入: {names}",
        "new core stations, land around them counts too: {names}",
    ),
    "definition": ("口径：{text}", "what is counted: {text}"),
    # candidates together
    "exclude": ("{one}、{other} 只能建其一: {why}", "{one} and {other} exclude each other: {why}"),
    "exclude_counting": (
        "含互斥方案的组合按其中可建的最优者计；合计为可建的最优组合的收益",
        "a set with both counts as the best of it that can be built: the sum is the gain of the best such set",
    ),
    "built_together": ("合建须查: {note}", "built together: {note}"),
    "alone_and_last": (
        "单独：只建此线；末位：其余皆建而缺此线时的损失",
        "alone: as the only one built; last in: lost when it alone is left out",
    ),
    "shapley_exact": (
        "沙普利值：全部子集中的平均收益，合计等于总收益",
        "Shapley: mean gain over all subsets; the values sum to the total gain",
    ),
    "shapley_sampled": (
        "沙普利值：{n}个抽取的次序(各含其逆序)中的平均收益，合计等于总收益",
        "Shapley: mean gain over {n} drawn orders, each with its reverse; the values sum to the total gain",
    ),
    "circles_computed": ("{n}个圈完整计算{more}", "{n} circles worked out in full{more}"),
    "from_baseline": ("，{n}个由基准推得", ", {n} from a baseline"),
    "take_from_others": (
        "；方案之间可能此消彼长：有车次移走或取消，或铁路可达之地变为本地可达",
        "; a candidate may take from another: trips are moved or removed, or land by rail becomes local",
    ),
    "need_each_other": (
        "{one}与{other}互补最强：合建比各自单独之和多{n}",
        "{one} and {other} need each other most: together {n} more than the sum of both alone",
    ),
    "share_gains": (
        "{one}与{other}重叠最多：合建比各自单独之和少{n}",
        "{one} and {other} share what they gain most: together {n} less than the sum of both alone",
    ),
    "n_assumptions": (
        "假设{n}条：`railshed scenario FILE`、--json 或 -o 的 run.json 逐条列出",
        "{n} assumptions: `railshed scenario FILE`, --json or run.json of -o lists them",
    ),
    # what a budget buys
    "budget": ("预算{budget}：贪心，{plan}", "budget {budget}: greedy, {plan}"),
    "chosen": (
        "{how}：{names}：+{gain}{unit}，用{cost} {cost_unit}",
        "{how}: {names}: +{gain} {unit} for {cost} {cost_unit}",
    ),
    "how_gain": ("按收益", "gain"),
    "how_gain_per_cost": ("按单位投入收益", "gain per cost"),
    "how_anew": ("{how}，逐步重算", "{how}, every gain anew"),
    "how_pairs": ("{how}，再成对补入", "{how}, then pairs"),
    "how_optimum": ("精确最优", "exact optimum"),
    "how_best_found": ("算至 {n} 个组合时所得最优", "best found when {n} sets were worked out"),
    "below_optimum": ("贪心比最优低{gap}", "greedy is {gap} below the optimum"),
    "below_bound": (
        "贪心比上界(买得起的全部建成)低{gap}",
        "greedy is {gap} below what all affordable ones gain together, an upper bound",
    ),
    "not_submodular": (
        "收益未必次模，两线可能相互需要：贪心所信的收益在末尾重算({grown})，并试过成对补入",
        "the objective need not be submodular: two lines may need each other. Gains that greedy trusted were worked out again at the end ({grown}), and pairs were tried",
    ),
    "grown": ("{n}个变大，故逐步重算", "{n} had grown, so every gain was worked out anew"),
    "none_grown": ("无一变大", "none had grown"),
    # links suggested
    "suggestions_title": ("{name}，{objective}；现状 {today}", "{name}: {objective}; today {today}"),
    "links_screened": (
        "车站对{n_pairs}个；其中{n}个相距不少于{km} km，铁路用时不少于直线({kmh} km/h)的{detour}倍，直达车不多于{trains}列；按上界由大到小完整评价{n_appraised}个(上界：此线上任何服务的收益都不会更大)",
        "{n_pairs} pairs of stations; {n} at least {km} km apart that rail joins in {detour} times the straight line's time at {kmh} km/h or more, with at most {trains} direct trains; {n_appraised} appraised in full, in falling order of the bound (at most: no service over the link can gain more)",
    ),
    "ranked_by_proved": (
        "按{by}排序；未评价者中最大上界为{left}，故其中无一可进入上表",
        "ranked by {by}; the largest bound of what was not appraised is {left}, so none of them can rank among these",
    ),
    "ranked_by_open": (
        "按{by}排序；未评价者中最大上界为{left}，故其中或有可进入上表者",
        "ranked by {by}; the largest bound of what was not appraised is {left}, so one of them might rank among these",
    ),
    "by_gain": ("收益", "gain"),
    "by_gain_per_km": ("每km收益", "gain a km"),
    "one_corridor": (
        "两端各相距{km} km以内者视为同一走廊：只列最优，至多评价三条",
        "links with both ends within {km} km of another's are one corridor: the best of three is shown",
    ),
    # back-tests
    "backtest_title": ("预测与实际", "As predicted and as it came"),
    "backtest_title_outside": (
        "预测与实际 (中心城区外)",
        "As predicted and as it came (outside the city proper)",
    ),
    "scope_of_circle": ("全圈", "circle"),
    "scope_of_gain": ("新增", "gain"),
    "run_times_title": ("运行时间", "Run times, direct trains"),
    "no_run_times": (
        "{n}对站间在新时刻表中均无新增直达车：运行时间无从对照",
        "none of {n} pairs of stations got direct trains that the old timetable has not: there is nothing to hold the run times against",
    ),
    "run_times_hit": (
        "{n}对站间有直达车，{hit}对命中(2分钟或10%以内)，偏差中位{off}分钟{more}",
        "{n} of {pairs} pairs got direct trains, {hit} of them are hit (within 2 min or a tenth); off by {off} min in the median, plus is predicted too slow{more}",
    ),
    "run_times_of_neighbours": (
        "；相邻站间{n}对，{hit}对命中",
        "; of {n} neighbours, whose run no stop plan changes, {hit}",
    ),
    "verdict": (
        "{cutoff}分钟内实际新增{gained}：预测到{hit}，漏报{miss}；误报{wrong}。",
        "within {cutoff} min {gained} {unit} were gained: {hit} predicted, {miss} missed; {wrong} were predicted and did not come",
    ),
    "verdict_same": ("{text}两份时刻表的圈无变化。", "{text}; the circle of the two timetables is the same"),
    "verdict_worse": ("{text}比“不变”的预测更差。", "{text}; predicting no change would have been better"),
    "verdict_better": (
        "{text}比“不变”的预测少错{skill}。",
        "{text}; {skill} of the error of predicting no change is gone",
    ),
}
