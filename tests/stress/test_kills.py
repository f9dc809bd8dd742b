"""Commands killed at random moments, and two at a time: what they write is the old run or the new
one, whole.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.forks import SEED, SHARE, Fork, listed, railshed, ran
from tests.support.writers import Writer, contents, writers

#: kills of each command, and pairs of processes
KILLS, PAIRS = (50, 20) if SHARE >= 1 else (2, 1)
KILLED = (
    "circle", "compare", "report", "atlas", "import-gtfs", "import-osm", "export-gtfs", "reach",
)  # fmt: skip
#: most often the one that no process can answer
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Runs:
    """What a command writes in one run and in another one, and how long the other one takes."""

    writer: Writer
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]
    seconds: float


@pytest.fixture(scope="module")
def commands(warm: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Writer]:
    return writers(tmp_path_factory.mktemp("inputs"), warm)


def runs_of(writer: Writer, folder: Path) -> Runs:
    """Run a command twice, to the end."""
    one, other = folder / f"old{writer.suffix}", folder / f"new{writer.suffix}"
    for out in (one, other):
        start = time.monotonic()
        ended = ran(*named(writer, out, other=out is other))
        assert ended.problems(0) == [], ended.err
    found = Runs(writer, contents(one), contents(other), time.monotonic() - start)
    assert found.old != found.new
    return found


def named(writer: Writer, out: Path, *, other: bool) -> list[str]:
    """Return the arguments of a run; what is named after its folder is called the same."""
    more = ("--id", "x") if writer.arguments[0].startswith("import") else ()
    return [*writer.run(out, other=other), *more]


def beside(out: Path) -> list[str]:
    """Return what stands beside the output."""
    return sorted(path.name for path in out.parent.iterdir() if path != out)


def killed(runs: Runs, out: Path, seed: int) -> list[str]:
    """Put the old run in its place, kill the new one at a random moment; return what is wrong after
    it.
    """
    rng = random.Random(seed)
    shutil.rmtree(out.parent, ignore_errors=True)
    out.parent.mkdir()
    put(runs.old, out)
    how = rng.choice(SIGNALS)
    late = rng.random() < 0.5  # half of them where files take their places
    fork = Fork(railshed(*named(runs.writer, out, other=True)))
    fork.wait(runs.seconds * (rng.uniform(0.8, 1.05) if late else rng.random()))
    fork.stop(how)
    ended, found = fork.end(), contents(out)
    wrong = ["neither the old run nor the new one"] * (found not in (runs.old, runs.new))
    wrong += ["a traceback"] * ("Traceback" in ended.err)
    wrong += [f"a child runs on: {pid}" for pid in fork.children()]
    if how != signal.SIGKILL:
        wrong += [
            f"{name} is left"
            for name in beside(out)
            if not (runs.writer.goes_on and name.endswith(".new"))
        ]
        wrong += [f"exit code {ended.code}"] * (ended.code not in (0, 130, 143, -how))
    if ended.code == 0:
        wrong += ["ended well and is not the new run"] * (found != runs.new)
    return [f"{how.name}: {one} | {ended.err[-300:]}" for one in wrong]


def put(run: Mapping[str, bytes], out: Path) -> None:
    for name, data in run.items():
        path = out / name if name else out
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_run_leaves_the_old_one_or_the_new_one(
    commands: Mapping[str, Writer], tmp_path: Path, name: str
) -> None:
    """Byte for byte, without a process of its own; the next run is whole and takes away what was
    left.
    """
    runs = runs_of(commands[name], tmp_path)
    out = tmp_path / "place" / f"out{runs.writer.suffix}"
    wrong = {seed: said for seed in range(SEED, SEED + KILLS) if (said := killed(runs, out, seed))}
    assert not wrong, listed(wrong)
    ended = ran(*named(runs.writer, out, other=True))
    assert ended.problems(0) == [], ended.err
    assert contents(out) == runs.new
    if not runs.writer.suffix:  # of a file killed in the making a part stays beside it
        assert beside(out) == []


def test_of_two_processes_in_one_folder_one_is_refused(
    commands: Mapping[str, Writer], tmp_path: Path
) -> None:
    """The other one's run is whole; both may end well where the second began after the first."""
    wrong: dict[int, list[str]] = {}
    every = {}
    for name in ("circle", "atlas"):
        (tmp_path / name).mkdir()
        every[name] = runs_of(commands[name], tmp_path / name)
    for seed in range(SEED, SEED + PAIRS):
        rng = random.Random(seed)
        runs = every[rng.choice(sorted(every))]
        out = tmp_path / f"pair{seed}" / "out"
        out.parent.mkdir()
        if rng.random() < 0.5:
            put(runs.old, out)
        forks = [Fork(railshed(*named(runs.writer, out, other=bool(k)))) for k in range(2)]
        ends = [fork.end() for fork in forks]
        said = [text for one in ends for text in one.problems(0, 2)]
        codes = [one.code for one in ends]
        if codes == [0, 0] and contents(out) in (runs.old, runs.new):
            continue
        if sorted(codes) != [0, 2]:
            said.append(f"exit codes {codes}")
        elif contents(out) != (runs.old, runs.new)[ends[1].code == 0]:
            said.append("not the run of the process that ended well")
        if said:
            wrong[seed] = [*said, *(one.err[-300:] for one in ends)]
    assert not wrong, listed(wrong)
