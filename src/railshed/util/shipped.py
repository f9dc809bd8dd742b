"""What a name may mean: a file that is there, or something in the folder of the shipped networks."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def networks_root() -> Path:
    """Return the folder of the shipped networks: in the installed package, or at the top of a checkout."""
    inside = _PACKAGE / "networks"
    return inside if inside.is_dir() else _PACKAGE.parents[1] / "networks"


def exists(path: Path) -> bool:
    """Return whether there is such a file or folder."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a text that is no path at all: too long, or with a NUL
        return False
