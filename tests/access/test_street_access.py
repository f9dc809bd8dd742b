"""Access along streets: a river, one-ways, doors off the streets, modes that stay at home, the
cache.

Streets lie on the equator in metres east and north of a point; walking is 1.25 m/s.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import networkx as nx
import numpy as np
import pytest

from railshed.access.straight import Entrances
from railshed.access.street_access import StreetAccess
from railshed.access.streets import BIKE, DRIVE, SNAP, WALK, Segments, Streets, build_streets
from railshed.assumptions.assumptions import Assumptions, Mode, default_assumptions
from railshed.cells.cell_keys import cell_keys
from railshed.io import cache
from railshed.io.streets.read import read_streets
from railshed.util.errors import InputError, ParameterError
from railshed.util.geodesy import sphere_m
from railshed.util.units import UNREACHED
from tests.support.cells import cells_at, pairs_of_access, seconds_without_ride
from tests.support.street_town import DEGREE_M, PLACES, write_streets

pytestmark = pytest.mark.usefixtures("own_cache")

CELLS = cells_at(0.0, 0.0, 200)
GRID = CELLS.grid
EVERYBODY = WALK | BIKE | DRIVE | SNAP
WALKING = default_assumptions().with_access("walk")


def at(*places: tuple[float, float]) -> Entrances:
    """Doors at metres of the grid's projection."""
    x, y = np.array(places, float).T
    lon, lat = GRID.unproject(x, y)
    return Entrances(lon, lat, ["bus"] * len(places))


def streets_of(edges: list[tuple[tuple[int, int], tuple[int, int]]]) -> Streets:
    """Two-way streets between points in metres, as long as they are straight."""
    points = sorted({end for edge in edges for end in edge})
    number = {point: k + 1 for k, point in enumerate(points)}
    x, y = np.array(points, float).T
    lon, lat = GRID.unproject(x, y)
    length = np.array([np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in edges])
    bits, speed = np.full(len(edges), EVERYBODY, np.uint8), np.full(len(edges), 36.0)
    ends = (np.array([number[edge[k]] for edge in edges]) for k in (0, 1))
    segments = Segments(
        np.array(list(number.values())), lon, lat, *ends, length, bits, bits, speed, speed
    )
    return build_streets(segments, checksums={"town.osm": "0"})


def banks(*, bridge: bool) -> Streets:
    """Blocks of 100 m on both sides of a river of 400 m between y = -200 and 200, with or without a
    bridge at x = 0.
    """
    edges = []
    for side in (1, -1):
        rows, columns = [side * y for y in range(200, 1_300, 100)], range(-1_000, 1_100, 100)
        edges += [((x, y), (x + 100, y)) for y in rows for x in columns[:-1]]
        edges += [((x, y), (x, y + side * 100)) for y in rows[:-1] for x in columns]
    return streets_of([*edges, ((0, 200), (0, -200))] if bridge else edges)


def pairs_of(
    way: StreetAccess, doors: Entrances, **options: bool
) -> dict[tuple[int, int, int], int]:
    found = pairs_of_access(CELLS, way.within_caps(CELLS, doors, **options))
    keys = zip(found.row.tolist(), found.column.tolist(), found.point.tolist(), strict=True)
    return dict(zip(keys, found.seconds.tolist(), strict=True))


def test_no_way_leads_across_a_river_without_a_bridge() -> None:
    """Straight lines reach the other bank from both stations; along streets each station keeps to
    its own.
    """
    doors = at((0, 300), (0, -300))
    straight = pairs_of(StreetAccess(WALKING), doors)
    assert any(row < -1 for row, _, door in straight if door == 0)
    found = pairs_of(StreetAccess(WALKING, banks(bridge=False)), doors)
    assert {door for _, _, door in found} == {0, 1}
    assert all((row >= 0) == (door == 0) for row, _, door in found)


def test_a_bridge_is_the_only_way() -> None:
    """From (0, 300) over the bridge to the cell at (100, -300): 600 + 100 m, 560 s; to (500, -300)
    1,100 m: 880 s.
    """
    found = pairs_of(StreetAccess(WALKING, banks(bridge=True)), at((0, 300)))
    assert found[-2, 0, 0] == 560
    assert found[-2, 2, 0] == 880
    assert (-2, 3, 0) not in found  # 700 + 600 m are beyond the cap of 900 s
    assert found[1, 2, 0] == 400  # (500, 300), the same bank


