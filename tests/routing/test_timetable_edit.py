"""An edited timetable: the same journeys at every station as a search of it whole, and which of
them differ.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from railshed.assumptions.assumptions import default_assumptions
from railshed.kernels.edited_timetable import changed_profiles, edited_connections
from railshed.kernels.types import DEPARTURE, RUN, Profiles
from railshed.network.model import Network, Transfers
from railshed.network.ordering import int32
from railshed.routing.compile import compile_network
from railshed.routing.directions import DIRECTIONS, Direction
from railshed.routing.journeys import Compiled
from railshed.routing.profiles import Views, search_span
from railshed.routing.timetable_edit import Search, TimetableEdit, edit_of
from railshed.scenario.edits import calls_of, with_trips
from railshed.util.units import MINUTE
from tests.support.random_networks import DATE, random_network, random_targets, to_model
from tests.support.random_scenarios import canonical
from tests.support.reference import Call, RefNetwork
from tests.support.seeds import each_seed

pytestmark = [pytest.mark.kernels, pytest.mark.properties]

BOUND = 120 * MINUTE
#: far from each other, so that no walks are generated, and near, so that some are
SPREADS = (0.2, 0.02)


def compiled(network: Network) -> Compiled:
    return compile_network(network, default_assumptions(), date=DATE)


def placed(rng: Random, network: Network, spread: float) -> Network:
    stations = tuple(
        replace(s, lon=100 + rng.random() * spread, lat=10 + rng.random() * spread)
        for s in network.stations
    )
    return replace(network, stations=stations)


def two_networks(rng: Random) -> tuple[Network, Network]:
    """Return a network and another one that has trips more and less, or later, other times, walks
    and stations.
    """
    net = random_network(rng, max_stations=12, max_trips=30)
    whole = canonical(placed(rng, to_model(net), rng.choice(SPREADS)))
    share, n_new = (
        rng.choice((0.3, 0.7, 1.0)),
        min(rng.choice((0, 0, 1, 2)), max(0, whole.n_stations - 4)),
    )
    first, other = (
        [trip for trip in range(whole.n_trips) if rng.random() < share] or [0] for _ in "ab"
    )
    new = {s.station_id for s in whole.stations[whole.n_stations - n_new :]}
    calls = whole.stop_times
    if (
        len(np.unique(calls.trip_idx[calls.station_idx >= whole.n_stations - n_new]))
        == whole.n_trips
    ):
        new = set()  # a network needs a train
    one, two = part_of(whole, first, new), part_of(whole, other, set())
    if rng.random() < 0.4:  # some trips later
        calls, late = (
            two.stop_times,
            np.array([rng.choice((0, 0, 60)) for _ in range(two.n_trips)], np.int32),
        )
        times = (
            int32(values + late[calls.trip_idx]) for values in (calls.arrival_s, calls.departure_s)
        )
        two = canonical(
            replace(two, stop_times=replace(calls, arrival_s=next(times), departure_s=next(times)))
        )
    if rng.random() < 0.4:
        seconds = int32([s + rng.choice((0, 0, 60)) for s in two.transfers.seconds.tolist()])
        two = replace(
            two, transfers=Transfers(two.transfers.from_idx, two.transfers.to_idx, seconds)
        )
    if rng.random() < 0.4:
        k = rng.randrange(two.n_stations)
        stations = list(two.stations)
        stations[k] = replace(stations[k], change_s=rng.choice((0, 60, 600)))
        two = replace(two, stations=tuple(stations))
    return one, two


def part_of(network: Network, trips: list[int], without: set[str]) -> Network:
    """Return the network with some of its trips, and without some stations and the trips that call
    there.
    """
    calls = network.stop_times
    gone = np.array([s.station_id in without for s in network.stations])
    bad = set(calls.trip_idx[gone[calls.station_idx]].tolist())
    mine = [t for t in trips if t not in bad] or [
        t for t in range(network.n_trips) if t not in bad
    ][:1]
    rows = np.isin(calls.trip_idx, mine)
    place, at = np.cumsum(~gone) - 1, {t: k for k, t in enumerate(mine)}
    stop_times = replace(
        calls,
        trip_idx=int32([at[t] for t in calls.trip_idx[rows].tolist()]),
        station_idx=int32(place[calls.station_idx[rows]]),
        arrival_s=calls.arrival_s[rows],
        departure_s=calls.departure_s[rows],
        pickup=calls.pickup[rows],
        drop_off=calls.drop_off[rows],
    )
    names = ("trip_ids", "names", "route_ids")
    texts = {name: tuple(getattr(network.trips, name)[t] for t in mine) for name in names}
    some = np.array(mine, np.int64)
    trips_of = replace(
        network.trips,
        **texts,
        service_idx=network.trips.service_idx[some],
        route_types=network.trips.route_types[some],
    )
    walks = network.transfers
    both = ~gone[walks.from_idx] & ~gone[walks.to_idx]
    transfers = Transfers(
        int32(place[walks.from_idx[both]]),
        int32(place[walks.to_idx[both]]),
        int32(walks.seconds[both]),
    )
    stations = tuple(s for s in network.stations if s.station_id not in without)
    made = replace(
        network,
        stations=stations,
        trips=trips_of,
        stop_times=stop_times,
        transfers=transfers,
        cities=(),
    )
    return canonical(made)


class Scene:
    """A network and an edited one, targets in both, a window and a bound."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        one, two = two_networks(rng)
        self.base, self.after = compiled(one), compiled(two)
        edit = edit_of(self.base, two, default_assumptions())
        assert isinstance(edit, TimetableEdit), edit
        self.edit = edit
        calls = two.stop_times
        first, last = (
            int(calls.arrival_s.min()) - 20 * MINUTE,
            int(calls.departure_s.max()) + 20 * MINUTE,
        )
        self.span = first // MINUTE * MINUTE, last // MINUTE * MINUTE
        if rng.random() < 0.5:  # a window within the trips
            self.span = self.span[0] + rng.choice((40, 60)) * MINUTE, self.span[1] - 10 * MINUTE
        self.slack, self.bound = rng.choice((0, 600, 3600)), rng.choice((BOUND, BOUND, 1800, 600))
        self.rides = rng.choice((None, None, None, 0, 1))
        net = RefNetwork(one.n_stations, [], [0] * one.n_stations, [])
        self.targets = random_targets(rng, net)
        self.more = {k: s + rng.choice((0, 0, 60)) for k, s in self.targets.items()}
        if self.edit.added.network.n_stations > one.n_stations and rng.random() < 0.5:
            self.more[one.n_stations] = 0

    def search(self, way: Direction) -> Search:
        between = search_span(way, self.span, self.slack, self.bound)
        return Search.of(self.base, way, self.targets, between, self.bound, self.rides)

    def pairs_of(
        self, network: Compiled, targets: dict[int, int], way: Direction
    ) -> dict[str, list[tuple[int, int]]]:
        """Return the journeys by station of a search of a whole network."""
        found = network.profiles(
            way,
            targets,
            self.span,
            slack_s=self.slack,
            bound_s=self.bound,
            max_transfers=self.rides,
        )
        return {s.station_id: found.pairs(k) for k, s in enumerate(network.network.stations)}


