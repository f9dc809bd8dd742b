"""What the command line prints of candidates ranked and links suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from railshed.appraisal.objective import AREA, PEOPLE, Objective
from railshed.appraisal.suggestions import HEADING, HEADING_ZH
from railshed.circles.definitions import KINDS
from railshed.tables.console import console_of, table_of
from railshed.util.bilingual import Language, pick
from railshed.util.number_format import format_people
from railshed.util.sums import plain_sum

if TYPE_CHECKING:
    from railshed.appraisal.ranking import RankingResult
    from railshed.appraisal.selection import ChosenParts
    from railshed.appraisal.suggestions import Suggestions

_UNITS = {PEOPLE: ("人", "people"), AREA: ("km²", "km²")}
#: how a plan came about, as `choose` says it
_HOW_ZH = {
    ", every gain anew": "，逐步重算", ", then pairs": "，再成对补入", "gain per cost": "按单位投入收益",
    "gain": "按收益", "exact optimum": "精确最优", "best found when": "算至",
    "sets were worked out": "个组合时所得最优",
}  # fmt: skip


def unit_of(objective: Objective, lang: Language) -> str:
    """Return what an objective is counted in, as printed."""
    return pick(_UNITS.get(objective.column, (objective.column, objective.column)), lang)


def describe_objective(objective: Objective, lang: Language) -> str:
    """Return an objective in words."""
    if lang == "en":
        return str(objective)
    what = {PEOPLE: "人口", AREA: "面积"}.get(objective.column, objective.column)
    kind = pick(KINDS[objective.kind], lang)
    return f"{objective.name}：{objective.cutoff_min}分钟内{what}，{objective.reading}，{kind}"


def figure(value: float | None) -> str:
    """Return a number as printed, one decimal where it is small."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"


def amount(objective: Objective, value: float, lang: Language) -> str:
    """Return a figure of an objective as printed: people as in all tables."""
    return format_people(round(value), lang) if objective.whole else figure(value)


def print_ranking(ranking: RankingResult, lang: Language) -> None:
    """Print the table, the sum of the shares beside the total, the plans, and what was assumed."""
    zh, goal, shares = lang == "zh", ranking.objective, ranking.attribution
    names = ", ".join(city.name for city in ranking.cities)
    before, together = (amount(goal, value, lang) for value in (ranking.before, ranking.total))
    told = describe_objective(goal, lang)
    title = f"{names}，{told}" if zh else f"{names}: {told}"
    heads = (
        ["方案", "单独", "末位", "沙普利", "± 标准误", "km", "亿元", "每km", "每亿元", "贪心", "最优"]
        if zh
        else [
            "candidate",
            "alone",
            "last in",
            "Shapley",
            "± s.e.",
            "km",
            "亿元",
            "per km",
            "per 亿元",
            "greedy",
            "best",
        ]
    )
    table = table_of(title, heads)
    for row in ranking.table:
        table.add_row(
            row["name"], *(amount(goal, row[key], lang) for key in ("gain", "last_in", "shapley")),
            ("精确" if zh else "exact") if shares.exact else figure(row["standard_error"]), figure(row["km"]),
            figure(row["cost"]), figure(row["gain_per_km"]), figure(row["gain_per_cost"]), _mark(row["greedy"], lang),
            _mark(row["best"], lang),
        )  # fmt: skip
    alone, last = (plain_sum(row[key] for row in ranking.table) for key in ("gain", "last_in"))
    sums = (amount(goal, value, lang) for value in (alone, last, plain_sum(ranking.shapley)))
    table.add_row("合计" if zh else "sum", *sums)
    table.add_row("总收益" if zh else "total gain", "", "", together)
    console = console_of()
    console.print(table)
    unit = unit_of(goal, lang)
    console.print(
        f"- 现状 {before}{unit}，全部建成 +{together}{unit}"
        if zh
        else f"- before {before}, together +{together} {unit}"
    )
    joins = [f"{row['name']} ({', '.join(core)})" for row in ranking.table if (core := row["new_core_stations"])]
    if joins:
        told = "新增中心城区客站，其周边亦计入" if zh else "new core stations, land around them counts too"
        console.print(f"- {told}: {', '.join(joins)}")
    console.print(f"- {f'口径：{ranking.definition_zh}' if zh else f'what is counted: {ranking.definition}'}")
    for text in (*_beside(ranking, lang), *(_remarks_zh(ranking) if zh else _remarks(ranking))):
        console.print(f"- {text}")