def test_snapping_is_walked() -> None:
    """A door 38 m north of the node at (0, 300): the metres to it are walked."""
    west = pairs_of(StreetAccess(WALKING, banks(bridge=True)), at((0, 338)))
    assert west[1, 0, 0] == 111  # 38 m to the node, 100 m along the street: 110.4 s


def town(tmp_path: Path, *names: int) -> tuple[Streets, Entrances]:
    streets = read_streets(write_streets(tmp_path / "town.osm"), island_nodes=1)
    lon, lat = (np.array([PLACES[n][k] / DEGREE_M for n in names]) for k in (0, 1))
    return streets, Entrances(lon, lat, ["bus"] * len(names))


def with_car(**fields: object) -> Assumptions:
    """One mode, `drive`, at the speeds of the streets, without overhead."""
    car = Mode("drive", 28.0, 1.3, 0, 1_800, "drive", 1.0)
    base = default_assumptions()
    return replace(base, modes={**base.modes, "drive": replace(car, **fields)}).with_access(  # type: ignore[arg-type]
        "drive", egress=["drive"]
    )


def test_one_ways_differ_by_direction(tmp_path: Path) -> None:
    """5 > 6 is 300 m at 50 km/h: 22 s.

    Back one goes round: 900 m at 50 and 600 m at 30 km/h, 137 s.
    """
    streets, doors = town(tmp_path, 5, 6)
    five, six = doors.take(np.array([0])), doors.take(np.array([1]))
    way = StreetAccess(with_car(), streets)
    assert way.between(five, six).tolist() == [[22]]
    assert way.between(six, five).tolist() == [[137]]
    assert way.between(six, five, towards=False).tolist() == [[22]]
    half = StreetAccess(with_car(street_factor=0.5), streets)
    assert half.between(five, six).tolist() == [[44]]  # 43.2 rounded up
    bus = StreetAccess(with_car(street_factor=0.0, speed_kmh=18.0), streets)
    assert bus.between(five, six).tolist() == [[60]]


def test_access_and_egress_are_searched_in_their_own_direction(tmp_path: Path) -> None:
    """From the cell at 5 to the door at 6 it is 21.6 s, from the door to the cell 136.8; and a
    metre on foot.
    """
    streets, doors = town(tmp_path, 6)
    way = StreetAccess(with_car(), streets)
    lon, lat = GRID.unproject(*GRID.centre(np.array([1]), np.array([1])))
    walk_s = (
        float(sphere_m(lon[0], lat[0], PLACES[5][0] / DEGREE_M, PLACES[5][1] / DEGREE_M)) / 1.25
    )
    assert 0.5 < walk_s < 2
    towards, away = (pairs_of(way, doors, towards=side)[1, 1, 0] for side in (True, False))
    assert (towards, away) == (np.ceil(21.6 + walk_s), np.ceil(136.8 + walk_s))


def test_doors_off_the_streets() -> None:
    """Away from the streets straight lines stay; among them, 750 m from any, walking does not serve
    the door.
    """
    streets = streets_of(
        [((x, y), (x + 100, y)) for y in (0, 1_500) for x in range(0, 3_000, 100)]
        + [((0, 0), (0, 1_500))]
    )
    doors = at((1_500, 750), (9_000, 0), (1_500, 0))
    way = StreetAccess(WALKING, streets)
    on, metres = way.snaps(doors)
    assert on.tolist() == [True, False, True]
    assert np.isnan(metres["walk"][0])
    assert metres["walk"][2] == pytest.approx(0, abs=0.1)
    found, straight = pairs_of(way, doors), pairs_of(StreetAccess(WALKING), doors)
    assert {door for _, _, door in found} == {1, 2}
    assert {key: s for key, s in found.items() if key[2] == 1} == {
        key: s for key, s in straight.items() if key[2] == 1
    }


def test_a_metro_feeder_keeps_straight_lines() -> None:
    """Metros pass under rivers: their access is the same with streets and without."""
    a = default_assumptions().with_access("feeder")
    doors = replace(at((0, 300)), feeders=["metro"])
    assert pairs_of(StreetAccess(a, banks(bridge=False)), doors) == pairs_of(StreetAccess(a), doors)
    assert pairs_of(StreetAccess(a, banks(bridge=False)), at((0, 300))) != pairs_of(
        StreetAccess(a), at((0, 300))
    )


