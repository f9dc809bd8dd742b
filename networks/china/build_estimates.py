"""Coordinates and counties that were decided by hand, each with its reason."""

from __future__ import annotations

#: stations where a border is crossed to board
BORDER_STATIONS = frozenset({"香港西九龙"})
#: outside the county polygons (Laos, Hong Kong): no county, no census
FAR_SOURCES = frozenset({"磨丁", "万象", "万荣", "琅勃拉邦", "香港西九龙"})
#: name -> (lon, lat, confidence, source, likely error in km, how)
COORDINATES: dict[str, tuple[float, float, str, str, float, str]] = {}
#: name -> county code where the point lies in a neighbouring polygon and the station's county is known
COUNTY_OF: dict[str, str] = {}
