"""Whole metres between points and cells on the WGS84 ellipsoid, and the cells near points.

A point's surroundings are taken as flat, with the lengths of a degree north and east at the middle
latitude between both ends: to 20 km within 0.1 m of the geodesic, to 150 km within 0.02 %. Those
lengths are a parabola in the difference of latitude, fitted once a point.
"""

import numpy as np

from railshed.kernels.jit import kernel

_A_M = 6_378_137.0
_E2 = 0.00669437999014
#: degrees of latitude north and south of a point through which the parabolas go
_STEP = 0.25


@kernel
def degree_lengths(lat):
    """Return metres of a degree of latitude and of longitude at a latitude."""
    sine = np.sin(np.radians(lat))
    w = 1.0 - _E2 * sine * sine
    return np.radians(_A_M) * (1.0 - _E2) / (w * np.sqrt(w)), np.radians(_A_M) * np.cos(
        np.radians(lat)
    ) / np.sqrt(w)


@kernel
def parabolas(lat):
    """Return (n0, n1, n2, e0, e1, e2): a degree north, east is x0 + u * (x1 + u * x2) metres at
    latitude `lat` + u.
    """
    south = degree_lengths(lat - _STEP)
    here = degree_lengths(lat)
    north = degree_lengths(lat + _STEP)
    return (
        here[0],
        (north[0] - south[0]) / (2 * _STEP),
        (north[0] + south[0] - 2 * here[0]) / (2 * _STEP * _STEP),
        here[1],
        (north[1] - south[1]) / (2 * _STEP),
        (north[1] + south[1] - 2 * here[1]) / (2 * _STEP * _STEP),
    )


@kernel
def whole_metres(p, d_lon, d_lat):
    """Return metres over a difference in degrees, to the nearest; `p` are the `parabolas` of one
    end's latitude.
    """
    u = 0.5 * d_lat
    north = d_lat * (p[0] + u * (p[1] + u * p[2]))
    east = (d_lon - 360.0 * np.floor(d_lon / 360.0 + 0.5)) * (p[3] + u * (p[4] + u * p[5]))
    return np.int64(np.floor(np.sqrt(north * north + east * east) + 0.5))


@kernel
def metres_between(lon, lat, to_lon, to_lat):
    """Return int64 (n, m) whole metres between points, float64 degrees (n,) and (m,)."""
    out = np.empty((len(lon), len(to_lon)), np.int64)
    for i in range(len(lon)):
        p = parabolas(lat[i])
        for j in range(len(to_lon)):
            out[i, j] = whole_metres(p, to_lon[j] - lon[i], to_lat[j] - lat[i])
    return out


@kernel
def boxes(row, column, reach):
    """Return int64 keys (`cells.cell_keys`) of the cells in squares around others, `reach` cells to
    each side.
    """
    n = 0
    for k in range(len(row)):
        n += (2 * reach[k] + 1) ** 2
    out = np.empty(n, np.int64)
    n = 0
    for k in range(len(row)):
        for r in range(row[k] - reach[k], row[k] + reach[k] + 1):
            for c in range(column[k] - reach[k], column[k] + reach[k] + 1):
                out[n] = (r << 32) + c + (1 << 31)
                n += 1
    return out


@kernel
def cells_near(keys, cell_lon, cell_lat, lon, lat, row, column, reach, radius):
    """Return (ptr, cell, metres): the cells within whole metres of each point, nearest first, ties
    by cell.

    keys int64 (n_cells,) sorted, cell_lon and cell_lat float64; of the points float64 lon and lat,
    int64 row and column, `reach` (cells that hold the radius) and `radius`. ptr int64 (n_points +
    1,), cell int64, metres int64.
    """
    ptr = np.zeros(len(row) + 1, np.int64)
    packed = np.empty(1024, np.int64)
    n = 0
    for k in range(len(row)):
        p = parabolas(lat[k])
        start = n
        for r in range(row[k] - reach[k], row[k] + reach[k] + 1):
            low = np.searchsorted(keys, (r << 32) + column[k] - reach[k] + (1 << 31))
            top = (r << 32) + column[k] + reach[k] + (1 << 31)
            while low < len(keys) and keys[low] <= top:
                metres = whole_metres(p, cell_lon[low] - lon[k], cell_lat[low] - lat[k])
                if metres <= radius[k]:
                    if n == len(packed):
                        packed = np.append(packed, np.empty(n, np.int64))
                    packed[n] = (metres << 32) | low
                    n += 1
                low += 1
        packed[start:n].sort()
        ptr[k + 1] = n
    return ptr, packed[:n] & 0xFFFFFFFF, packed[:n] >> 32


@kernel
def last_within(first, last, metres, within):
    """Return int64 (n,): the place after the last of the rising metres of [first, last) that is
    within a distance.
    """
    out = np.empty(len(first), np.int64)
    for k in range(len(first)):
        out[k] = first[k] + np.searchsorted(metres[first[k] : last[k]], within[k], side="right")
    return out
