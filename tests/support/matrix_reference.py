"""Door to door by rounds in plain Python: several stations to get on and to get off at, each with
its own seconds.

Written for reading. A journey is access, ride, {change or transfer, ride}, egress; there is no
transfer before the first ride or after the last. It knows nothing of `railshed.kernels`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.support.reference import RefNetwork

_NEVER = 10**9


def arrivals_by_train(
    net: RefNetwork, access: Mapping[int, int], departure: int, max_rides: int | None = None
) -> dict[int, int]:
    """Return by station the earliest arrival by train for who leaves the door at `departure`.

    `access` maps a station to the seconds from the door until ready to board there.
    """
    ready = {x: departure + seconds for x, seconds in access.items()}
    by_train: dict[int, int] = {}
    rides = 0
    while max_rides is None or rides < max_rides:
        rides += 1
        better: dict[int, int] = {}
        for trip in net.trips:
            aboard = False
            for call in trip:
                x = call.station
                known = min(by_train.get(x, _NEVER), better.get(x, _NEVER))
                if aboard and call.drop_off and call.arrival < known:
                    better[x] = call.arrival
                if call.pickup and ready.get(x, _NEVER) <= call.departure:
                    aboard = True
        if not better:
            break
        by_train |= better
        for x, arrival in better.items():
            ready[x] = min(ready.get(x, _NEVER), arrival + net.change_s[x])
        for u, v, seconds in net.transfers:
            if u in better:
                ready[v] = min(ready.get(v, _NEVER), better[u] + seconds)
    return by_train


def travel_time(
    net: RefNetwork,
    access: Mapping[int, int],
    egress: Mapping[int, int],
    on_foot: int | None,
    departure: int,
    bound_s: int,
    max_rides: int | None = None,
) -> int | None:
    """Return the seconds from door to door, None where they are more than `bound_s`."""
    by_train = arrivals_by_train(net, access, departure, max_rides)
    found = [by_train[x] + seconds - departure for x, seconds in egress.items() if x in by_train]
    found += [] if on_foot is None else [on_foot]
    return min((t for t in found if t <= bound_s), default=None)


def ranked(values: Sequence[int | None], rank: int) -> int | None:
    """Return the value at this place when sorted, unreached ones last."""
    return sorted(values, key=lambda v: (v is None, v or 0))[rank]
