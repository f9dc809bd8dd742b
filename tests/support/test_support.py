"""The tools of the tests: mutants, floors of coverage, seeds inside a test, the cache of tests of
China.
"""

from __future__ import annotations

import os
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tests.support.coverage_floors import covered, risen
from tests.support.mutants import mutants
from tests.support.mutate import Nearness, put_in
from tests.support.seeds import each_seed

ROOT = Path(__file__).parents[2]

MODULE = '''
def f(a: int, b):
    """Say 3 < 4."""
    if not a:
        return 0
    x = min(a, b) + 1
    note(x)
    y = x[1:, b] - 60 * -x
    return x < draw(seed) and f"{x + 1}"
'''


def test_every_kind_of_defect_is_made_once() -> None:
    """One mutant for each place of a small module; none in annotations, docstrings or texts."""
    found = {(m.kind, m.after.strip()) for m in mutants(Path("m.py"), MODULE)}
    assert found == {
        ("not", "if (a):"),
        ("dropped guard", "pass"),
        ("off by one", "return (1)"),
        ("minus one", "return (-1)"),
        ("swapped", "x = (max)(a, b) + 1"),
        ("arithmetic", "x = (min(a, b) - 1)"),
        ("off by one", "x = min(a, b) + (2)"),
        ("minus one", "x = min(a, b) + (0)"),
        ("dropped statement", "pass"),
        ("slice", "y = (x[:, b]) - 60 * -x"),
        ("slice", "y = (x[1 + 1:, b]) - 60 * -x"),
        ("off by one", "y = x[(2):, b] - 60 * -x"),
        ("minus one", "y = x[(0):, b] - 60 * -x"),
        ("arithmetic", "y = (x[1:, b] + 60 * -x)"),
        ("sign", "y = (60 * -x - x[1:, b])"),
        ("arithmetic", "y = x[1:, b] - (60 / -x)"),
        ("unit", "y = x[1:, b] - (-x)"),
        ("off by one", "y = x[1:, b] - (61) * -x"),
        ("minus one", "y = x[1:, b] - (59) * -x"),
        ("unit", "y = x[1:, b] - (3600) * -x"),
        ("sign", "y = x[1:, b] - 60 * (x)"),
        ("comparison", 'return (x <= draw(seed)) and f"{x + 1}"'),
        ("draws", 'return x < (draw + 1)(seed) and f"{x + 1}"'),
        ("draws", 'return x < draw((seed + 1)) and f"{x + 1}"'),
        ("and/or", "return (x < draw(seed) or f'{x + 1}')"),
    }


def test_a_mutant_changes_its_lines_alone() -> None:
    """The module with a defect differs in the lines of that mutant; a guard of two lines becomes
    `pass`.
    """
    for mutant in mutants(Path("m.py"), MODULE):
        assert mutant.compiles(MODULE)
        assert mutant.source(MODULE).replace(mutant.after, mutant.before, 1) == MODULE
    assert "if not a" not in next(
        m for m in mutants(Path("m.py"), MODULE) if m.kind == "dropped guard"
    ).source(MODULE)


def test_near_tests_are_those_of_the_room_and_of_the_words() -> None:
    """Sixty at most; those that use a function's words in a file of its module's name
    come first.
    """
    module = Path("src", "railshed", "export", "omx.py")
    text = (ROOT / module).read_text(encoding="utf-8")
    line = next(k for k, part in enumerate(text.splitlines(), start=1) if part.startswith("def "))
    near = Nearness(ROOT).of(module, text, line + 1)
    assert near[0].startswith("tests/export/test_omx.py::test_")
    assert 1 < len(near) <= 80


def test_a_defect_is_put_into_functions_that_are_imported(tmp_path: Path) -> None:
    """Also into those that other modules hold; a changed constant of the module is not possible."""
    file = tmp_path / "made.py"
    text = "A = 2\n\n\ndef twice(x):\n    return A * x\n"
    file.write_text(text, encoding="utf-8")
    spec = spec_from_file_location("made", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    held = module.twice
    assert not put_in(file, text.replace("A = 2", "A = 3"))
    assert held(5) == 10
    assert put_in(file, text.replace("A * x", "(A\n    + x)"))
    assert held(5) == 7


def test_floors_of_coverage_never_fall() -> None:
    """6 of 8 statements and branches are 75 %; a floor of 80 stays, one of 70 rises to 75, a new
    one is 85 at least.
    """
    summary = {"covered_lines": 4, "num_statements": 5, "covered_branches": 2, "num_branches": 3}
    found = covered(
        {f"/x/src/railshed/{name}": {"summary": summary} for name in ("a.py", "b.py", "maps/c.py")}
    )
    assert found == {"maps": 75.0, "railshed": 75.0}
    assert risen({"maps": 80, "railshed": 70, "gone": 99}, found) == {"maps": 80, "railshed": 75}
    assert risen({}, {"new": 60.0, "more": 91.9}) == {"new": 85, "more": 91}


def test_the_seed_that_fails_is_named() -> None:
    """Seeds run in order until one fails; its number is a note of the error."""
    ran = []

    @each_seed(range(5))
    def test(seed: int, limit: int) -> None:
        ran.append(seed)
        assert seed < limit

    with pytest.raises(AssertionError) as caught:
        test(limit=2)
    assert ran == [0, 1, 2]
    assert caught.value.__notes__ == ["seed=2"]


@pytest.mark.parametrize("shared", [False, pytest.param(True, marks=pytest.mark.china)])
def test_the_cache_is_on_for_tests_of_china_alone(shared: bool) -> None:
    """In a folder of the run; every other test reads its networks anew."""
    assert os.environ.get("RAILSHED_NETWORK_CACHE") == (None if shared else "0")
    assert (os.environ.get("RAILSHED_CACHE_DIR") == os.environ["RAILSHED_TESTS_CACHE"]) == shared