def test_without_a_ride_the_nearest_door_counts() -> None:
    """The cells without a ride are those of single doors, the nearest of them each; given cells get
    the same.
    """
    way, doors = StreetAccess(WALKING, banks(bridge=True)), at((-500, 300), (500, -300))
    found = pairs_of_access(CELLS, way.without_ride(CELLS, doors, 1_200))
    single = [
        pairs_of_access(CELLS, way.without_ride(CELLS, doors.take(np.array([k])), 1_200))
        for k in (0, 1)
    ]
    best: dict[tuple[int, int], int] = {}
    for part in single:
        for row, column, seconds in zip(
            part.row.tolist(), part.column.tolist(), part.seconds.tolist(), strict=True
        ):
            best[row, column] = min(best.get((row, column), UNREACHED), seconds)
    assert (
        dict(
            zip(
                zip(found.row.tolist(), found.column.tolist(), strict=True),
                found.seconds.tolist(),
                strict=True,
            )
        )
        == best
    )
    keys = np.append(cell_keys(found.row, found.column), cell_keys(np.array([90]), np.array([90])))
    assert seconds_without_ride(way, CELLS, keys, doors, 1_200) == [
        *found.seconds.tolist(),
        UNREACHED,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_networkx(seed: int) -> None:
    """On streets with random gaps every pair takes the whole seconds of networkx's shortest way, no
    pair is missing.

    Cells where no streets are known are joined to the nearest node by a straight line, 1.3 times as
    far.
    """
    rng = Random(seed)
    blocks = range(0, 1_600, 100)
    edges = [((x, y), (x + 100, y)) for x in blocks for y in blocks] + [
        ((x, y), (x, y + 100)) for x in blocks for y in blocks
    ]
    streets = streets_of([edge for edge in edges if rng.random() < 0.7])
    graph = nx.DiGraph()
    walked = streets.allowed & WALK > 0  # without small islands
    columns = (streets.tail, streets.head, streets.length_m)
    lengths = zip(*(column[walked].tolist() for column in columns), strict=True)
    graph.add_weighted_edges_from(
        sorted(lengths, reverse=True)
    )  # of parallel streets the shortest is the last
    doors = at(*[(rng.choice(blocks) + 0.25, rng.choice(blocks)) for _ in range(4)])
    way = StreetAccess(WALKING, streets)
    found = pairs_of(way, doors)
    used = np.array(sorted(graph))
    for k in range(len(doors)):
        off = sphere_m(streets.lon[used], streets.lat[used], doors.lon[k], doors.lat[k])
        reach = nx.single_source_dijkstra_path_length(graph, int(used[off.argmin()]))
        for row in range(-2, 10):
            for column in range(-2, 10):
                lon, lat = GRID.unproject(*GRID.centre(np.array([row]), np.array([column])))
                is_known = streets.covers(float(lon[0]), float(lat[0]))
                away = sphere_m(streets.lon[used], streets.lat[used], lon[0], lat[0])
                near = np.flatnonzero(away <= away.min() + 1e-3)
                last = 1.0 if is_known else 1.3
                ways = [off.min() + reach.get(int(used[n]), np.inf) + last * away[n] for n in near]
                if len(near) > 1 and max(ways) - min(ways) > 1e-3:
                    continue  # as far from two nodes: either may stand for the cell
                seconds = min(ways) / 1.25
                if (is_known and away.min() > 250) or seconds > 900.02:
                    assert (row, column, k) not in found
                elif seconds < 899.98:
                    assert seconds - 0.02 <= found[row, column, k] < seconds + 1.02


def test_the_cache_never_changes_a_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second run finds the table by its content and does not search; a spoilt file is as if it
    were absent.
    """
    first = pairs_of(StreetAccess(WALKING, banks(bridge=True)), at((0, 300)))
    files = list((tmp_path / "cache" / "arrays").glob("*.arrays"))
    assert len(files) == 1
    searches = []
    search = StreetAccess._cells_near

    def counted(self: StreetAccess, *arguments: object, **options: object) -> object:
        searches.append(1)
        return search(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(StreetAccess, "_cells_near", counted)
    assert pairs_of(StreetAccess(WALKING, banks(bridge=True)), at((0, 300))) == first
    assert not searches
    assert pairs_of(StreetAccess(WALKING, banks(bridge=False)), at((0, 300))) != first
    assert len(searches) == 1
    files[0].write_bytes(b"PK\x03\x04 spoilt")
    assert pairs_of(StreetAccess(WALKING, banks(bridge=True)), at((0, 300))) == first
    assert len(searches) == 2


def test_streets_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file read before comes from the cache, the same in every array and word; other content is
    read.
    """
    path = write_streets(tmp_path / "town.osm")
    plain = read_streets(path, island_nodes=1)
    reads = []

    def counted(files: list[Path], **options: int) -> Streets:
        reads.append(files)
        return read_streets(files, **options)

    monkeypatch.setattr("railshed.io.streets.read.read_streets", counted)
    for _ in range(2):
        found = cache.load_streets([path], island_nodes=1)
        assert len(reads) == 1
        assert found.fingerprint() == plain.fingerprint()
        assert (found.sources, found.checksums, found.notes) == (
            plain.sources,
            plain.checksums,
            plain.notes,
        )
        assert found.issues == plain.issues
    path.write_text(path.read_text(encoding="utf-8").replace('v="30"', 'v="50"'), encoding="utf-8")
    assert cache.load_streets([path], island_nodes=1).fingerprint() != plain.fingerprint()
    with pytest.raises(InputError, match="no such file"):
        cache.load_streets([tmp_path / "missing.osm"])


def test_the_cache_folder_keeps_to_its_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Beyond the allowed bytes the oldest tables go."""
    monkeypatch.setattr("railshed.util.cache.MAX_CACHE_BYTES", 1)
    for y in (300, 400):
        pairs_of(StreetAccess(WALKING, banks(bridge=True)), at((0, y)))
    assert len(list((tmp_path / "cache" / "arrays").glob("*.arrays"))) <= 1


def test_access_without_streets_is_straight() -> None:
    """No streets, straight lines; streets, streets."""
    doors = at((0, 300))
    assert StreetAccess(WALKING).on_streets(doors).tolist() == [False]
    assert StreetAccess(WALKING).snaps(doors)[1] == {}
    assert StreetAccess(WALKING, banks(bridge=True)).on_streets(doors).tolist() == [True]


def test_vehicles_stay_at_home() -> None:
    """What brings one to the station at home waits at none in the city; without a ride one walks or
    cycles.
    """
    a = default_assumptions().with_access("park-and-ride")
    assert (a.access_modes, a.egress_modes) == (("park-and-ride",), ("walk", "shared-bicycle"))
    every = default_assumptions().with_access(
        "walk", "bike", "feeder", "drive", "park-and-ride", "kiss-and-ride"
    )
    assert [m.name for m in every.modes_at("bus")] == [
        "walk",
        "bike",
        "feeder:bus",
        "drive",
        "park-and-ride",
        "kiss-and-ride",
    ]
    assert "feeder:bus" not in [m.name for m in every.modes_at("none")]
    assert [m.name for m in every.door_modes("bus")] == ["walk", "bike"]
    way, doors = StreetAccess(a), at((0, 0))
    assert len(way.within_caps(CELLS, doors).pairs()[0]) > 1_000
    # without a vehicle of one's own, on foot
    found, walked = (
        pairs_of_access(CELLS, each.without_ride(CELLS, doors, 3_600)).of_nearest()
        for each in (way, StreetAccess(WALKING))
    )
    assert len(found.row) > 100
    assert found.seconds.tolist() == walked.seconds.tolist()
    # 1 km by a shared bicycle: 3 min and 1,000 m at 12 km/h; on foot it is beyond the cap
    assert way.between(doors, at((1_000, 0))).tolist() == [[480]]
    assert StreetAccess(a.with_access("walk", egress=["walk"])).between(
        doors, at((1_000, 0))
    ).tolist() == [[UNREACHED]]
    for egress, name in (
        (["kiss-and-ride"], "kiss-and-ride"),
        (["bike"], "bike"),
        (["feeder"], "feeder"),
        ([], "(none)"),
    ):
        with pytest.raises(
            ParameterError, match=f"unknown egress mode {re.escape(name)}; allowed: walk, shared-b"
        ):
            default_assumptions().with_access("walk", egress=egress)