def _mark(value: bool | None, lang: Language) -> str:
    return "-" if value is None else ("是" if lang == "zh" else "yes") if value else ""


def _beside(ranking: RankingResult, lang: Language) -> list[str]:
    """Return which candidates exclude each other, and what is to be looked at where the others are built together."""
    words = "、".join if lang == "zh" else " and ".join
    only, both = ("只能建其一", "合建须查") if lang == "zh" else ("exclude each other", "built together")
    said = [f"{words((row['one'], row['other']))} {only}: {row['why']}" for row in ranking.alternatives]
    if said and lang == "zh":
        said.append("含互斥方案的组合按其中可建的最优者计；合计为可建的最优组合的收益")
    elif said:
        said.append(
            "a set with both counts as the best of it that can be built: the sum is the gain of the best such set"
        )
    return said + [f"{both}: {note}" for note in ranking.together]


def _remarks(ranking: RankingResult) -> list[str]:
    shares, choice = ranking.attribution, ranking.choice
    how = "all subsets" if shares.exact else f"{shares.n_permutations} drawn orders, each with its reverse"
    takes = "; a candidate may take from another: trips are moved or removed, or land by rail becomes local"
    said = [
        "alone: as the only one built; last in: lost when it alone is left out",
        f"Shapley: mean gain over {how}; the values sum to the total gain",
        f"{ranking.n_circles} circles worked out in full"
        + (f", {ranking.n_from_baseline} from a baseline" if ranking.n_from_baseline else "")
        + ("" if ranking.monotone else takes),
    ]
    pair = ranking.strongest_pair
    if pair is not None:
        beyond = amount(ranking.objective, abs(pair["beyond_alone"]), "en")
        word, sign = ("need each other", "more") if pair["beyond_alone"] > 0 else ("share what they gain", "less")
        said.append(
            f"{pair['one']} and {pair['other']} {word} most: together {beyond} {sign} than the sum of both alone"
        )
    if ranking.notes:
        said.append(f"{len(ranking.notes)} assumptions: `railshed scenario FILE`, --json or run.json of -o lists them")
    if choice is None:
        return said
    said.append(f"budget {ranking.budget}: greedy, {_told(ranking, choice.greedy, 'en')}")
    if choice.best is not None:
        said.append(_told(ranking, choice.best, "en"))
    if choice.gap is not None:
        against = "the optimum" if choice.proved else "what all affordable ones gain together, an upper bound"
        said.append(f"greedy is {choice.gap:.1%} below {against}")
    grown = f"{choice.n_grown} had grown, so every gain was worked out anew" if choice.n_grown else "none had grown"
    said.append(
        "the objective need not be submodular: two lines may need each other. Gains that greedy trusted were worked "
        f"out again at the end ({grown}), and pairs were tried"
    )
    return said


def _remarks_zh(ranking: RankingResult) -> list[str]:
    shares, choice = ranking.attribution, ranking.choice
    how = "全部子集" if shares.exact else f"{shares.n_permutations}个抽取的次序(各含其逆序)"
    takes = "；方案之间可能此消彼长：有车次移走或取消，或铁路可达之地变为本地可达"
    said = [
        "单独：只建此线；末位：其余皆建而缺此线时的损失",
        f"沙普利值：{how}中的平均收益，合计等于总收益",
        f"{ranking.n_circles}个圈完整计算"
        + (f"，{ranking.n_from_baseline}个由基准推得" if ranking.n_from_baseline else "")
        + ("" if ranking.monotone else takes),
    ]
    pair = ranking.strongest_pair
    if pair is not None:
        many = amount(ranking.objective, abs(pair["beyond_alone"]), "zh")
        word = (
            f"互补最强：合建比各自单独之和多{many}"
            if pair["beyond_alone"] > 0
            else f"重叠最多：合建比各自单独之和少{many}"
        )
        said.append(f"{pair['one']}与{pair['other']}{word}")
    if ranking.notes:
        said.append(f"假设{len(ranking.notes)}条：`railshed scenario FILE`、--json 或 -o 的 run.json 逐条列出")
    if choice is None:
        return said
    said.append(f"预算{ranking.budget}：贪心，{_told(ranking, choice.greedy, 'zh')}")
    if choice.best is not None:
        said.append(_told(ranking, choice.best, "zh"))
    if choice.gap is not None:
        said.append(f"贪心比{'最优' if choice.proved else '上界(买得起的全部建成)'}低{choice.gap:.1%}")
    grown = f"{choice.n_grown}个变大，故逐步重算" if choice.n_grown else "无一变大"
    said.append(f"收益未必次模，两线可能相互需要：贪心所信的收益在末尾重算({grown})，并试过成对补入")
    return said


