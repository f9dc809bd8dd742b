"""A town on the equator with a river, laid out in metres, as a file of OpenStreetMap. Streets at
3.6 km/h: 1 m/s.

Files hold positions to 1e-7 degrees, a centimetre: the town is a ten-thousandth smaller than drawn,
so that no street is longer than its metres and seconds rounded up are round.

::

    y = 300   6 <--- 5 <--- 4        one-way 4 > 5 > 6 > 1, 50 km/h, bicycles both ways
                                     (cycleway=opposite)
              |      # steps|        one-way too: 3 > 4 and 6 > 1
    y = 0     1 ---- 2 ---- 3        two-way, 30 km/h
    river  ~~~~~~~~~~~~~~~~ | ~~~    the only bridge: 3 - 22, two-way, 20 mph
    y = -200 21 ----------- 22       two-way, no limit given: 25 km/h
              \\- 23 private          y = -300
    x         0     300    600
"""

from __future__ import annotations

from pathlib import Path

from tests.support.osm_town import way, write

SMALLER = 0.9999
DEGREE_M = 6_371_009 * 3.141592653589793 / 180 / SMALLER


def node(number: int, x_m: float, y_m: float) -> str:
    """A node so many metres east and north of (0, 0)."""
    return f'<node id="{number}" lon="{x_m / DEGREE_M:.9f}" lat="{y_m / DEGREE_M:.9f}"/>'


PLACES = {
    1: (0, 0),
    2: (300, 0),
    3: (600, 0),
    4: (600, 300),
    5: (300, 300),
    6: (0, 300),
    21: (0, -200),
    22: (600, -200),
    23: (0, -300),
    31: (0, 400),
    32: (600, 400),
}
NODES = [node(number, *place) for number, place in PLACES.items()]
WAYS = [
    way(101, 1, 2, 3, highway="residential", maxspeed="30"),
    way(
        102, 3, 4, 5, 6, 1, highway="residential", maxspeed="50", oneway="yes", cycleway="opposite"
    ),
    way(103, 2, 5, highway="steps"),
    way(104, 3, 22, highway="tertiary", bridge="yes", maxspeed="20 mph"),
    way(105, 21, 22, highway="unclassified"),
    way(106, 21, 23, highway="service", access="private"),
    way(107, 1, 21, route="ferry"),
    way(108, 31, 32, highway="construction"),
    way(109, 31, 32, railway="rail"),
]


def write_streets(path: Path) -> Path:
    return write(path, *NODES, *WAYS)
