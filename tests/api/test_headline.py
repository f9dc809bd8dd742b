"""The rules of the headline by hand, on a line of stations along the equator and on the
toy city.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import railshed
from railshed import Circle, Network
from railshed.network.cities import Centre, City
from railshed.network.model import Station
from railshed.scenario.files import scenario_from_dict
from tests.support.small_networks import small_network

#: degrees of a metre of longitude on the equator of WGS84
DEGREE = 1 / 111_319.490793
CITY = "110101"
#: county: prefecture, west and east edge in degrees
COUNTIES = {
    "120201": ("120200", 99.9, 100.1),
    "110102": ("110100", 100.1, 100.2),
    CITY: ("110100", 100.2, 100.3),
}
#: county: degrees east of a square of 0.01 degrees, people in it
PEOPLE = {"120201": (100.0, 1_000), "110102": (100.18, 2_000), CITY: (100.23, 4_000)}


def station(name: str, metres: float, station_class: str = "small") -> Station:
    """Return a station so many metres east of 100.0 degrees, without a feeder."""
    lon = 100 + metres * DEGREE
    county = next(code for code, (_, west, east) in COUNTIES.items() if west <= lon < east)
    return Station(
        name, name, lon, 0.0, county_code=county, station_class=station_class, feeder="none"
    )


def every(minutes: int, calls: Sequence[tuple[str, int]]) -> list[list[tuple[str, str]]]:
    """Return trips from 05:00 to 22:00; calls are (station, minutes after the start)."""
    starts = range(5 * 60, 22 * 60, minutes)
    return [
        [(name, f"{(s + m) // 60:02d}:{(s + m) % 60:02d}") for name, m in calls] for s in starts
    ]


def network(
    stations: Sequence[Station], lines: Mapping[int, Sequence[list[tuple[str, str]]]]
) -> Network:
    """Return a network of trips by route type, with the three counties and their people."""
    trips = {f"{kind}-{k}": calls for kind, runs in lines.items() for k, calls in enumerate(runs)}
    names = ("county", "county_en", "prefecture", "prefecture_en", "province", "province_en")
    rows = [
        {
            "county_code": code,
            "prefecture_code": prefecture,
            "province_code": code[:2] + "0000",
            **dict.fromkeys(names, code),
            "population": float(PEOPLE[code][1]),
            "geometry": shapely.box(west, -0.1, east, 0.1),
        }
        for code, (prefecture, west, east) in COUNTIES.items()
    ]
    people = [(lon, 0.0, code, float(n)) for code, (lon, n) in PEOPLE.items()]
    return small_network(
        {s.station_id: s for s in stations},
        trips,
        route_type={name: int(name.split("-")[0]) for name in trips},
        counties=gpd.GeoDataFrame(rows, crs="EPSG:4326"),
        population_cell_deg=0.01,
        population=pd.DataFrame(people, columns=["lon", "lat", "county_code", "people"]),
    )


def city(terminal: str, *centres: float) -> City:
    """Return a city with a terminal and centres so many metres east of 100.0 degrees."""
    ends = tuple(
        Centre(f"c{k}", f"c{k}", 100 + metres * DEGREE, 0.0) for k, metres in enumerate(centres)
    )
    return City("x", "x", "X", (terminal,), ends, prefecture_code="110100", proper_counties=(CITY,))


def minutes(circle: Circle) -> dict[str, float]:
    return dict(zip(circle.stations["station_id"], circle.stations["minutes"], strict=True))


def outside(circle: Circle, kind: str, part: str = "people_outside_city") -> list[int]:
    """Return people within 45 and 60 minutes."""
    table = circle.summary.readings["door-to-door"].table
    return [table.at(cutoff)[kind][part] for cutoff in (45, 60)]


def by_two_lines(second: str) -> Circle:
    """A train a - gate every 20 minutes, 15 minutes; 100 m on m1 - m2 every 4, 8 minutes, to the
    one centre.
    """
    stations = [
        station("a", 0),
        station("gate", 20_000),
        station("m1", 20_100, second),
        station("m2", 25_100, second),
    ]
    lines = {2: every(20, [("a", 0), ("gate", 15)]), 1: every(4, [("m1", 0), ("m2", 8)])}
    return railshed.circle(network(stations, lines), city("gate", 25_100))


@pytest.fixture(scope="module")
def interchange() -> Circle:
    return by_two_lines("metro")


def test_a_walk_from_train_to_metro_passes_both_doors(interchange: Circle) -> None:
    """Out 5 min, 104 s, in 2 min: the train of :15 is at the metro at :23:44, for the :24, at the
    desk :34.

    From a 10 + 34 and half of 9 minutes early; from m1 2 + 8 + 2 and half of one. Behind no doors
    the :20 were caught.
    """
    found = minutes(interchange)
    assert (found["a"], found["m1"]) == (48.5, 12.5)


def test_a_walk_between_trains_takes_the_change_time() -> None:
    """6 minutes, not 104 s: the :24 again, and 5 minutes to the door: 10 + 37 + 4.5; from m1 10 + 8
    + 5 + 0.5.
    """
    found = minutes(by_two_lines("small"))
    assert (found["a"], found["m1"]) == (51.5, 23.5)


def test_what_trains_add_to_a_metro(interchange: Circle) -> None:
    """The 2,000 around the gate ride the metro, or cycle 5 km; the 1,000 at a, 4:47 from it, need
    the train.

    Trains are counted as stations of the bridge, the metro's are not.
    """
    assert outside(interchange, "by_rail") == [2_000, 3_000]
    assert (
        outside(interchange, "added_by_rail")
        == outside(interchange, "added_by_trains")
        == [0, 1_000]
    )
    assert outside(interchange, "by_rail", "people_own_prefecture") == [2_000, 2_000]
    assert outside(interchange, "by_rail", "people_other_province") == [0, 1_000]
    surface = interchange.surface
    assert surface.without_trains_s is not None
    assert (surface.without_trains_s >= surface.by_rail_s).all()
    counted = interchange.stations.set_index("station_id")["counted"]
    assert counted.to_dict() == {"a": True, "gate": True, "m1": False}
    assert interchange.bridge.get_rung("door_to_door").stations == 2


def test_a_shared_bicycle_to_its_cap() -> None:
    """3 min and 2,400 m at 12 km/h are 15 minutes, the cap: 10 + 15 + 5 + 15 and half of 9 minutes
    early.
    """
    railway = network(
        [station("a", 0), station("b", 20_000)], {2: every(20, [("a", 0), ("b", 15)])}
    )
    circle = railshed.circle(railway, city("b", 22_400))
    assert minutes(circle)["a"] == 49.5
    assert circle.summary.not_defined == []


@pytest.mark.parametrize("centres", [(22_401,), ()], ids=["a metre beyond the cap", "no centre"])
def test_without_a_way_to_a_centre_nothing_is_defined(centres: tuple[float, ...]) -> None:
    """Readings to a centre are not defined, never 0; the circle is door to station: 10 + 15 + 5 +
    4.5.
    """
    railway = network(
        [station("a", 0), station("b", 20_000)], {2: every(20, [("a", 0), ("b", 15)])}
    )
    circle = railshed.circle(railway, city("b", *centres))
    assert list(circle.summary.not_defined) == ["door-to-door", "turn-up-and-go"]
    assert set(circle.summary.readings) == {"door-to-station"}
    assert (circle.reading.name, minutes(circle)["a"]) == ("door-to-station", 34.5)
    assert circle.summary.beyond is None
    assert list(circle.bridge) == list(circle.summary.centres) == []
    assert circle.summary.press.stations == 1


@pytest.mark.parametrize(
    ("lat", "targets"),
    [(0.34, {"mid", "midsouth", "new"}), (0.55, {"mid", "midsouth"})],
    ids=["beside the main centre", "25 km from it"],
)
def test_a_new_station_is_a_goal_where_it_lies_beside_a_centre(
    toy: Network, lat: float, targets: set[str]
) -> None:
    """0.02 degrees north of the main centre one cycles 844 s to it, as from `mid`; 0.23 degrees are
    too far.

    The 128 thousand of the northwest get there in 10 + 10 + 5 + 14:04 and half of 4 to 5 minutes
    early.
    """
    plan = scenario_from_dict(
        {
            "title": "n",
            "modification": [
                {
                    "type": "add-trips",
                    "name": "n",
                    "hop_minutes": [10],
                    "stops": [
                        {"name": "northwest", "lon": 99.8, "lat": 0.5},
                        {"name": "new", "lon": 100.0, "lat": lat},
                    ],
                    "frequencies": [
                        {"start_time": "05:00", "end_time": "23:00", "headway_minutes": 10}
                    ],
                }
            ],
        }
    )
    changed = railshed.compare(toy, "mid", plan)
    case = changed.after.counts.case
    stations = case.compiled.network.stations
    assert {stations[k].station_id for k in case.targets("door-to-door", "to")} == targets
    found = railshed.prepare(toy).baseline(["mid"]).with_scenario(plan)
    assert found.method == "incremental"
    gained = changed.row("door-to-door", 60, "by_rail")["people_gained"]
    assert gained == 128_000 * ("new" in targets)


def test_more_early_weight_less_reach(
    toy: Network, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cell by cell, where each early minute counts 0.4, 0.5 and 1."""
    own = tmp_path_factory.mktemp("readings") / "own.toml"
    own.write_text(
        "".join(
            f"[w{w}]\nlegs = 'door-to-door'\nslack_minutes = 0\nearly_weight = 0.{w}\n"
            for w in (4, 5)
        )
    )
    with own.open("a", encoding="utf-8") as file:
        file.write("[w10]\nlegs = 'door-to-door'\nslack_minutes = 0\nearly_weight = 1\n")
    surfaces = railshed.circle(toy, "mid", readings=own).surfaces
    assert np.array_equal(surfaces["w5"].by_rail_s, surfaces["door-to-door"].by_rail_s)
    for less, more in (("w4", "w5"), ("w5", "w10")):
        assert (surfaces[less].by_rail_s <= surfaces[more].by_rail_s).all()
        assert (surfaces[less].by_rail_s < surfaces[more].by_rail_s).any()
