"""Coverage of each part of the package against the floors of coverage_floors.json, which may only
rise.

    python tests/support/coverage_floors.py COVERAGE.json [--write]

COVERAGE.json comes from `coverage json`. Statements and branches count together. Leaves with 1
where a part is below its floor. With --write floors rise to what is covered, rounded down to a
whole percent; parts that are gone go, new ones come.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FLOORS = Path(__file__).with_suffix(".json")
#: per cent of a part that has no floor yet
NEW = 85


def covered(files: Mapping[str, Any]) -> dict[str, float]:
    """Return the per cent covered of each sub-package; modules beside them are one part,
    `railshed`.
    """
    counts: dict[str, list[int]] = {}
    for name, file in files.items():
        parts = Path(name).parts
        inside = parts[len(parts) - parts[::-1].index("railshed") :]
        part = inside[0] if len(inside) > 1 else "railshed"
        summary, count = file["summary"], counts.setdefault(part, [0, 0])
        count[0] += summary["covered_lines"] + summary["covered_branches"]
        count[1] += summary["num_statements"] + summary["num_branches"]
    return {part: 100 * hit / every for part, (hit, every) in sorted(counts.items()) if every}


def risen(floors: Mapping[str, int], found: Mapping[str, float]) -> dict[str, int]:
    """Return the floors after a run: none falls, and only parts that exist have one."""
    return {
        part: max(floors.get(part, NEW), math.floor(percent)) for part, percent in found.items()
    }


def main(arguments: list[str]) -> int:
    """Print each part with its floor; write the risen floors when asked."""
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    found = covered(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["files"])
    if "--write" in arguments:
        FLOORS.write_text(json.dumps(risen(floors, found), indent=1) + "\n", encoding="utf-8")
    low = {part for part, percent in found.items() if percent < floors.get(part, NEW)}
    for part, percent in found.items():
        print(
            f"{part:16} {percent:5.1f} %, floor {floors.get(part, NEW)} "
            f"%{'  BELOW' if part in low else ''}"
        )
    return 1 if low or not found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
