"""Scripts of the repository that no package holds: those that build the shipped data."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

CHINA = Path(__file__).parents[2] / "networks" / "china"


def build_script(name: str) -> ModuleType:
    """Return a script of networks/china as a module."""
    if name in sys.modules:
        return sys.modules[name]
    if str(CHINA) not in sys.path:  # scripts import each other
        sys.path.insert(0, str(CHINA))
    spec = importlib.util.spec_from_file_location(name, CHINA / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
