"""What `import railshed` offers: exactly the documented names, each with a docstring."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import railshed
from railshed.kernels.jit import NOT_KERNELS

SOURCE = Path(railshed.__file__).parent
PUBLIC = set(railshed.__all__)
VALUES = {"__version__"}


def test_dir_holds_the_public_names() -> None:
    """`dir` holds the names of `__all__`, each of which stands there once; the guide has them
    (tests/guide).
    """
    assert sorted(railshed.__all__) == sorted(dir(railshed))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_each_name_can_be_imported(name: str) -> None:
    """Every name is there, and functions and classes say in one sentence what they are."""
    (
        importlib.import_module("railshed.cli.main"),
        importlib.import_module("railshed.report.run_folder.circle"),
    )
    member = getattr(railshed, name)
    assert not inspect.ismodule(member), "a module of the same name hides it"
    if name not in VALUES:
        doc = inspect.getdoc(member)
        assert doc
        first = doc.splitlines()[0]
        assert first.endswith((".", ":")), first
        assert not first.startswith(f"{name}("), "a docstring made by dataclass"


@pytest.mark.parametrize("name", sorted(PUBLIC - VALUES))
def test_public_methods_have_docstrings(name: str) -> None:
    """So do the public methods and properties of the classes."""
    member = getattr(railshed, name)
    if inspect.isclass(member):
        own = {k: getattr(member, k) for k in vars(member) if not k.startswith("_")}
        methods = [
            k
            for k, v in own.items()
            if callable(v) or isinstance(v, property) or hasattr(v, "attrname")
        ]
        assert [k for k in methods if not inspect.getdoc(own[k])] == []


def test_an_unknown_name_is_refused() -> None:
    """Any other name is an AttributeError as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'isochrone'"):
        railshed.isochrone  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    """The block that type checkers read imports the names that are loaded late."""
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [n for n in tree.body if isinstance(n, ast.If)]
    seen = {
        (alias.asname, str(n.module).removeprefix("railshed."))
        for n in block.body
        if isinstance(n, ast.ImportFrom)
        for alias in n.names
    }
    assert seen == set(railshed._HOMES.items())


def test_importing_the_package_is_light() -> None:
    """`import railshed` alone imports its version and none of its other modules."""
    code = (
        "import sys, railshed; print([m for m in sys.modules if m.startswith('railshed.') or m "
        "== 'numpy'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=SOURCE.parent,
        encoding="utf-8",
    )
    assert done.stdout.strip() == "['railshed._version']"


def test_errors_are_also_builtin_errors() -> None:
    """Each error can be caught as the built-in one that it is."""
    assert issubclass(railshed.InputError, ValueError)
    assert issubclass(railshed.ParameterError, ValueError)
    assert issubclass(railshed.NotFoundError, LookupError)
    assert issubclass(railshed.OutputError, OSError)
    for name in ("InputError", "ParameterError", "NotFoundError", "OutputError"):
        assert issubclass(getattr(railshed, name), railshed.RailshedError)


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(str(node.module))
    return found


KERNELS = sorted(path for path in (SOURCE / "kernels").glob("*.py") if path.name not in NOT_KERNELS)


@pytest.mark.parametrize("path", KERNELS, ids=lambda p: p.name)
def test_kernels_import_numpy_and_numba_only(path: Path) -> None:
    """Kernels import numpy, numba, the standard library and each other: their source alone names
    compiled code.
    """
    for module in imported(path):
        top = module.split(".")[0]
        if top == "railshed":
            assert module.startswith("railshed.kernels"), module
        else:
            assert top in {"numpy", "numba"} or top in sys.stdlib_module_names, module


@pytest.mark.parametrize("path", KERNELS, ids=lambda p: p.name)
def test_kernels_neither_raise_nor_print(path: Path) -> None:
    """No raise, print, dict or file in a kernel."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Raise | ast.Dict | ast.With | ast.Try), (
            f"line {node.lineno}"
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"print", "open"}, f"line {node.lineno}"


def test_no_module_bears_the_name_of_a_public_function() -> None:
    """`railshed.circle` is a function, so no module is called circle."""
    modules = {p.stem for p in SOURCE.iterdir()}
    assert not modules & {n for n in PUBLIC if n.islower() and not n.startswith("_")}


def test_every_module_says_what_it_is() -> None:
    """Each module begins with a docstring."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.stat().st_size:
            module = "railshed." + ".".join(path.relative_to(SOURCE).with_suffix("").parts)
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), module
    assert importlib.import_module("railshed").__doc__
