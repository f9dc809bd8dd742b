"""The structure of the package: rooms and circles of imports. `lint-imports` holds the floors."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "railshed"


def modules() -> dict[str, Path]:
    """Return the modules of the package by dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(("railshed", *(p for p in parts if p != "__init__")))] = path
    return found


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a module imports anywhere in it, for type checking
    too.
    """
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] == "railshed"
        ):
            found |= {
                name if (name := f"{node.module}.{alias.name}") in known else node.module
                for alias in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in known}
    return found


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other in a circle."""
    parts = nx.strongly_connected_components(nx.DiGraph(graph))
    return [sorted(part) for part in parts if len(part) > 1]


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports form no circle, counting those inside functions and those for type checking alone."""
    known = modules()
    assert circles({name: imported(path, known) - {name} for name, path in known.items()}) == []


def test_a_circle_is_found() -> None:
    """Two modules that import each other are a circle; a chain is none."""
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == [["a", "b"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_each_room_has_a_floor() -> None:
    """`lint-imports` holds the imports of each folder of the package but `guide`; three modules
    stand outside them.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    (floors,) = (
        one["layers"] for one in settings["contracts"] if one.get("containers") == ["railshed"]
    )
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {room.strip() for floor in floors for room in floor.split("|")} == rooms - {"guide"}
    assert {path.name for path in SOURCE.glob("*.py")} == {
        "__init__.py",
        "__main__.py",
        "_version.py",
    }
