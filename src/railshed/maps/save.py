"""Figures as files: the same bytes twice, and nothing half-written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from railshed.errors import ParameterError
from railshed.store import atomic_path

FORMATS = ("png", "pdf", "svg")


def save_figure(figure: Any, path: str | Path) -> Path:
    """Write the figure as PNG, PDF or SVG, by the ending of `path`, and return the path.

    Raises
    ------
    ParameterError
        When the ending is none of them.
    OutputError
        When the place cannot be written.
    """
    from railshed.maps.style import settings

    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ParameterError(f"unknown picture format {target.suffix!r} of {target.name}; allowed: .png, .pdf, .svg")
    metadata: dict[str, None] = {
        "pdf": {"CreationDate": None},
        "svg": {"Date": None},
        "png": {"Software": None},
    }[kind]
    with settings(), atomic_path(target) as part:
        figure.savefig(part, format=kind, metadata=metadata)
    return target
