"""Hook of the build: kernels are compiled into the wheel, for an editable installation into the
sources' folder.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # type: ignore[import-not-found]

_FOLDER = "src/railshed/kernels/compiled/"
#: switches it off
_VARIABLE = "RAILSHED_NO_PREBUILD"


class KernelsHook(BuildHookInterface):  # type: ignore[misc]
    """Compiles kernels before files are collected.

    Where that fails it warns, and kernels are compiled when used.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and make the wheel one of this platform and Python."""
        if os.environ.get(_VARIABLE, "0") != "0":
            return
        paths = [str(Path(self.root) / "src"), *sys.path]
        code = (
            f"import sys; sys.path[:] = {paths!r}; from railshed.kernels.build import build; "
            "build()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        if done.returncode:
            self.app.display_warning(
                f"kernels are compiled when they are used, not now:\n{done.stderr[-2000:]}"
            )
            return
        build_data["artifacts"].append(_FOLDER)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
