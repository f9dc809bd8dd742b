"""Files of opened lines and of railways: what is read, and every problem at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from railshed.io.networks import load_network
from railshed.io.railways import find_openings, read_openings, read_railways
from railshed.scenario.service_plans.corridors import Railway
from railshed.util.errors import InputError
from tests.support.clirunner import Command
from tests.support.feeds import write_files

NETWORK = load_network("toy")
A, B, C = (s.station_id for s in NETWORK.stations[:3])
GOOD = (
    f'[[line]]\nid = "x"\nstations = ["{A}", "{B}"]\nkmh = 250\ntrains = 12\ncities = '
    f'["mid"]\nserved = ["{B}"]\n'
)


def openings(folder: Path, text: str) -> Path:
    write_files(folder, {"openings.toml": text})
    return folder / "openings.toml"


def test_an_opening(tmp_path: Path) -> None:
    (found,) = read_openings(openings(tmp_path, GOOD), NETWORK)
    assert (found.line_id, found.name, found.station_ids, found.top_speed_kmh) == (
        "x",
        "x",
        (A, B),
        250,
    )
    assert (found.length_km, found.n_trains, found.cities, found.served) == (
        None,
        12,
        ("mid",),
        (B,),
    )
    (slower,) = read_openings(openings(tmp_path, GOOD + "speed_limits = [[0, 0.5, 30]]\n"), NETWORK)
    runs = [one.run(NETWORK) for one in (found, slower)]
    assert [run.is_limited(0, 1) for run in runs] == [False, True]
    assert runs[1].hop_seconds(0, 1) > runs[0].hop_seconds(0, 1)


def test_every_problem_of_openings_at_once(tmp_path: Path) -> None:
    text = (
        '[[line]]\nid = "x"\nstations = ["nowhere", 3]\nkmh = true\ncities = ["rome"]\nkm = 0\n'
        + GOOD.replace(B, A)
    )
    with pytest.raises(InputError) as caught:
        read_openings(openings(tmp_path, text), NETWORK)
    found = [(i.field, i.message.partition(": ")[2], i.file) for i in caught.value.issues]
    assert found == [
        ("trains", "is missing", "openings.toml"),
        ("km", "is no number in range", "openings.toml"),
        ("kmh", "is no number in range", "openings.toml"),
        ("cities", "is no city of the network", "openings.toml"),
        ("stations", "is no list of texts", "openings.toml"),
        ("stations", "needs two stations or more, each once", "openings.toml"),
    ]
    for limits, message in (
        ("[[0, 2]]", "is no list of"),
        ("[[0, 9999, 80]]", "speed limit 1 from 0 to 9999 km"),
    ):
        with pytest.raises(InputError, match=message):
            read_openings(openings(tmp_path, f"{GOOD}speed_limits = {limits}\n"), NETWORK)
    for text in ("", "line = 3", "[["):
        with pytest.raises(InputError, match=r"openings\.toml"):
            read_openings(openings(tmp_path, text), NETWORK)


def test_a_table_of_railways(tmp_path: Path) -> None:
    """Names in brackets belong to another line: their length is not that of the line; one station
    is no line.
    """
    names = {s.station_id: s.name for s in NETWORK.stations}
    rows = (
        f"line_id,line_zh,stations,operating_kmh,length_km\nx,X,{names[A]}|{names[B]},200,40\n"
        f"y,Y,{names[A]}|({names[B]})|{names[C]},300,90\nz,Z,{names[A]}|elsewhere,300,\n"
    )
    write_files(tmp_path, {"line_speeds.csv": rows})
    found = read_railways(tmp_path / "line_speeds.csv", NETWORK)
    assert [(r.line_id, r.station_ids, r.length_km) for r in found] == [
        ("x", (A, B), 40),
        ("y", (A, C), None),
    ]
    write_files(tmp_path, {"line_speeds.csv": rows.replace("200", "fast").replace("90", "-9")})
    with pytest.raises(InputError) as caught:
        read_railways(tmp_path / "line_speeds.csv", NETWORK)
    assert [(i.row, i.field) for i in caught.value.issues] == [
        (1, "operating_kmh"),
        (2, "length_km"),
    ]


def test_sections_of_a_railway_are_km_along_it(tmp_path: Path) -> None:
    """From station to station in its order; what is no section of it is an error, each in
    its row.
    """
    a, b, c = ({s.station_id: s.name for s in NETWORK.stations}[key] for key in (A, B, C))

    def read(*limits: str) -> list[Railway]:
        head = "line_id,line_zh,stations,operating_kmh,speed_limits\n"
        text = head + "".join(f"l{k},L,{a}|{b}|{c},300,{limit}\n" for k, limit in enumerate(limits))
        write_files(tmp_path, {"line_speeds.csv": text})
        return read_railways(tmp_path / "line_speeds.csv", NETWORK)

    both, none = read(f"{a}-{b} 120|{b}-{c} 200", "")
    first, second = (metres / 1000 for metres in none.run(NETWORK).hop_lengths())
    assert both.speed_limits == ((0.0, first, 120.0), (first, first + second, 200.0))
    assert both.run(NETWORK).is_limited(0, 1)
    assert not none.speed_limits
    wrong = (f"{b}-{a} 120", f"{a}-elsewhere 120", f"{a}-{b}", f"{a}-{b} 0", f"{a}-{b} fast")
    with pytest.raises(InputError) as caught:
        read(*wrong, f"{a}-{c} 80")
    assert [(i.row, i.field, i.value) for i in caught.value.issues] == [
        (k, "speed_limits", text) for k, text in enumerate(wrong, 1)
    ]


def test_a_file_of_openings_is_told_from_a_scenario(tmp_path: Path) -> None:
    path = openings(tmp_path, GOOD)
    assert find_openings([path]) == path
    assert find_openings([path, path]) is None
    shipped = find_openings([Path("china/openings")])
    assert shipped is not None
    assert shipped.name == "openings.toml"
    for text in ("[[modification]]", "[["):
        assert find_openings([openings(tmp_path, text)]) is None
    assert find_openings([tmp_path / "none.toml"]) is None


def test_mistakes_at_the_command_line(tmp_path: Path, railshed: Command) -> None:
    """Exit code 2: a station of no network, a city beside the file, no table of railways
    beside it.
    """
    path = openings(tmp_path, GOOD)
    done = railshed("backtest", "toy", "toy", path, "--city", "mid")
    assert (done.code, done.err) == (
        2,
        "railshed: error: openings.toml names the cities of its lines: leave out --city and --at\n",
    )
    done = railshed("backtest", "toy", "toy", path)
    assert done.code == 2
    assert "line_speeds.csv" in done.err
    done = railshed("backtest", "toy", "toy", openings(tmp_path, GOOD.replace(A, "nowhere")))
    assert done.code == 2
    assert "line 1: is no station of the network" in done.err
