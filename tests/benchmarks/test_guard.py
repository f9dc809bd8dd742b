"""The guard of the work of kernels and commands (`benchmarks/guard.py`): what it says, and that it
finds more work.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))

import guard  # noqa: E402
import guardcommands  # noqa: E402


def test_a_kernel_that_does_more_is_named_with_how_much() -> None:
    """103 lines of 100 are a fault that names the kernel, the growth, what is allowed and how to
    accept it.
    """
    faults, remarks = guard.compare({"lines": {"a.b": 100}}, {"lines": {"a.b": 103}})
    assert remarks == []
    assert len(faults) == 1
    for words in ("a.b: 103 lines, +3.0% of 100", "allowed are +2%", "guard.py --accept"):
        assert words in faults[0]


def test_within_the_tolerance_nothing_is_said() -> None:
    """102 lines of 100 are neither a fault nor worth a remark, nor are 99."""
    for n in (99, 100, 102):
        assert guard.compare({"lines": {"a.b": 100}}, {"lines": {"a.b": n}}) == ([], [])


def test_less_work_is_no_fault() -> None:
    """180,000 instructions of 200,000 are a remark."""
    faults, remarks = guard.compare(
        {"instructions": {"a.b": 200_000}}, {"instructions": {"a.b": 180_000}}
    )
    assert faults == []
    assert remarks[0].startswith("a.b: 180,000 instructions, -10.0% of 200,000: cheaper")


def test_kernels_without_a_figure_and_figures_without_a_kernel_are_faults() -> None:
    """A new kernel and one that nobody calls any more are both named."""
    faults, _ = guard.compare({"lines": {"a.old": 5}}, {"lines": {"a.new": 7}})
    assert [text.split(":")[0] for text in faults] == ["a.new", "a.old"]
    assert all("--accept" in text for text in faults)


def test_a_count_that_cannot_be_had_here_is_no_fault() -> None:
    """Where instructions are not counted, lines alone are compared."""
    assert guard.compare(
        {"lines": {"a.b": 1}, "instructions": {"a.b": 9}}, {"lines": {"a.b": 1}}
    ) == ([], [])


@pytest.mark.parametrize("mutant", guard.MUTANTS, ids=lambda mutant: mutant.what)
def test_mutants_still_fit_the_kernels(mutant: guard.Mutant) -> None:
    """The line that a mutant spoils stands in its module, and its kernel has a figure of the kind
    that must find it.
    """
    source = BENCHMARKS.parent / "src" / "railshed" / f"{mutant.module}.py"
    assert mutant.old in source.read_text(encoding="utf-8")
    assert (
        mutant.kernel
        in json.loads((BENCHMARKS / "guard.json").read_text(encoding="utf-8"))[mutant.by]
    )


def counts_of(mutant: guard.Mutant, folder: Path, *, spoilt: bool) -> guard.Counts:
    """Return what a kernel or command does, or what it does as the mutant spoils it."""
    source = guard.spoilt_copy(mutant, folder) if spoilt else guard.copied(folder)
    return guard.count(source, folder, mutant)[0]


@pytest.mark.slow
def test_a_spoilt_kernel_is_found_by_its_lines(tmp_path: Path) -> None:
    """A scan that walks along every profile executes 5 to 30 % more lines than the one that
    guard.json is of.
    """
    mutant = guard.MUTANTS[0]
    known = json.loads((BENCHMARKS / "guard.json").read_text(encoding="utf-8"))
    wrong = counts_of(mutant, tmp_path, spoilt=True)
    faults, _ = guard.compare(known, wrong)
    assert any(text.startswith(f"{mutant.kernel}:") for text in faults)
    assert 1.03 < wrong["lines"][mutant.kernel] / known["lines"][mutant.kernel] < 1.3


@pytest.mark.slow
def test_a_spoilt_command_is_found_by_its_calls(tmp_path: Path) -> None:
    """A circle that finds the ways to its centres at each use calls some 6 % more functions than
    one that does once.
    """
    mutant = guard.MUTANTS[-1]
    counts = {}
    for name in ("right", "wrong"):
        (tmp_path / name).mkdir()
        counts[name] = counts_of(mutant, tmp_path / name, spoilt=name == "wrong")
    faults, _ = guard.compare(counts["right"], counts["wrong"])
    assert any(text.startswith("railshed circle:") for text in faults)
    assert (
        1.03
        < counts["wrong"]["calls"][mutant.kernel] / counts["right"]["calls"][mutant.kernel]
        < 1.2
    )


def test_calls_are_those_of_the_package_and_not_of_kernels(tmp_path: Path) -> None:
    """Of a function of the folder, one of its kernels and one outside, the first and its call of
    `len` count.
    """
    (tmp_path / "kernels").mkdir()
    names = {}
    for path in (tmp_path / "own.py", tmp_path / "kernels" / "scan.py"):
        exec(compile("def f(x):\n    return len(x)\n", str(path), "exec"), own := {})
        names[path.name] = own["f"]
    with guardcommands.Calls(tmp_path) as calls:
        names["own.py"]([])
        names["scan.py"]([])
        sorted([2, 1], key=lambda x: -x)
    assert calls.n == 2


def test_calls_of_another_python_are_not_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A minor version of Python counts in its own way: its calls are no fault, and that is said."""
    figures = tmp_path / "guard.json"
    figures.write_text(
        json.dumps({"versions": {"python": "3.1.4"}, "calls": {"railshed circle": 1}}),
        encoding="utf-8",
    )
    monkeypatch.setattr(guard, "_FIGURES", figures)
    guard.report({"calls": {"railshed circle": 9}}, "", accept=False)
    assert "calls of commands are not compared" in capsys.readouterr().out
    figures.write_text(
        figures.read_text(encoding="utf-8").replace("3.1.4", platform.python_version()),
        encoding="utf-8",
    )
    with pytest.raises(SystemExit, match="railshed circle: 9 calls"):
        guard.report({"calls": {"railshed circle": 9}}, "", accept=False)


def test_help_tells_how_to_accept() -> None:
    """`--help` names the counts and the way to accept a change."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "guard.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for words in ("--accept", "--mutants", "lines", "instructions", "calls", "valgrind"):
        assert words in done.stdout
