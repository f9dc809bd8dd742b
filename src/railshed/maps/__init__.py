"""Maps for print, offline: a circle, what a scenario changes, the agglomerations side by side."""

from railshed.maps.basemap import AnyBasemap, Basemap, load_basemap
from railshed.maps.city import draw_circle, draw_difference
from railshed.maps.data import Area, Change, Estimate, MapData, NationalData, Outline, Words
from railshed.maps.national import draw_national
from railshed.maps.panels import draw_panels
from railshed.maps.projection import Crs
from railshed.maps.rails import merge_legs
from railshed.maps.save import Pictures, pictures_of, save_figure
from railshed.maps.service import draw_station_map

__all__ = [
    "AnyBasemap",
    "Area",
    "Basemap",
    "Change",
    "Crs",
    "Estimate",
    "MapData",
    "NationalData",
    "Outline",
    "Pictures",
    "Words",
    "draw_circle",
    "draw_difference",
    "draw_national",
    "draw_panels",
    "draw_station_map",
    "load_basemap",
    "merge_legs",
    "pictures_of",
    "save_figure",
]
