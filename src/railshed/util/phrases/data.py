"""Texts on networks and files, by key: Chinese, English."""

DATA: dict[str, tuple[str, str]] = {
    "notes_on_reading": ("读入说明", "Notes on reading"),
    "written_to": ("已写入 {folder}", "written to {folder}"),
    "save_with": ("加 -o DIR 可存 {first}与 {last}", "save with -o DIR: {first}, {last}"),
    "file_map": ("地图", "map"),
    "file_chart": ("图", "chart"),
    "file_scenarios": ("方案文件", "scenarios"),
}
