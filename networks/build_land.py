"""Land of the world for the maps, written to src/railshed/maps/land.npz.

It is Natural Earth's, simplified, with the outlines of Hong Kong and Macao, where stations stand on
newer land. Coordinates are whole steps of `GRID_DEG`, stored as differences from corner to corner,
which makes the file small. Antarctica is left out, the outlines stand last. Run: python
networks/build_land.py [folder of raw data]
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely

RAW = Path(__file__).resolve().parents[2] / "shared" / "data"
OUTPUT = Path(__file__).resolve().parents[1] / "src" / "railshed" / "maps" / "land.npz"
#: degrees: of a ring, corners nearer to the straight line go; of the grid of coordinates (54 m)
TOLERANCE_DEG, GRID_DEG = 0.003, 2.0**-11
#: codes of Hong Kong and Macao in the table of prefectures
OUTLINED = ("810000", "820000")
ANTARCTICA_SOUTH_OF = -60.0


def decode_land(topology: dict[str, Any]) -> np.ndarray:
    """Return the polygons of a quantised TopoJSON of land, in degrees."""
    transform = topology["transform"]
    arcs = [
        np.cumsum(arc, axis=0) * transform["scale"] + transform["translate"]
        for arc in topology["arcs"]
    ]

    def ring(numbers: list[int]) -> np.ndarray:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    (land,) = topology["objects"]["land"]["geometries"]
    return np.array(
        [shapely.Polygon(ring(outer), [ring(h) for h in holes]) for outer, *holes in land["arcs"]]
    )


def read_outlines(file: Path) -> np.ndarray:
    """Return the polygons of Hong Kong and Macao, in degrees."""
    csv.field_size_limit(10**9)
    with file.open(encoding="utf-8-sig", newline="") as table:
        return shapely.from_wkt(
            [row["coord"] for row in csv.DictReader(table) if row["city_code"] in OUTLINED]
        )


def simplify(polygons: np.ndarray, tolerance_deg: float = TOLERANCE_DEG) -> np.ndarray:
    """Return valid polygons with fewer corners on the grid, sorted from west to east."""
    polygons = polygons[shapely.bounds(polygons)[:, 3] > ANTARCTICA_SOUTH_OF]
    coarse = shapely.make_valid(shapely.simplify(shapely.make_valid(polygons), tolerance_deg))
    whole = shapely.union_all(shapely.set_precision(coarse, GRID_DEG), grid_size=GRID_DEG)
    parts = shapely.get_parts(shapely.normalize(whole))
    parts = parts[shapely.get_dimensions(parts) == 2]
    bounds = shapely.bounds(parts)
    return parts[np.lexsort(bounds.T[::-1])]


def main() -> None:
    """Write the file."""
    raw = Path(sys.argv[1]) if len(sys.argv) > 1 else RAW
    topology = json.loads((raw / "natural_earth" / "land-10m.json").read_text(encoding="utf-8"))
    outlines = read_outlines(raw / "china" / "prefectures" / "census_city_2010-2020_v1.csv")
    outlines = simplify(outlines, 0.0)
    land = np.concatenate([simplify(decode_land(topology)), outlines])
    rings, polygon = shapely.get_rings(land, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.diff(np.rint(corners / GRID_DEG).astype(np.int32), axis=0, prepend=0)
    np.savez_compressed(
        OUTPUT,
        grid_deg=np.float64(GRID_DEG),
        n_outlines=np.int32(len(outlines)),
        dlon=steps[:, 0],
        dlat=steps[:, 1],
        n_corners=np.bincount(ring).astype(np.int32),
        n_rings=np.bincount(polygon).astype(np.int32),
    )
    print(
        f"{OUTPUT}: {len(land)} polygons, {len(corners)} corners, "
        f"{OUTPUT.stat().st_size / 1000:.0f} kB"
    )


if __name__ == "__main__":
    main()
