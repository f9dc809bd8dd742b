"""Checks of where stations lie: each problem on a network that has it, and a near miss that has
not.

Kilometres are on the equator, so distances follow from Pythagoras; the line is A - E every 2 km, 3
minutes a leg.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.io.networks import list_networks, load_network
from railshed.network.checks import validate
from railshed.network.checks.locations import needs_known_places
from railshed.network.model import Station
from tests.support.datums import from_wgs84
from tests.support.shared import SHARED, needs
from tests.support.small_networks import BACK, DEGREE_KM, LINE, OUT, place, small_network


@pytest.fixture(autouse=True)
def _without_towns(monkeypatch):
    """The small networks lie where they lie, some in Beijing: no town is one that they serve."""
    monkeypatch.setattr("railshed.network.checks.regions.large_cities", lambda network: [])


def line(route_type=1, trips=None, **moved):
    """The line with some stations elsewhere, in kilometres or as a Station."""
    return small_network(LINE | moved, trips or {"out": OUT, "back": BACK}, route_type=route_type)


def texts(network, known=()):
    return [str(issue) for issue in validate(network, known)]


def codes(network, known=()):
    return [issue.code for issue in validate(network, known)]


def at(station_id, lon, lat, name=""):
    return Station(station_id, name or station_id.upper(), lon, lat)


def test_a_sound_line_has_no_issue():
    assert texts(line()) == []


def test_near_zero_is_no_place():
    """(0, 0) within a kilometre is an error, and its legs are not doubted as well; 2 km away is a
    place.
    """
    (zero,) = texts(line(c=at("c", 0.004, -0.004)))
    assert zero == (
        "error zero-coordinate: field lon, lat: C (c) lies at (0, 0), in the sea off Africa "
        "(given: '0.004, -0.004') -> give its coordinate"
    )
    assert "zero-coordinate" not in codes(line(c=at("c", 0.018, 0.0)))


def test_too_far_for_every_train():
    """C 100 km north: 100 km in 3 minutes, 2 to spare, are 1,200 km/h; one warning says it all, B
    and D are sound.
    """
    (far,) = texts(line(c=(4, 100)))
    assert far == (
        "warning far-station: field lon, lat: C (c) lies 100.0 km from its neighbours (B, D), too "
        "far for every train"
        " (given: '10.035973, 0.89932182') -> check its coordinate, else the times"
    )


def test_at_the_end_of_a_line_the_time_may_be_wrong():
    """E 20 km from D in 3 minutes, 2 to spare, is 240 km/h: a time or a place.

    50 km (600 km/h) is a place.
    """
    assert codes(line(e=(26, 0))) == ["impossible-speed"]
    assert codes(line(e=(56, 0))) == ["far-station"]


@pytest.mark.parametrize(("km", "code"), [(33, "impossible-speed"), (45, "far-station")])
def test_three_times_the_limit_at_an_end(km, code):
    """33 km in 3 minutes, 2 to spare, are 2.5 times the 160 km/h of a metro, 45 km are
    3.4 times.
    """
    assert codes(line(e=(6 + km, 0))) == [code]


@pytest.mark.parametrize(("via_km", "found"), [(1.4, False), (1.7, True)])
def test_short_detours_are_none(via_km, found):
    """Stops 250 m apart: 1.4 km past 500 m are 900 m more, which is nothing; 1.7 km are 1.2 km
    more.
    """
    stops = {k: (x / 8, 0.0) for k, (x, _) in LINE.items()}
    moved = stops | {"c": (0.5, math.sqrt((via_km / 2) ** 2 - 0.25**2))}
    assert codes(small_network(moved, {"out": OUT, "back": BACK})) == ["far-station"] * found


@pytest.mark.parametrize(("minutes", "found"), [(6, True), (7, False)])
def test_what_is_a_hurry(minutes, found):
    """C 5 km north in 6 minutes, one to spare: 46 km/h, 1.54 times the 30 of A - B; in 7 minutes 40
    km/h, 1.35.
    """
    clock = [0, 3, 3 + minutes, 3 + 2 * minutes, 6 + 2 * minutes]
    trip = [(k, f"08:{m:02d}") for k, m in zip(LINE, clock, strict=True)]
    assert codes(line(c=(4, 5), trips={"t": trip})) == ["far-station"] * found


def test_a_loop_at_the_end_is_no_detour():
    """A bus turns at C and comes back across the street, 50 m away, at its usual pace; in a hurry
    it is a detour.
    """
    stops = {"a": (0, 0), "b": (2, 0), "c": (3, 0), "d": (2, 0.05), "e": (0, 0.05)}
    calls = [("a", "08:00"), ("b", "08:06"), ("c", "08:09"), ("d", "08:12"), ("e", "08:18")]
    assert codes(small_network(stops, {"t": calls}, route_type=3)) == []
    hasty = [("a", "08:00"), ("b", "08:06"), ("c", "08:07"), ("d", "08:08"), ("e", "08:14")]
    (found,) = validate(small_network(stops, {"t": hasty}, route_type=3))
    assert (
        "a detour of 20.0 times the way" in found.message
    )  # 2 km past 100 m, which stands for less


def test_a_detour_in_a_hurry():
    """C 5 km north: 5.39 km from both, a way of 10.77 km past 4 km, at 81 km/h where A - B runs at
    30.

    At 3 km (7.2 past 4 km) it may be so; at 5 km with 9 minutes a leg the train takes its time: a
    branch.
    """
    (far,) = texts(line(c=(4, 5)))
    assert far == (
        "warning far-station: field lon, lat: C (c) lies 5.4 km from its neighbours (B, D): every "
        "trip through it "
        "makes a detour of 2.7 times the way, in a hurry (given: '10.035973, 0.044966091') -> "
        "check its coordinate, else the times"
    )
    assert codes(line(c=(4, 3))) == []
    slow = [("a", "08:00"), ("b", "08:03"), ("c", "08:12"), ("d", "08:21"), ("e", "08:24")]
    assert codes(line(c=(4, 5), trips={"slow": slow})) == []


def test_a_line_that_turns_back_makes_no_detour():
    """A - B - C - B - A turns at C: the way past C is nothing, and that is no fault."""
    there_and_back = [
        ("a", "08:00"),
        ("b", "08:03"),
        ("c", "08:08"),
        ("b", "08:13"),
        ("a", "08:16"),
    ]
    network = small_network(
        {"a": (0, 0), "b": (2, 0), "c": (4, 5)}, {"t": there_and_back}, route_type=1
    )
    assert codes(network) == []


def test_swapped_coordinate():
    """C with lon and lat exchanged lies off Nigeria; B (10.018, 0) and D (10.054, 0) say so. E, an
    end, likewise.

    cos 10.036 cos 10.018 is cos 14.144 degrees: 1,572.7 km to B, 1,575.5 to D.
    """
    lon, lat = place(4)
    (swapped,) = texts(line(c=at("c", lat, lon)))
    assert swapped == (
        "error swapped-coordinate: field lon, lat: C (c) lies 1,574.1 km from its neighbours (B, "
        "D), with lon and lat exchanged 2.0 km (given: '0, 10.035973') -> swap lon and lat"
    )
    lon, lat = place(8)
    assert codes(line(e=at("e", lat, lon))) == ["swapped-coordinate"]


@pytest.mark.parametrize(
    ("km", "beside_km", "code"),
    [
        (12, 1, "swapped-coordinate"),
        (8, 1, "far-station"),  # less than 10 km
        (22, 3.3, "swapped-coordinate"),  # 6.7 times nearer when exchanged
        (22, 5, "far-station"),  # 4.4 times
    ],
)
def test_what_proves_a_swap(km, beside_km, code):
    """At (10, 10) lon and lat exchanged move C by some kilometres, and its neighbours lie
    `beside_km` from its place.

    C belongs north-west of (10, 10) and is given south-east of it; the others stand north-east and
    south-west of there.
    """
    half = km / 2 / DEGREE_KM / math.sqrt(2)
    lon, lat = 10 - half, 10 + half
    step = beside_km / DEGREE_KM / math.sqrt(2)
    stations = {
        k: at(k, lon + n * step, lat + n * step)
        for k, n in (("a", -2), ("b", -1), ("d", 1), ("e", 2))
    }
    swapped = stations | {"c": at("c", lat, lon)}
    ordered = {k: swapped[k] for k in "abcde"}
    assert codes(small_network(ordered, {"out": OUT, "back": BACK})) == [code]


def test_a_zone_that_fits_the_exchanged_stations():
    """Around (52.5, 13.4) under Berlin's zone, meridian 15: 38 degrees off, exchanged 2. Ürümqi is
    sound.
    """
    swapped = {k: at(k, 52.5, 13.4 + x / 111) for k, (x, _) in LINE.items()}
    (issue,) = validate(small_network(swapped, {"out": OUT}, timezone="Europe/Berlin"))
    assert (issue.severity, issue.code, issue.remedy) == (
        "error",
        "far-from-zone",
        "swap lon and lat of all stations, or mend agency_timezone",
    )
    assert issue.message == (
        "the stations lie around 52, 13, 38 degrees from the meridian of Europe/Berlin; with lon "
        "and lat exchanged 2"
    )
    right = {k: at(k, 13.4 + x / 111, 52.5) for k, (x, _) in LINE.items()}
    urumqi = {k: at(k, 87.6 + x / 111, 43.8) for k, (x, _) in LINE.items()}
    for stations, zone in (
        (right, "Europe/Berlin"),
        (urumqi, "Asia/Shanghai"),
        (swapped, "Mars/Base"),
        (swapped, ""),
        (swapped, "UTC"),
        (swapped, "Etc/UTC"),
    ):
        assert codes(small_network(stations, {"out": OUT}, timezone=zone)) == []


def test_a_zone_at_the_date_line():
    """Fiji at 178 and -178, under its own zone: the middle is 180, not 0."""
    stations = {
        k: at(k, lon, -16.5)
        for k, lon in zip("abcde", (179.98, 179.99, -179.99, -179.98, -179.97), strict=True)
    }
    assert codes(small_network(stations, {"out": OUT}, timezone="Pacific/Fiji")) == []


def test_a_zone_that_fits_the_exchanged_stations_somewhat():
    """Around (70, 45) under Berlin's zone, meridian 15: 55 degrees off, exchanged 30: the zone may
    be wrong instead.
    """
    stations = {k: at(k, 70 + x / 111, 45) for k, (x, _) in LINE.items()}
    (issue,) = validate(small_network(stations, {"out": OUT}, timezone="Europe/Berlin"))
    assert (issue.severity, issue.code) == ("warning", "far-from-zone")


def test_one_name_far_apart():
    """A and E of one name 21 km apart are two places, 19 km apart not yet."""
    trips = {"t": [("a", "08:00"), ("e", "08:20")]}

    def network(km):
        return small_network(
            {"a": at("a", *place(0), "Bahnhof"), "e": at("e", *place(km), "Bahnhof")}, trips
        )

    (far,) = texts(network(21))
    assert far == (
        "warning far-namesakes: field name: 2 stations up to 21 km apart share a name: a, e "
        "(given: 'Bahnhof') -> name them by id"
    )
    assert texts(network(19)) == []


@pytest.mark.parametrize(
    ("metres", "route_type", "found"),
    [(100, 1, True), (100, 2, True), (100, 3, False), (290, 1, True), (310, 1, False)],
)
def test_one_station_in_two(metres, route_type, found):
    """Two stations of one name 100 m apart with trains are one; stops of buses are the two sides of
    a street.
    """
    stations = LINE | {"c": at("c", *place(4), "C"), "x": at("x", *place(4 + metres / 1000), "C")}
    other = [("x", "09:00"), ("e", "09:10")]
    network = small_network(stations, {"out": OUT, "other": other}, route_type=route_type)
    expected = (
        f"warning split-station: field name: stations of one name lie {metres} m apart and are not "
        "one station: c, x"
        " (given: 'C') -> give them one parent_station, else a change takes no more than the walk "
        "between them"
    )
    assert texts(network) == [expected] * found


# --- datum --------------------------------------------------------------------------------------

#: true places near Beijing, 10 km apart
PLACES = {f"s{i}": (116.2 + i / 10, 39.9) for i in range(6)}
KNOWN = [at(f"known-{k}", *p, name=f"{k}站") for k, p in PLACES.items()]


def beijing(datum="wgs84", n=6, north_deg=0.0):
    """Stations at the true places as `datum` gives them, or moved north."""
    stations = {}
    for k, (lon, lat) in list(PLACES.items())[:n]:
        lon, lat = (float(v) for v in from_wgs84(lon, lat + north_deg, datum))
        stations[k] = at(k, lon, lat, name=k)
    calls = [(k, f"{8 + i // 4:02d}:{i % 4 * 15:02d}") for i, k in enumerate(stations)]
    return small_network(stations, {"t": calls}, route_type=2)


@pytest.mark.parametrize(("datum", "least_m", "most_m"), [("gcj02", 500, 650), ("bd09", 900, 1500)])
def test_undeclared_datum(datum, least_m, most_m):
    """Stations hundreds of metres off, which fit their places after conversion, have an undeclared
    datum.
    """
    (issue,) = validate(beijing(datum), KNOWN)
    assert (issue.severity, issue.code) == ("warning", "undeclared-datum")
    assert issue.remedy == f"read it with datum='{datum}' or --datum {datum}"
    start, rest = issue.message.split(" m off (median), ")
    assert start.startswith("6 stations of known places lie ")
    assert least_m < int(start.split()[-1].replace(",", "")) < most_m
    assert rest == f"0 m when taken as {datum}"


def test_no_claim_about_the_datum():
    """Nothing is said of true places, four stations, no known places, homonyms, other errors, or
    places far away.
    """
    twice = [*KNOWN, *(replace(s, lon=s.lon + 1) for s in KNOWN)]
    assert codes(beijing(), KNOWN) == []
    assert codes(beijing("gcj02", n=4), KNOWN) == []
    assert codes(beijing("gcj02", n=5), KNOWN) == ["undeclared-datum"]
    assert codes(beijing("gcj02")) == []
    assert codes(beijing("gcj02"), twice) == []
    assert codes(beijing(north_deg=0.004), KNOWN) == []  # 445 m north: not what GCJ-02 does
    assert (
        codes(beijing("gcj02", north_deg=0.05), KNOWN) == []
    )  # 5.6 km: other places of the same names


def test_where_known_places_are_of_use():
    """At Beijing, not on the equator off Gabon, nor for four stations."""
    assert needs_known_places(beijing())
    assert not needs_known_places(beijing(n=4))
    assert not needs_known_places(line())


@pytest.mark.slow
def test_the_china_network_in_gcj02():
    """The shipped stations turned into GCJ-02 or BD-09 are recognised by those that were not; as
    shipped they fit.
    """
    if "china" not in {row["id"] for row in list_networks()}:
        pytest.skip("networks/china is absent")
    china = load_network("china", areas=False, lines=False)
    known = china.stations
    assert "undeclared-datum" not in codes(china, known)
    for datum in ("gcj02", "bd09"):
        lon, lat = from_wgs84([s.lon for s in known], [s.lat for s in known], datum)
        turned = tuple(
            replace(s, lon=x, lat=y)
            for s, x, y in zip(known, lon.tolist(), lat.tolist(), strict=True)
        )
        issues = [
            i
            for i in validate(replace(china, stations=turned), known)
            if i.code == "undeclared-datum"
        ]
        assert [i.remedy for i in issues] == [f"read it with datum='{datum}' or --datum {datum}"]


@pytest.mark.parametrize(("lon", "metres", "found"), [(75.0, 276, True), (78.0, 228, False)])
def test_small_shifts_prove_nothing(lon, metres, found):
    """GCJ-02 moves places near Kashgar by 276 m and three degrees east by 228 m: less than 250 m
    may be anything.
    """
    places = [(lon + i / 50, 40.0) for i in range(6)]
    known = [at(f"known-{i}", *p, name=f"s{i}") for i, p in enumerate(places)]
    given_as = [[float(v) for v in from_wgs84(*p, "gcj02")] for p in places]
    stations = {f"s{i}": at(f"s{i}", *p, name=f"s{i}") for i, p in enumerate(given_as)}
    network = small_network(
        stations, {"t": [(k, f"08:{10 * i:02d}") for i, k in enumerate(stations)]}, route_type=2
    )
    messages = [i.message for i in validate(network, known)]
    assert (
        messages
        == [f"6 stations of known places lie {metres} m off (median), 0 m when taken as gcj02"]
        * found
    )


@pytest.mark.parametrize(("north_m", "found"), [(100, True), (140, False)])
def test_a_datum_must_fit(north_m, found):
    """100 m off once turned is as good as coordinates are, 140 m is not."""
    assert (
        codes(beijing("gcj02", north_deg=north_m / DEGREE_KM / 1000), KNOWN)
        == ["undeclared-datum"] * found
    )


@pytest.mark.parametrize(("far_m", "found"), [(2_500, True), (3_500, False)])
def test_how_far_off_a_known_place_may_be(far_m, found):
    """Two of six stations far off: within 3 km they are compared, and the median of six fits; else
    four are few.
    """
    turned = beijing("gcj02")
    far = tuple(
        replace(s, lat=s.lat - far_m / DEGREE_KM / 1000 * (s.name in ("s0", "s1")))
        for s in turned.stations
    )
    assert codes(replace(turned, stations=far), KNOWN) == ["undeclared-datum"] * found


@pytest.mark.parametrize(
    ("lon", "lat", "found"),
    [
        (43, 15, True),  # 28 degrees from Berlin's meridian at 15
        (37, 15, False),  # 22
        (45, 27, True),  # 30, exchanged 12
        (45, 32, False),  # 30, exchanged 17
    ],
)
def test_how_far_a_zone_may_be(lon, lat, found):
    """More than 25 degrees off, and 15 better when exchanged."""
    stations = {k: at(k, lon + x / 111, lat) for k, (x, _) in LINE.items()}
    assert (
        codes(small_network(stations, {"out": OUT}, timezone="Europe/Berlin"))
        == ["far-from-zone"] * found
    )


@settings(deadline=None)
@given(st.sampled_from("bcd"), st.floats(20, 300), st.floats(0, 2 * math.pi))
def test_whatever_is_moved_far_is_found(station, km, angle):
    """B, C or D moved by 20-300 km in any direction is named, and no other station is."""
    east = LINE[station][0]
    moved = {station: (east + km * math.cos(angle), km * math.sin(angle))}
    found = [i for i in validate(line(**moved)) if i.code != "impossible-speed"]
    assert [(i.code, i.message.split()[0]) for i in found] == [("far-station", station.upper())]


@pytest.mark.parametrize(
    ("lon", "lat", "swapped"), [(50, 180, True), (50, 180.5, False), (90.5, 100, False)]
)
def test_what_looks_swapped_would_be_a_place(lon, lat, swapped):
    """Beyond -90 to 90 the other way round is said only where it lies within the range of
    degrees.
    """
    (text, *_) = [t for t in texts(line(c=at("c", lon, lat))) if "out-of-range" in t]
    assert text.endswith("lon and lat look swapped" if swapped else "give WGS84 degrees")


@pytest.mark.parametrize(("metres", "end", "names", "found"), [
    (0, "08:08", {}, ["one-point"]),
    (4, "08:02", {}, ["one-point"]),
    (0, "08:01", {}, []),  # a minute is rounding
    (8, "08:08", {}, []),
    (0, "08:08", {"name": "A"}, ["split-station"]),  # platforms of one station
])  # fmt: skip
def test_stations_at_one_point(
    metres: float, end: str, names: dict[str, str], found: list[str]
) -> None:
    """Two stations at one point with 8 minutes of train between them; the fastest of two trains
    counts.
    """
    lon, lat = place(metres / 1000)
    stations = {
        "a": (0.0, 0.0),
        "b": Station("b", names.get("name", "B"), lon, lat, station_class="metro"),
    }
    trips = {"t": [("a", "08:00"), ("b", end)], "slow": [("b", "09:00"), ("a", "09:30")]}
    network = small_network(stations, trips)
    assert codes(network) == found
    if found == ["one-point"] and end == "08:08":
        assert texts(network)[0].startswith(
            "error one-point: field stop_lat: A (a) and B (b) lie at one point, 8 min"
        )


@needs("gtfs/caltrain_2023.zip")
def test_a_feed_at_one_point() -> None:
    """Caltrain's stations at that of San Francisco: an error for each pair that trains join, 20 of
    them named.
    """
    network = load_network(SHARED / "gtfs" / "caltrain_2023.zip")
    assert "one-point" not in codes(network)
    stations = tuple(replace(s, lon=-122.3946, lat=37.7766) for s in network.stations)
    found = [
        issue
        for issue in validate(replace(network, stations=stations))
        if issue.code == "one-point"
    ]
    assert len(found) == 21
    assert sum(issue.count for issue in found) == 49  # counted from the rows of stop_times.txt
