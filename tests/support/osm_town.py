"""A town on the equator as an OpenStreetMap file, laid out in metres so that lengths are round.

::

    North                                    y = 4,000   branch of 5 + 3 km; a siding goes straight
                                                         up
      |\\
    West === Mid === East      Far           y = 0       two tracks; 6 km, 6 km, and 8 km without
                                                         any track
    platforms A, B beside one long track     y = -5,000  tram
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

#: metres of a degree on the sphere of `lines.great_circle_m`
DEGREE_M = 6_371_000 * 3.141592653589793 / 180


def node(number: int, x_m: float, y_m: float, **tags: str) -> str:
    """A node so many metres east and north of (0, 0)."""
    return (
        f'<node id="{number}" lon="{x_m / DEGREE_M:.9f}" '
        f'lat="{y_m / DEGREE_M:.9f}">{_tags(tags)}</node>'
    )


def way(number: int, *nodes: int, **tags: str) -> str:
    return f'<way id="{number}">{"".join(f"<nd ref={quoteattr(str(n))}/>" for n in nodes)}{_tags(tags)}</way>'


def relation(number: int, members: str, **tags: str) -> str:
    """A relation of members like ``n1:stop w101 w102``."""
    kinds = {"n": "node", "w": "way", "r": "relation"}
    parts = [member.partition(":") for member in members.split()]
    inside = "".join(
        f'<member type="{kinds[ref[0]]}" ref="{ref[1:]}" role="{role}"/>' for ref, _, role in parts
    )
    return f'<relation id="{number}">{inside}{_tags(tags)}</relation>'


def _tags(tags: dict[str, str]) -> str:
    """Tags; a double underscore in a name stands for a colon."""
    return "".join(
        f'<tag k="{key.rstrip("_").replace("__", ":")}" v={quoteattr(v)}/>'
        for key, v in tags.items()
    )


def write(path: Path, *parts: str) -> Path:
    path.write_text('<osm version="0.6">' + "\n".join(parts) + "</osm>", encoding="utf-8")
    return path


NODES = [
    node(1, 0, 0, railway="stop", name="West"),
    node(2, 6_000, 0, railway="stop", name="Mid track 1"),
    node(3, 12_000, 0, railway="stop", name="East", name__en="East End"),
    node(11, 0, 10, railway="stop", name="West"),
    node(12, 6_000, 10, railway="stop", name="Mid track 2"),
    node(13, 12_000, 10, railway="stop"),
    node(20, 6_000, 60, railway="station", name="Mid"),
    node(31, 9_000, 4_000),
    node(32, 6_000, 4_000, railway="halt", name="North"),
    node(33, 20_000, 0, railway="station", name="Far"),
    node(41, 0, -5_000),
    node(42, 10_000, -5_000),
    node(43, 2_000, -5_020, public_transport="platform", name="A"),
    node(44, 5_000, -5_020, public_transport="platform", name="B"),
    node(51, 30, 2_500, railway="construction", construction="station", name="Future"),
    node(52, 0, 2_000),
    node(53, 0, 3_000),
    node(54, 500, 3_500),
    node(55, 1_000, 3_500),
    node(61, 20_000, 5_000),
    node(62, 20_300, 5_400),
    node(63, 20_300, 5_900),
    node(71, 6_000, -1_000),
    node(72, 6_000, -3_000, public_transport="stop_position", name="South"),
    node(90, 0, 300, highway="bus_stop", name="West"),
]
WAYS = [
    way(101, 1, 2, railway="rail", maxspeed="120"),
    way(102, 2, 3, railway="rail", maxspeed="50 mph"),
    way(103, 13, 12, railway="rail", maxspeed="RU:urban"),
    way(104, 12, 11, 999, railway="rail"),
    way(105, 2, 31, 32, railway="light_rail"),
    way(106, 2, 32, railway="light_rail", service="siding"),
    way(107, 41, 42, railway="tram"),
    way(
        301, 52, 53, railway="construction", construction="subway", name="Metro 2", operator="City"
    ),
    way(
        302, 54, 55, railway="construction", construction="subway", name="Metro 2", operator="City"
    ),
    way(303, 61, 62, railway="proposed", proposed="rail"),
    way(304, 62, 63, railway="proposed", proposed="rail"),
    way(305, 2, 71, 72, railway="proposed", proposed="light_rail"),
    way(306, 1, 41, railway="abandoned"),
]
RELATIONS = [
    relation(
        500,
        "n2:stop n12:stop n20",
        type="public_transport",
        public_transport="stop_area",
        name="Mid",
    ),
    relation(
        601,
        "n1:stop_entry_only w101 n2:stop w102 n3:stop n888:stop",
        type="route",
        route="train",
        ref="S1",
        name="S1: West => East",
    ),
    relation(
        602, "n13:stop w103 n12:stop w104 n11:stop_exit_only", type="route", route="train", ref="S1"
    ),
    relation(
        600,
        "r601 r602",
        type="route_master",
        route_master="train",
        name="S1",
        interval="20",
        opening_hours="Mo-Fr 05:00-24:00; Sa,Su off",
    ),
    relation(
        611,
        "n2:stop n32:stop",
        type="route",
        route="light_rail",
        ref="2",
        interval__conditional="00:05 @ (Mo-Fr 07:00-09:00); 00:30 @ (Sa)",
    ),
    relation(621, "n3:stop n33:stop", type="route", route="subway", name="Tunnel", oneway="yes"),
    relation(631, "n43:platform n44:platform w107", type="route", route="tram", name="Tram"),
    relation(641, "n1:stop n889:stop", type="route", route="train", name="X9"),
    relation(651, "n1:stop n2:stop", type="route", route="bus", name="Bus"),
    relation(
        661,
        "w305 n2:stop n72:stop",
        type="route",
        route="light_rail",
        state="proposed",
        name="LR 9",
    ),
]


def write_town(path: Path) -> Path:
    return write(path, *NODES, *WAYS, *RELATIONS)
