"""Build networks/china from the raw folder: `python networks/china/build.py RAW_DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import build_timetable  # noqa: E402


def main(raw_dir: Path, out_dir: Path = HERE) -> None:
    """Write all files of the network."""
    build_timetable.main(raw_dir, out_dir)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
