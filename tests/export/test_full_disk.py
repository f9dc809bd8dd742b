"""Every format on a disk that is a little too small: an OutputError and no file, also where a
library says nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

from railshed.export.formats import FORMATS, write_layers
from railshed.export.omx import write_omx
from railshed.maps.save import save_figure
from railshed.util.csv_json import write_csv
from railshed.util.errors import OutputError

N = 2_000


@contextmanager
def disk_of(size: int, folder: Path) -> Iterator[Path]:
    """Yield a folder on a disk of so many bytes; skip where none can be mounted."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk can be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def points() -> gpd.GeoDataFrame:
    draw = np.random.default_rng(17)
    texts = [str(value) for value in draw.random(N)]
    return gpd.GeoDataFrame(
        {"a": draw.random(N), "b": texts}, geometry=shapely.points(draw.random((N, 2))), crs=4326
    )


def pairs(path: Path) -> None:
    ids = np.arange(150).astype(str)
    table = pd.DataFrame({"from_id": np.repeat(ids, 150), "to_id": np.tile(ids, 150)})
    write_omx(table.assign(minutes=np.random.default_rng(17).random(len(table))), path)


def noise(path: Path) -> None:
    figure = Figure()
    figure.figimage(np.random.default_rng(17).random((300, 300)))
    save_figure(figure, path)


def layers(path: Path) -> None:
    write_layers(path, {"cells": points()})


WRITERS: dict[str, Callable[[Path], Any]] = {
    **{one.ending: layers for one in FORMATS}, ".omx": pairs, ".png": noise, ".pdf": noise,
    ".csv": lambda path: write_csv(pd.DataFrame(points()), path),
}  # fmt: skip


@pytest.mark.parametrize("ending", WRITERS)
def test_a_disk_that_is_too_small(tmp_path: Path, ending: str) -> None:
    """Disks 1, 2, 8, 24 blocks smaller than the file, and one of two blocks."""
    whole = tmp_path / f"x{ending}"
    WRITERS[ending](whole)
    size = whole.stat().st_size
    for room in [size - 4096 * fewer for fewer in (1, 2, 8, 24)] + [8192]:
        with disk_of(max(room, 8192), tmp_path / "disk") as disk:
            with pytest.raises(OutputError, match=r"disk.x\.\w+ cannot be written .*disk full"):
                WRITERS[ending](disk / whole.name)
            assert list(disk.iterdir()) == []
