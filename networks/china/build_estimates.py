"""Coordinates and counties that were decided by hand, each with its reason."""

from __future__ import annotations

#: stations where a border is crossed to board
BORDER_STATIONS = frozenset({"香港西九龙"})
#: outside the county polygons (Laos, Hong Kong): no county, no census
ABROAD = frozenset({"磨丁", "万象", "万荣", "琅勃拉邦", "香港西九龙"})
#: name -> (lon, lat, confidence, source, likely error in km, how)
COORDINATES: dict[str, tuple[float, float, str, str, float, str]] = {
    # the interpolated point (104.407, 28.894) lies 5 km inside 叙州区; the station is in 屏山县
    # (memory: 大乘镇), and the point of that county nearest to the line keeps both mileages and run
    # times (9, 12 min)
    "屏山": (
        104.3700,
        28.8570,
        "low",
        "estimate",
        4.0,
        (
            "two mileage tables (19-20 of 48 km from 泥溪 to 宜宾西), moved 5 km SW into 屏山县 "
            "(memory)"
        ),
    ),
}