def how_zh(how: str) -> str:
    """Return how a plan came about in Chinese."""
    for words, told in _HOW_ZH.items():
        how = how.replace(words, told)
    return how


def _told(ranking: RankingResult, plan: ChosenParts, lang: Language) -> str:
    zh = lang == "zh"
    unit = "km" if ranking.budget is not None and ranking.budget.unit == "km" else "亿元"
    names = ", ".join(ranking.names[k] for k in plan.parts) or ("无" if zh else "none")
    gain = f"+{amount(ranking.objective, plan.gain, lang)}"
    if not zh:
        return f"{plan.how}: {names}: {gain} {unit_of(ranking.objective, lang)} for {plan.cost:g} {unit}"
    return f"{how_zh(plan.how)}：{names}：{gain}{unit_of(ranking.objective, lang)}，用{plan.cost:g} {unit}"


def print_suggestions(found: Suggestions, lang: Language) -> None:
    """Print the links and how they were found, headed as screening."""
    zh, goal, rules = lang == "zh", found.objective, found.rules
    console = console_of()
    console.print(HEADING_ZH if zh else HEADING)
    told, today = describe_objective(goal, lang), amount(goal, found.before, lang)
    title = (
        f"{found.region.name}，{told}；现状 {today}"
        if zh
        else f"{found.region.name} {found.region.name_en}: {told}; today {today}"
    )
    unit = unit_of(goal, lang)
    heads = (
        ["", "自", "至", "km", "分钟", "现状", "直达车", f"+{unit}", "每km", "上界"]
        if zh
        else ["", "from", "to", "km", "minutes", "today", "trains", f"+{unit}", "per km", "at most"]
    )
    table = table_of(title, heads, right=3)
    for k, link in enumerate(found.links, start=1):
        now = "-" if link.minutes_now is None else f"{link.minutes_now:.0f}"
        table.add_row(
            str(k), link.from_name, link.to_name, f"{link.km:.0f}", f"{link.run_minutes:.0f}", now,
            str(link.direct_trains), amount(goal, link.gain, lang), figure(link.gain_per_km),
            amount(goal, link.bound, lang),
        )  # fmt: skip
    console.print(table)
    by = ("每km收益" if rules.per_km else "收益") if zh else "gain a km" if rules.per_km else "gain"
    left = figure(round(found.left_bound)) if rules.per_km else amount(goal, found.left_bound, lang)
    console.print(f"- {f'口径：{found.definition_zh}' if zh else f'what is counted: {found.definition}'}")
    for text in _how_found_zh(found, by, left) if zh else _how_found(found, by, left):
        console.print(f"- {text}")


def _how_found(found: Suggestions, by: str, left: str) -> list[str]:
    rules = found.rules
    state = "so none of them can rank among these" if found.proved else "so one of them might rank among these"
    many = (
        f"{found.n_pairs:,} pairs of stations; {found.n_candidates:,} at least {rules.least_km:g} km apart that rail "
        f"joins in {rules.least_detour:g} times the straight line's time at {rules.top_speed_kmh:g} km/h or more, with "
        f"at most {rules.most_trains} direct trains; {found.n_appraised} appraised in full, in falling order of the "
        "bound (at most: no service over the link can gain more)"
    )
    return [
        many,
        f"ranked by {by}; the largest bound of what was not appraised is {left}, {state}",
        f"links with both ends within {rules.apart_km:g} km of another's are one corridor: the best of three is shown",
    ]


def _how_found_zh(found: Suggestions, by: str, left: str) -> list[str]:
    rules = found.rules
    state = "故其中无一可进入上表" if found.proved else "故其中或有可进入上表者"
    many = (
        f"车站对{found.n_pairs:,}个；其中{found.n_candidates:,}个相距不少于{rules.least_km:g} km，铁路用时不少于直线"
        f"({rules.top_speed_kmh:g} km/h)的{rules.least_detour:g}倍，直达车不多于{rules.most_trains}列；按上界由大到小"
        f"完整评价{found.n_appraised}个(上界：此线上任何服务的收益都不会更大)"
    )
    return [
        many,
        f"按{by}排序；未评价者中最大上界为{left}，{state}",
        f"两端各相距{rules.apart_km:g} km以内者视为同一走廊：只列最优，至多评价三条",
    ]