@pytest.mark.parametrize("direction", DIRECTIONS)
@each_seed(range(400))
def test_journeys_of_an_edit_are_those_of_a_full_search(seed: int, direction: Direction) -> None:
    """Trips more, less and later, new stations, other walks, change times and ends, both ways, with
    rides counted.

    Stations that are not named have exactly the journeys that they had; `least_s` is the shortest
    that differs.
    """
    scene = Scene(seed)
    joint = scene.edit.added.network
    index = scene.after.network.station_index()
    targets = {index[joint.stations[k].station_id]: s for k, s in scene.more.items()}
    expected = scene.pairs_of(scene.after, targets, direction)
    before = scene.pairs_of(scene.base, scene.targets, direction)
    search = scene.search(direction)
    changed = search.edited(scene.edit, scene.more)
    views = Views(direction, search.profiles if changed is None else changed.profiles, BOUND)
    n = len(views.profiles.count)
    found = {s.station_id: views.pairs(k) if k < n else [] for k, s in enumerate(joint.stations)}
    assert found == expected
    differing = {station for station in expected if expected[station] != before.get(station, [])}
    named = (
        {}
        if changed is None
        else dict(zip(changed.station.tolist(), changed.least_s.tolist(), strict=True))
    )
    assert {joint.stations[k].station_id for k in named} == differing
    for k, least in named.items():
        station = joint.stations[k].station_id
        both = set(expected[station]) ^ set(before.get(station, []))
        assert least == min(arrival - departure for departure, arrival in both)


