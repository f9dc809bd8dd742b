"""What the commands print and write for the toy network, as recorded: no figure, sentence or line of a map changes
unless tests/golden/toy does.

    python tests/golden/test_toy.py --write        records all of it again; look at `git diff tests/golden/toy`
"""

from __future__ import annotations

import contextlib
import difflib
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from railshed.maps import save
from tests.support.clirunner import Command
from tests.support.recorded import contents, drawn, steady

FOLDER = Path(__file__).with_name("toy")
BOTH = ("en", "zh")
#: by name of the record the languages ("" where there is no choice) and the arguments; OUT is a folder for files, IN
#: that of the scenarios
RUNS: dict[str, tuple[tuple[str, ...], str]] = {
    "circle": (BOTH, "circle mid -n toy --car"),
    "circle-full": (BOTH, "circle mid -n toy --car --full"),
    "circle-both": (BOTH, "circle mid -n toy --direction both --reading door-to-door"),
    "circle-turn-up": (("en",), "circle mid -n toy --reading turn-up-and-go --draws 4"),
    "circle-all": (BOTH, "circle --all -n toy --geotiff -o OUT"),
    "circle-files": (("en",), "circle mid -n toy --html --car --map-kinds circle,share,stations,readings -o OUT"),
    "circle-json": (("en",), "circle mid -n toy --json"),
    "compare": (BOTH, "compare mid -n toy -s IN/plan.toml"),
    "compare-full": (BOTH, "compare mid -n toy -s IN/plan.toml --full"),
    "compare-core": (("zh",), "compare mid -n toy -s IN/core.toml --direction both"),
    "compare-two": (BOTH, "compare mid east -n toy -s IN/plan.toml -s IN/line.toml --plans 3 --full"),
    "compare-files": (("en",), "compare mid -n toy -s IN/plan.toml --html -o OUT"),
    "backtest": (BOTH, "backtest toy toy IN/line.toml --city mid -o OUT"),
    "trade-offs": (BOTH, "trade-offs mid -n toy -s IN/line.toml -o OUT"),
    "compliance": (BOTH, "compliance -n toy -s IN/line.toml"),
    "rank": (BOTH, "rank IN/rank.toml -n toy --city mid --budget 40km -o OUT"),
    "suggest": (BOTH, "suggest toy -n toy --number 2 --detour 1 --max-trains 500 --min-km 5 --top-speed 350 -o OUT"),
    "report": (("en",), "report mid -n toy -s IN/plan.toml -o OUT"),
    "report-zh": (("zh",), "report mid east -n toy -s IN/plan.toml -s IN/line.toml --without-map --map-lang zh -o OUT"),
    "atlas": (("en",), "atlas -n toy -o OUT"),
    "scenario": (BOTH, "scenario IN/plan.toml IN/line.toml -n toy --city mid"),
    "run-time": (BOTH, "run-time west mid east -n toy --top-speed 120 --length-km 150 --dwell-minutes 1.5"),
    "run-time-limits": (
        ("en",),
        "run-time 100.0,0.5 100.3,0.6 100.6,0.5 --top-speed 250 --stock CR400 --limit 0-1.5=80 --hop-km 40,41",
    ),
    "cities": (BOTH, "cities -n toy"),
    "reach": (BOTH, "reach -n toy --city mid"),
    "check": (BOTH, "check toy"),
}  # fmt: skip
SHOWS_PROGRESS = ("circle", "compare", "rank", "suggest", "report", "atlas")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="recorded on Linux and x86-64"
)


def computed(name: str, run: Command, work: Path, drawings: dict[str, str]) -> str:
    """Return what a run prints in each of its languages and then its files as text."""
    languages, arguments = RUNS[name]
    words = arguments.replace("IN/", f"{FOLDER}/").split()
    words += ["--no-progress"] * (words[0] in SHOWS_PROGRESS)
    parts: list[str] = []
    for language in languages:
        out = work / (language or "only")
        out.mkdir()
        with contextlib.chdir(work):  # so that no line breaks where the folder's name is long
            done = run(
                *(out.name if word == "OUT" else word for word in words),
                *(["--lang"] * bool(language)),
                *([language] * bool(language)),
            )
        printed = "".join(f"{line.rstrip()}\n" for line in f"{done.out}{done.err}".splitlines())
        parts.append(f"--- {language or 'only'}, exit code {done.code}\n{printed}")
        parts += contents(out, drawings)
        drawings.clear()
    return steady("".join(parts).replace(str(work), "OUT").replace(str(FOLDER), "IN"))


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The figures of maps that are drawn, as text by file name; of pages by number."""
    found: dict[str, str] = {}
    usual: tuple[Callable[..., Any], Callable[..., Any]] = save.MapFigure.savefig, save.drawn

    def record(figure: Any, path: Any) -> None:
        with save.settings():
            found[path.name if isinstance(path, Path) else f"drawing {len(found) + 1}"] = drawn(figure)

    def savefig(figure: Any, path: Any, **options: Any) -> None:
        usual[0](figure, path, **options)
        record(figure, path)

    def pixels(figure: Any, dpi: float | None = None) -> Any:
        image = usual[1](figure, dpi)
        if dpi is None:
            write = image.save
            image.save = lambda path, *more, **options: (write(path, *more, **options), record(figure, path))
        else:
            record(figure, None)
        return image

    monkeypatch.setattr(save.MapFigure, "savefig", savefig)
    monkeypatch.setattr(save, "drawn", pixels)
    monkeypatch.setenv("COLUMNS", "150")
    return found


@pytest.mark.parametrize("name", RUNS)
def test_output_is_as_recorded(name: str, railshed: Command, tmp_path: Path, drawings: dict[str, str]) -> None:
    """A run prints and writes what it did; else the lines that differ are shown."""
    record, now = FOLDER / f"{name}.txt", computed(name, railshed, tmp_path, drawings)
    if os.environ.get("RAILSHED_RECORD"):
        record.write_text(now, encoding="utf-8")
    before, after = record.read_text(encoding="utf-8").splitlines(), now.splitlines()
    assert after == before, "\n".join(difflib.unified_diff(before, after, "recorded", "now", lineterm="", n=1))


def test_every_record_and_scenario_is_of_a_run() -> None:
    """No record is left of a run that is gone, and no scenario that no run reads."""
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(RUNS)
    read = {word for _, arguments in RUNS.values() for word in arguments.split() if word.startswith("IN/")}
    assert {f"IN/{path.name}" for path in FOLDER.glob("*.toml")} == read


if __name__ == "__main__":
    os.environ["RAILSHED_RECORD"] = "1" if "--write" in sys.argv else ""
    sys.exit(pytest.main(["-q", "-n", "0", __file__]))
