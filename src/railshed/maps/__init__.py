"""Maps for print, offline: a circle, what a scenario changes, the agglomerations side by side."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railshed.maps.basemap import AnyBasemap as AnyBasemap
    from railshed.maps.basemap import Basemap as Basemap
    from railshed.maps.basemap import load_basemap as load_basemap
    from railshed.maps.city import draw_circle as draw_circle
    from railshed.maps.city import draw_difference as draw_difference
    from railshed.maps.data import Area as Area
    from railshed.maps.data import Change as Change
    from railshed.maps.data import Estimate as Estimate
    from railshed.maps.data import MapData as MapData
    from railshed.maps.data import NationalData as NationalData
    from railshed.maps.data import Outline as Outline
    from railshed.maps.data import Words as Words
    from railshed.maps.national import draw_national as draw_national
    from railshed.maps.panels import draw_panels as draw_panels
    from railshed.maps.projection import Crs as Crs
    from railshed.maps.rails import merge_legs as merge_legs
    from railshed.maps.save import Pictures as Pictures
    from railshed.maps.save import pictures_of as pictures_of
    from railshed.maps.save import save_figure as save_figure
    from railshed.maps.service import draw_station_map as draw_station_map

#: where each name lives; imported when first used: a circle that is not drawn needs the data of a map alone
_HOMES = {
    "AnyBasemap": "basemap",
    "Area": "data",
    "Basemap": "basemap",
    "Change": "data",
    "Crs": "projection",
    "Estimate": "data",
    "MapData": "data",
    "NationalData": "data",
    "Outline": "data",
    "Pictures": "save",
    "Words": "data",
    "draw_circle": "city",
    "draw_difference": "city",
    "draw_national": "national",
    "draw_panels": "panels",
    "draw_station_map": "service",
    "load_basemap": "basemap",
    "merge_legs": "rails",
    "pictures_of": "save",
    "save_figure": "save",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'railshed.maps' has no attribute {name!r}")
    return getattr(import_module(f"railshed.maps.{_HOMES[name]}"), name)
