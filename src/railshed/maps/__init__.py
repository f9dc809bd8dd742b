"""Maps for print, offline: a circle, what a scenario changes, the agglomerations side by side."""

from railshed.maps.basemap import AnyBasemap, Basemap, load_basemap
from railshed.maps.city import draw_circle, draw_difference
from railshed.maps.data import Area, Change, Estimate, MapData, NationalData, Words
from railshed.maps.national import draw_national
from railshed.maps.projection import Crs
from railshed.maps.rails import merge_legs
from railshed.maps.save import Pictures, pictures_of, save_figure

__all__ = [
    "AnyBasemap",
    "Area",
    "Basemap",
    "Change",
    "Crs",
    "Estimate",
    "MapData",
    "NationalData",
    "Pictures",
    "Words",
    "draw_circle",
    "draw_difference",
    "draw_national",
    "load_basemap",
    "merge_legs",
    "pictures_of",
    "save_figure",
]
