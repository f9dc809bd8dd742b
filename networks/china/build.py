"""Build networks/china from the raw folder: `python networks/china/build.py RAW_DIR [OUT_DIR]`.

The timetable comes from `build_timetable` and `build_metros`, places from `build_places`; this
module joins what they say of themselves into `network.toml`. The same raw files give the same
bytes. Afterwards: `build_metro_errors.py`, `build_metro_scenario.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import build_timetable  # noqa: E402

HEAD: dict[str, Any] = {
    "id": "china",
    "title": "中国铁路 C、D、G、S 字头列车,2023年12月15日(星期五)",
    "title_en": "China Railway trains of the letters C, D, G and S, Friday 2023-12-15",
    "date": dt.date(2023, 12, 15),
    "timezone": "Asia/Shanghai",
}
#: raw files of the sources that `build_places` names, by the url of the source
PLACES_RAW: dict[str, tuple[str, ...]] = {
    "https://github.com/thebamboogrove/tudigong": (
        "counties/counties-geo.topojson",
        "counties/names.json",
        "counties/population.csv",
    ),
    "https://github.com/leiii/census": ("prefectures/census_city_2010-2020_v1.csv",),
    "https://github.com/jgaffuri/worldpop_gridviz": ("population/china_bbox_pop2020.csv.gz",),
    "": (
        "reference/agglomeration_members.csv",
        "reference/agglomerations.csv",
        "reference/agglomerations_extra.csv",
        "reference/centres.csv",
        "reference/commuter_lines.csv",
        "reference/core_stations.csv",
    ),
}


def main(raw_dir: Path, out_dir: Path = HERE) -> None:
    """Write all files of the network to `out_dir`."""
    made = build_timetable.main(raw_dir, out_dir)
    import build_metros
    import build_places
    import build_transfers

    stops = made["stations"].rename(
        columns={"station_id": "stop_id", "name": "stop_name", "lon": "stop_lon", "lat": "stop_lat"}
    )
    columns = ["stop_id", "stop_name", "stop_lon", "stop_lat", "county_code"]
    feed, lines = build_metros.build_feed(raw_dir)
    metros = frozenset(line.city for line in lines)
    places = build_places.build(raw_dir, out_dir, stops[columns], metros | build_metros.REACHED_TOO)
    names = {
        **build_metros.AGENCIES,
        **{city["slug"]: city["name_zh"] for city in places["cities"]},
    }
    tables = build_metros.add_to(made["tables"], feed, lines, names, places["counties"])
    build_timetable.write_zip(out_dir / "timetable.zip", tables)
    build_metros.write_register(out_dir / "metro_lines.csv", feed)
    stations = [(names[city], station) for city, station in build_metros.open_stations(lines)]
    walks = build_transfers.build_transfers(out_dir, stations, stops)
    sources = [
        with_checksums(s, s.get("raw", ()), raw_dir)
        for s in (*made["sources"], *build_metros.list_sources(raw_dir))
    ]
    sources += [
        with_checksums(s, s.get("raw", PLACES_RAW.get(s["url"], ())), raw_dir)
        for s in places["sources"]
    ]
    for source in sources:
        source.update(CREDITS.get(source["title"].split(maxsplit=1)[0], {}))
    toml = {
        **HEAD,
        **places["toml"],
        "limits": LIMITS,
        "sources": sources,
        "notes": {
            **made["notes"],
            **places["notes"],
            **walks,
            "metros": build_metros.make_notes(feed, lines),
        },
    }
    (out_dir / "network.toml").write_bytes(toml_text(toml).encode("utf-8"))


#: what every map of this network must say
LIMITS = [
    {
        "zh": "人口为5角分格网(约7-9公里)，县界总量为2020年普查",
        "en": "people on 5-arc-minute cells (7-9 km), scaled to the 2020 census by county",
    },
    {
        "zh": "时刻为2023-12-15(周五)单日，无逐日开行日历",
        "en": "timetable of one Friday, 2023-12-15; no running calendar",
    },
    {"zh": "接入按直线距离估算", "en": "access on straight lines"},
    {
        "zh": "地铁：北京按时刻表，上海按首末班车，其余运行时分与发车间隔为估算",
        "en": "metros: Beijing by timetable, Shanghai by first and last trains, others estimated",
    },
    {"zh": "未考虑运能、票价与客流", "en": "no capacity, fare or demand"},
]


#: the line that a map's foot prints, by the first word of a source's title
CREDITS = {
    "12306.cn": {
        "credit_zh": "时刻：12306.cn，2023-12-15，来源未声明许可，不建议商用",
        "credit_en": "timetable: 12306.cn, 2023-12-15, no licence named",
    },
    "Station": {
        "credit_zh": "车站坐标：© OpenStreetMap 贡献者(ODbL)等",
        "credit_en": "stations: © OpenStreetMap contributors (ODbL) and others",
    },
    "Metro": {
        "credit_zh": "地铁线路与车站：高德地铁图(GCJ-02转WGS84)",
        "credit_en": "metro lines and stations: Amap's subway page, GCJ-02 turned into WGS84",
    },
    "Trains": {
        "credit_zh": "北京地铁时刻：Mick235711/Beijing-Subway-Tools",
        "credit_en": "trains of Beijing's metro: Mick235711/Beijing-Subway-Tools",
    },
    "Shanghai": {
        "credit_zh": "上海地铁站坐标：© OpenStreetMap 贡献者(ODbL)",
        "credit_en": "stations of Shanghai's metro: © OpenStreetMap contributors (ODbL)",
    },
    "County": {
        "credit_zh": "县界：CTAmap 1.30；人口：2020年普查",
        "credit_en": "counties: CTAmap 1.30; people: 2020 census",
    },
    "WorldPop": {
        "credit_zh": "人口分布：WorldPop 2020(CC BY 4.0)",
        "credit_en": "distribution: WorldPop 2020 (CC BY 4.0)",
    },
}  # fmt: skip


def with_checksums(
    source: Mapping[str, Any], raw_files: tuple[str, ...], raw_dir: Path
) -> dict[str, Any]:
    """Return a source with the SHA-256 of each raw file that it stands for."""
    known = {key: value for key, value in source.items() if key != "raw"}
    sums = {name: hashlib.sha256((raw_dir / name).read_bytes()).hexdigest() for name in raw_files}
    return {**known, "sha256": sums} if sums else known


def toml_text(tables: Mapping[str, Any]) -> str:
    """Return TOML of scalars and lists, then tables and arrays of tables, in the order given."""
    lines = ["# Written by build.py; do not edit.", *toml_block(tables, "")]
    return "\n".join(lines) + "\n"


def toml_block(table: Mapping[str, Any], prefix: str) -> list[str]:
    """Return the lines of one table and of the tables below it."""
    lines = [f"{toml_key(k)} = {toml_value(v)}" for k, v in table.items() if not is_table(v)]
    for key, value in table.items():
        if not is_table(value):
            continue
        name = prefix + toml_key(key)
        for row in value if isinstance(value, list) else [value]:
            head = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            lines += ["", head, *toml_block(row, f"{name}.")]
    return lines


def is_table(value: Any) -> bool:
    """Return whether a value is a table or a list of tables."""
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    )


def toml_key(key: str) -> str:
    """Return a bare key where TOML allows one, else a quoted key."""
    return (
        key
        if key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key)
        else toml_value(key)
    )


def toml_value(value: Any) -> str:
    """Return a scalar or a list of scalars as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        one_line = "[" + ", ".join(map(toml_value, value)) + "]"
        many = "[\n" + "".join(f"    {toml_value(v)},\n" for v in value) + "]"
        return one_line if len(one_line) <= 100 else many
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, int | float):
        return repr(value)
    msg = f"no TOML for {type(value).__name__}: {value!r}"
    raise TypeError(msg)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python networks/china/build.py RAW_DIR [OUT_DIR]")
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else HERE)
