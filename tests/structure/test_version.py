"""The version of a release stands in four files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import railshed

ROOT = Path(__file__).parents[2]


def found(pattern: str, name: str) -> str | None:
    """Return what the first match of a pattern in a file has in its group."""
    match = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return match and match[1]


def test_files_agree_on_the_version() -> None:
    """pyproject.toml, the package, CITATION.cff and the newest closed heading of CHANGELOG.md have
    one version.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert found(r"^version: (\S+)$", "CITATION.cff") == project["version"]
    assert found(r"^## (\d\S*\d)", "CHANGELOG.md") == project["version"]
    assert railshed.__version__ == project["version"]