@each_seed(range(60))
def test_an_edit_counts_calls_and_trips_as_the_edited_network_does(seed: int) -> None:
    """Calls by station, of all trips and of trains; the trips that stay are those that
    are in both.
    """
    scene = Scene(seed)
    index = scene.after.network.station_index()
    at = [index[s.station_id] for s in scene.edit.added.network.stations]
    before = scene.base.count_calls(scene.base.run_trip)
    assert np.array_equal(
        scene.edit.count_calls(before), scene.after.count_calls(scene.after.run_trip)[:, at]
    )
    old, new = (trips_of(one.network) for one in (scene.base, scene.after))
    gone = {old[k] for k in np.flatnonzero(scene.edit.gone).tolist()}
    assert gone == set(old) - set(new)
    assert set(trips_of(scene.edit.added.network)) == set(new) - set(old)


def trips_of(network: Network) -> list[tuple[object, ...]]:
    """Return all that figures have of each trip."""
    calls, names = network.stop_times, [s.station_id for s in network.stations]
    found = []
    for k, trip in enumerate(network.trips.trip_ids):
        rows = np.flatnonzero(calls.trip_idx == k).tolist()
        columns = (calls.arrival_s, calls.departure_s, calls.pickup, calls.drop_off)
        found.append(
            (trip, *((names[calls.station_idx[i]], *(c[i].item() for c in columns)) for i in rows))
        )
    return found


def test_what_cannot_be_an_edit_says_why(toy: Network) -> None:
    """A station fewer, another door, other counties: the caller takes a full run."""
    base, assumptions = compiled_of(toy), default_assumptions()
    moved = replace(
        toy, stations=(replace(toy.stations[0], lon=toy.stations[0].lon + 0.1), *toy.stations[1:])
    )
    assert edit_of(base, moved, assumptions) == f"the door of {toy.stations[0].name} is another"
    assert (
        edit_of(base, replace(toy, stations=toy.stations[:-1]), assumptions)
        == "stations are taken away"
    )
    assert (
        edit_of(base, replace(toy, counties=None), assumptions) == "counties or people are others"
    )
    assert (
        edit_of(base, replace(toy, timezone="Europe/Paris"), assumptions)
        == "the network is of another kind"
    )


def compiled_of(network: Network) -> Compiled:
    return compile_network(network, default_assumptions())


def test_what_a_network_was_merged_from_is_what_comparing_finds(toy: Network) -> None:
    """Trips taken away and retimed once, also after other calls took the place of the
    merged ones.
    """
    base, calls = compiled_of(toy), calls_of(toy, [2, 5])
    calls[2].moved(1, 60)
    merged = with_trips(toy, {2: calls[2]}, removed=[5])
    later = replace(
        merged, stop_times=replace(merged.stop_times, departure_s=merged.stop_times.departure_s + 1)
    )
    compared = replace(merged, trips=replace(merged.trips))
    edits = [edit_of(base, network, default_assumptions()) for network in (merged, compared, later)]
    one, other, moved = (edit for edit in edits if isinstance(edit, TimetableEdit))
    assert merged.trips.origin.base() is toy
    assert compared.trips.origin is None
    assert one.gone.tolist() == other.gone.tolist() == [k in (2, 5) for k in range(toy.n_trips)]
    assert one.added.to.connections.tolist() == other.added.to.connections.tolist()
    assert one.added.network.trips == other.added.network.trips
    assert moved.gone.all()


