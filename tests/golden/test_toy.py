"""What the commands print and write for the toy network, as recorded: no figure, sentence or line
of a map changes unless tests/golden/toy does.

    python tests/golden/test_toy.py --write        records all of it again; look at `git diff
                                                   tests/golden/toy`
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import platform
import sys
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from railshed import __version__
from railshed.maps import save
from tests.support.clirunner import Command
from tests.support.recorded import contents, outline, rounded, texts_of

FOLDER = Path(__file__).with_name("toy")
BOTH = ("en", "zh")
#: by name of the record the languages ("" where there is no choice) and the arguments; OUT is a
#: folder for files, IN that of the scenarios
RUNS: dict[str, tuple[tuple[str, ...], str]] = {
    "circle": (("zh",), "circle mid -n toy --car"),
    "circle-full": (("en",), "circle mid -n toy --car --full"),
    "circle-both": (("en",), "circle mid -n toy --direction both --reading door-to-door"),
    "circle-turn-up": (("en",), "circle mid -n toy --reading turn-up-and-go --draws 4"),
    "circle-files": (
        ("en",),
        (
            "circle --all -n toy --html --car --geotiff --map-kinds circle,share,stations,readings "
            "--map-lang en -o OUT"
        ),
    ),
    "circle-json": (("en",), "circle mid -n toy --json"),
    "compare": (("zh",), "compare mid -n toy -s IN/plan.toml"),
    "compare-full": (("en",), "compare mid -n toy -s IN/plan.toml --full"),
    "compare-core": (("zh",), "compare mid -n toy -s IN/core.toml --direction both"),
    "compare-two": (
        ("en",),
        "compare mid east -n toy -s IN/plan.toml -s IN/line.toml --plans 3 --full",
    ),
    "compare-files": (("en",), "compare mid -n toy -s IN/plan.toml -o OUT"),
    "backtest": (("en",), "backtest toy toy IN/line.toml --city mid -o OUT"),
    "trade-offs": (("en",), "trade-offs mid -n toy -s IN/line.toml -o OUT"),
    "compliance": (BOTH, "compliance -n toy -s IN/line.toml"),
    "rank": (("en",), "rank IN/rank.toml -n toy --city mid --budget 40km -o OUT"),
    "suggest": (
        ("en",),
        (
            "suggest toy -n toy --number 2 --detour 1 --max-trains 500 --min-km 5 --top-speed 350 "
            "--without-map -o OUT"
        ),
    ),
    "report": (
        ("en",),
        "report mid east -n toy -s IN/plan.toml --without-map --map-lang en -o OUT",
    ),
    "atlas": (("en",), "atlas -n toy --without-map --map-lang en -o OUT"),
    "scenario": (BOTH, "scenario IN/plan.toml IN/line.toml -n toy --city mid"),
    "run-time": (
        BOTH,
        "run-time west mid east -n toy --top-speed 120 --length-km 150 --dwell-minutes 1.5",
    ),
    "run-time-limits": (
        ("en",),
        (
            "run-time 100.0,0.5 100.3,0.6 100.6,0.5 --top-speed 250 --stock CR400 --limit 0-1.5=80 "
            "--hop-km 40,41"
        ),
    ),
    "cities": (BOTH, "cities -n toy"),
    "reach": (BOTH, "reach -n toy --city mid"),
    "check": (BOTH, "check toy"),
}
SHOWS_PROGRESS = ("circle", "compare", "rank", "suggest", "report", "atlas")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="recorded on Linux and x86-64"
)


def computed(name: str, run: Command, work: Path, drawings: dict[str, list[str]]) -> str:
    """Return what a run prints in each of its languages and then the figures of its files
    as text.
    """
    languages, arguments = RUNS[name]
    words = arguments.replace("IN/", f"{FOLDER}/").split()
    words += ["--no-progress"] * (words[0] in SHOWS_PROGRESS)
    lines: list[str] = []
    for language in languages:
        out = work / language
        out.mkdir()
        with contextlib.chdir(work):  # so that no line breaks where the folder's name is long
            done = run(*(out.name if word == "OUT" else word for word in words), "--lang", language)
        printed = (
            outline(json.loads(done.out))
            if "--json" in words
            else f"{done.out}{done.err}".splitlines()
        )
        lines += [f"--- {language}, exit code {done.code}", *printed, *contents(out, drawings)]
        drawings.clear()
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    names = {str(work): "OUT", str(FOLDER): "IN", f"railshed {__version__}": "railshed VERSION"}
    return rounded(reduce(lambda found, name: found.replace(name, names[name]), names, text))


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The texts of maps by file name, of those on pages by number.

    Nothing is drawn: a blank sheet is written.
    """
    found: dict[str, list[str]] = {}
    savefig = save.MapFigure.savefig

    def record(figure: Any, path: Any = None) -> None:
        found[path.name if isinstance(path, Path) else f"drawing {len(found) + 1}"] = texts_of(
            figure
        )

    def blank(figure: Any, path: Any, **options: Any) -> None:
        if isinstance(path, Path):
            record(figure, path)
        savefig(save.MapFigure(figsize=figure.get_size_inches()), path, **options)

    def pixels(figure: Any, dpi: float | None = None) -> Any:
        image = Image.new("RGB", (8, 8))
        if dpi:
            record(figure)
        else:
            write = image.save
            image.save = lambda path, *more, **options: (
                write(path, *more, **options),
                record(figure, path),
            )
        return image

    monkeypatch.setattr(save.MapFigure, "savefig", blank)
    monkeypatch.setattr(save, "drawn", pixels)
    monkeypatch.setenv("COLUMNS", "150")
    return found


@pytest.mark.parametrize("name", RUNS)
def test_output_is_as_recorded(
    name: str, railshed: Command, tmp_path: Path, drawings: dict[str, list[str]]
) -> None:
    """A run prints and writes what it did; else the lines that differ are shown."""
    record, now = FOLDER / f"{name}.txt", computed(name, railshed, tmp_path, drawings)
    if os.environ.get("RAILSHED_RECORD"):
        record.write_text(now, encoding="utf-8")
    before, after = record.read_text(encoding="utf-8").splitlines(), now.splitlines()
    assert after == before, "\n".join(
        difflib.unified_diff(before, after, "recorded", "now", lineterm="", n=1)
    )


def test_every_record_and_scenario_is_of_a_run() -> None:
    """No record is left of a run that is gone, and no scenario that no run reads."""
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(RUNS)
    read = {
        word
        for _, arguments in RUNS.values()
        for word in arguments.split()
        if word.startswith("IN/")
    }
    assert {f"IN/{path.name}" for path in FOLDER.glob("*.toml")} == read


if __name__ == "__main__":
    os.environ["RAILSHED_RECORD"] = "1" if "--write" in sys.argv else ""
    sys.exit(pytest.main(["-q", "-n", "0", __file__]))
