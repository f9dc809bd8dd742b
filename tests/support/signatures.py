"""Kernels compiled while tests run: each for the types that the package's list has for it, and for
no other.

The package compiles kernels for the types of `signatures.json` when it is built. A call with others
would compile the kernel again, seconds in a user's command, in silence.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import railshed
from railshed.kernels.build import SIGNATURES, encoded, kernels
from railshed.kernels.jit import ShippedCode

#: set for a test whose calls write the list
VARIABLE = "RAILSHED_SIGNATURES"
_said = ShippedCode.save_overload


@cache
def called_by_python() -> frozenset[str]:
    """Return the kernels whose variables modules outside their folder name."""
    folder = Path(railshed.__file__).parent
    texts = [
        path.read_text(encoding="utf-8")
        for path in folder.rglob("*.py")
        if path.parent.name != "kernels"
    ]
    words = {
        word for text in texts if "railshed.kernels" in text for word in re.findall(r"\w+", text)
    }
    return frozenset(name for name, _, variable in kernels() if variable in words)


def listed() -> dict[str, list[Any]]:
    """Return the types of arguments by kernel."""
    return dict(json.loads(SIGNATURES.read_text(encoding="ascii")))


def write(types: dict[str, list[Any]]) -> None:
    """Write the list, without kernels that Python does not call."""
    mine = sorted(types.items())
    rows = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(row)}"
        for name, row in mine
        if name in called_by_python()
    )
    SIGNATURES.write_text(f"{{\n{rows}\n}}\n", encoding="ascii")


def check_compiled(code: ShippedCode, signature: tuple[Any, ...], compiled: Any = None) -> None:
    """Say that a kernel was compiled; fail where Python calls it and the list has other types for
    it.
    """
    _said(code, signature, compiled)
    found, known = [*map(encoded, signature)], listed()
    if code.name not in called_by_python() or known.get(code.name) == found:
        return
    if not os.environ.get(VARIABLE):
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        raise AssertionError(
            f"{code.name} is compiled for {found}, and the package compiles it for "
            f"{known.get(code.name)} alone. Where "
            f"all callers pass the new types, `{VARIABLE}=1 python -m pytest -n 0 {test}` writes "
            "them into the list"
        )
    write(known | {code.name: found})
