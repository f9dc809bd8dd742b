"""Texts on networks, scenarios and files, by key: Chinese, English."""

DATA: dict[str, tuple[str, str]] = {
    "notes_on_reading": ("读入说明", "Notes on reading"),
    "written_to": ("已写入 {folder}", "written to {folder}"),
    "save_with": ("加 -o DIR 可存 {first}与 {last}", "save with -o DIR: {first}, {last}"),
    "file_map": ("地图", "map"),
    "file_chart": ("图", "chart"),
    "file_scenarios": ("方案文件", "scenarios"),
    # runs and scenarios
    "run_title": ("{first} - {last}：{minutes}分钟，{km}", "{first} - {last}: {minutes} min, {km}"),
    "bare_minutes": (
        "纯运行：无冗余、无附加损失；分钟、停站、开、到：时刻表",
        "bare: no margin, no loss; minutes, dwell, leaves and arrives: the timetable",
    ),
    "shipped_scenarios": (
        "自带方案：compare CITY --scenario NAME",
        "Shipped scenarios: compare CITY --scenario NAME",
    ),
    "lines_not_built": ("{path}：未建成的线路", "{path}: lines not built yet"),
    "lines_as_left": ("线路按后续修改后的情形列出", "lines are shown as later modifications leave them"),
    "scenario_counts": (
        "{title}：{trips}列(原{before}列)，{stations}站",
        "{title}: {trips} trips (before: {before}), {stations} stations",
    ),
    "effect": ("{file}{number} {kind}: {text}", "{file}{number} {kind}: {text}"),
    "assumed": ("假设与须核对者：", "assumed, and to look at:"),
    "line_title": ("{line}：每日{trips}列，{periods}{back}", "{line}: {trips} trips a day, {periods}{back}"),
    "line_back": ("，返程{minutes}分钟", ", back in {minutes} min"),
    "new_station": ("{name} (新)", "{name} (new)"),
    "one_train_at": ("{times}各一列", "one train at {times}"),
    "every": ("{hours}每{minutes}分钟一列", "{hours} every {minutes} min"),
}