def test_an_hourly_train_and_a_feeder_worked_out_by_hand() -> None:
    """0 -> 1 at 8:00-8:10 waits for the 8:30 from 1 to 2, until a train 8:15-8:20 is added: 20
    instead of 40 minutes.

    Without the 8:30 nothing leads to 2; the train 0 -> 1 at 8:25-8:28 is of use before the edit
    alone.
    """
    eight = 28_800
    trains = [
        [Call(0, eight, eight), Call(1, eight + 600, eight + 600)],
        [Call(0, eight + 1500, eight + 1500), Call(1, eight + 1680, eight + 1680)],
        [Call(1, eight + 1800, eight + 1800), Call(2, eight + 2400, eight + 2400)],
        [Call(1, eight + 900, eight + 900), Call(2, eight + 1200, eight + 1200)],
    ]
    whole = canonical(to_model(RefNetwork(3, trains, [60] * 3, [])))
    without = part_of(
        whole, [k for k in range(4) if whole.stop_times.departure_s[2 * k] != eight + 900], set()
    )
    between = search_span("to", (eight, eight + 3600), 0, BOUND)
    search = Search.of(compiled(without), "to", {2: 0}, between, BOUND)
    assert Views("to", search.profiles, BOUND).pairs(0) == [(eight + 1500, eight + 2400)]
    edit = edit_of(compiled(without), whole, default_assumptions())
    assert isinstance(edit, TimetableEdit)
    changed = search.edited(edit, {2: 0})
    assert changed is not None
    assert (changed.station.tolist(), changed.least_s.tolist()) == ([0, 1], [1200, 300])
    found = Views("to", changed.profiles, BOUND)
    assert found.pairs(0) == [(eight, eight + 1200), (eight + 1500, eight + 2400)]
    assert found.pairs(1) == [(eight + 900, eight + 1200), (eight + 1800, eight + 2400)]
    again = edit_of(compiled(whole), whole, default_assumptions())
    assert isinstance(again, TimetableEdit)
    assert Search.of(compiled(whole), "to", {2: 0}, between, BOUND).edited(again, {2: 0}) is None


@each_seed(range(40))
def test_edited_connections(seed: int) -> None:
    """Those of other runs stay, others come in by departure, behind those of the same second."""
    rng = np.random.default_rng(seed)
    old, new = (rng.integers(0, 9, (int(rng.integers(0, 30)), 6)).astype(np.uint32) for _ in "ab")
    old, new = (rows[np.argsort(rows[:, DEPARTURE], kind="stable")] for rows in (old, new))
    gone = rng.random(9) < 0.5
    left = [row for row in old.tolist() if not gone[row[RUN]]]
    assert edited_connections(old, gone, new).tolist() == sorted(
        [*left, *new.tolist()], key=lambda row: row[0]
    )


def test_profiles_that_differ() -> None:
    """By a journey more, less, later or faster; a station more; the shortest of these counts."""
    old = [[(50, 60), (10, 40)], [(50, 60)], [(50, 60)], [], [(5, 6)]]
    new = [[(50, 60), (10, 40)], [(50, 60), (10, 15)], [(50, 58)], [(1, 9)], [], [(3, 9)]]
    station, least = changed_profiles(*(profiles(rows) for rows in (old, new)))
    assert (station.tolist(), least.tolist()) == ([1, 2, 3, 4, 5], [5, 8, 8, 1, 6])


def profiles(rows: list[list[tuple[int, int]]]) -> Profiles:
    counts, flat = (
        np.array([len(row) for row in rows], np.uint32),
        [pair for row in rows for pair in row],
    )
    columns = (np.array([pair[k] for pair in flat], np.uint32) for k in (0, 1))
    return Profiles(np.append(0, np.cumsum(counts)).astype(np.uint32), counts, *columns)
