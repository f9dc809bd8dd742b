"""Guarantees of scenarios on random networks: the base stays, order and files do not matter, lines
never hurt.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railshed.assumptions.assumptions import default_assumptions
from railshed.network.model import Network
from railshed.routing.compile import compile_network
from railshed.scenario.apply import apply_scenario, resolve
from railshed.scenario.files import Scenario, compose
from railshed.util.errors import InputError
from tests.kernels.test_profile_scan import BOUND
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.random_scenarios import canonical, line, modification, scenario

EXAMPLES = settings(max_examples=150, deadline=None)


def base_of(seed: int) -> tuple[Network, Random]:
    rng = Random(seed)
    net = random_network(rng)
    found = canonical(to_model(net, targets=list(random_targets(rng, net))))
    # 200 m apart instead of 10 km: its trains take no time for a hop now and then
    near = tuple(
        replace(s, lon=100 + (s.lon - 100) / 50, lat=10 + (s.lat - 10) / 50) for s in found.stations
    )
    return replace(found, stations=near), rng


def content(network: Network) -> str:
    """Return a hash of everything in a timetable."""
    digest = hashlib.sha256()
    for part in (network.trips, network.stop_times, network.transfers):
        for name in part.__slots__:
            value = getattr(part, name)
            digest.update(
                value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            )
    digest.update(
        repr((network.stations, network.services, network.cities, network.notes)).encode()
    )
    return digest.hexdigest()


def outcome(network: Network, given_scenario: Scenario | list[Scenario]) -> str | int:
    """Return the hash of what comes out (notes apart), or the number of problems."""
    try:
        return content(replace(resolve(network, given_scenario).network, notes=network.notes))
    except InputError as error:
        return len(error.issues)


@EXAMPLES
@given(st.integers(0, 10**6))
def test_the_base_never_changes_and_the_result_is_sound(seed: int) -> None:
    """Whatever the modifications: the base is the same to the bit; trips have two calls or more,
    times that do not fall where they did not before, and canonical order."""
    base, rng = base_of(seed)
    before = content(base)
    try:
        after = apply_scenario(
            base, scenario(*(modification(rng, base, k) for k in range(rng.randint(1, 4))))
        )
    except InputError:
        assert content(base) == before
        return
    assert content(base) == before
    assert content(canonical(after)) == content(after)
    calls = after.stop_times
    assert np.bincount(calls.trip_idx, minlength=after.n_trips).min(initial=2) >= 2
    assert (calls.departure_s >= calls.arrival_s).all()
    same = calls.trip_idx[1:] == calls.trip_idx[:-1]
    assert (calls.arrival_s[1:][same] >= calls.departure_s[:-1][same]).all()
    assert not any(getattr(calls, name).flags.writeable for name in calls.__slots__)
    assert len(set(after.trips.trip_ids)) == after.n_trips


@EXAMPLES
@given(st.integers(0, 10**6))
def test_one_scenario_or_several_are_the_same(seed: int) -> None:
    """Modifications in files of their own, composed or applied in turn, give what one file with all
    gives; and where there are mistakes, as many of them."""
    base, rng = base_of(seed)
    every = [modification(rng, base, k) for k in range(3)]
    apart = [scenario(one) for one in every]
    whole = outcome(base, scenario(*every))
    assert outcome(base, apart) == outcome(base, compose(apart)) == whole
    assert outcome(base, [compose(apart[:2]), apart[2]]) == whole
    if isinstance(whole, str):
        step = base
        for one in apart:
            step = resolve(step, one).network
        assert content(replace(step, notes=base.notes)) == whole


@EXAMPLES
@given(st.integers(0, 10**6))
def test_changes_of_nothing_change_nothing(seed: int) -> None:
    """No modification, or only disabled ones: the base itself.

    Speed x 1 and dwell x 1: the same to the bit.
    """
    base, rng = base_of(seed)
    off = {**modification(rng, base, 0), "enabled": False}
    for nothing in (Scenario("nothing"), scenario(), scenario(off), compose([])):
        assert apply_scenario(base, nothing) is base
    chosen = {"trips": list(base.trips.trip_ids)}
    assert outcome(base, scenario({"type": "adjust-speed", **chosen, "scale": 1})) == content(base)
    if max(np.bincount(base.stop_times.trip_idx)) > 2:
        assert outcome(
            base, scenario({"type": "adjust-dwell-time", **chosen, "scale": 1})
        ) == content(base)


def minutes(
    network: Network, ids: list[str], direction: str, window: tuple[int, int]
) -> np.ndarray:
    """Return the travel time of each of the stations at every minute of the window."""
    compiled = compile_network(network, default_assumptions(), footpaths=False)
    index = network.station_index()
    targets = {index[s]: 0 for s in network.cities[0].core_station_ids}
    found = compiled.profiles(direction, targets, window, slack_s=1800, bound_s=BOUND)  # type: ignore[arg-type]
    return found.travel_times(window, 1800)[[index[s] for s in ids]]


@pytest.mark.parametrize("direction", ["to", "from"])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_added_lines_never_hurt_and_removed_ones_leave_no_trace(seed: int, direction: str) -> None:
    """With the line no travel time is longer, at no minute; with it taken away again each is what
    it was.
    """
    base, rng = base_of(seed)
    window = (6 * 3600, 11 * 3600)
    ids = [s.station_id for s in base.stations]
    added = line(rng, base, "新线")
    before = minutes(base, ids, direction, window)
    try:
        after = apply_scenario(base, scenario(added))
    except InputError:
        return
    assert (minutes(after, ids, direction, window) <= before).all()
    gone = apply_scenario(base, scenario(added, {"type": "remove-trips", "routes": ["新线"]}))
    assert gone.trips.trip_ids == base.trips.trip_ids
    assert np.array_equal(minutes(gone, ids, direction, window), before)
    assert resolve(base, scenario(added)).only_adds


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_faster_trips_and_shorter_dwells_bring_every_trip_sooner(seed: int) -> None:
    """Each trip still leaves when it did and arrives no later, at every call."""
    base, _ = base_of(seed)
    chosen = {"routes": ["r"]}
    for change in (
        {"type": "adjust-speed", "scale": 1.25},
        {"type": "adjust-dwell-time", "dwell_minutes": 0},
    ):
        if (
            change["type"] == "adjust-dwell-time"
            and max(np.bincount(base.stop_times.trip_idx)) <= 2
        ):
            continue
        after = apply_scenario(base, scenario({**chosen, **change}))
        old, new = arrivals(base), arrivals(after)
        assert all(a <= b for trip in old for a, b in zip(new[trip], old[trip], strict=True))
        assert all(new[trip][0] == old[trip][0] for trip in old)


def arrivals(network: Network) -> dict[str, list[int]]:
    calls = network.stop_times
    found: dict[str, list[int]] = {}
    for trip, arrival in zip(calls.trip_idx.tolist(), calls.arrival_s.tolist(), strict=True):
        found.setdefault(network.trips.trip_ids[trip], []).append(arrival)
    return found
