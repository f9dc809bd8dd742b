"""`suggest` finds a line that was taken away: its rank among the corridors, one line's trains removed at a time.

    python tests/check_suggest.py [--case jinshan] [--appraise 200]

Trains of one line are removed from the China network, and links are suggested for its agglomeration at its top speed.
A suggested corridor is that line's where both ends lie within 10 km of stations of the line, a fifth of its length
apart or more (no more of the Fuzhou-Xiamen line is within an hour of either city). Prints the first ten with the
line's marked, and its rank by gain and by gain a km; leaves with 1 where a line is not among the first five by gain.
Takes minutes. Whole trains are removed, also beyond the line. The Jinshan line is known to fail: see the guide's page
`suggest`.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

import numpy as np

from railshed import load_network, prepare
from railshed.appraisal.suggestions import Link, LinkRules, suggest_links
from railshed.cli.kernel_cache import use_kernel_cache
from railshed.network.model import Network
from railshed.scenario.apply import apply_scenario
from railshed.scenario.files import scenario_from_dict
from railshed.util.geodesy import great_circle_m

NEAR_KM, WITHIN, SHARE = 10.0, 5, 0.2


@dataclass(frozen=True, slots=True)
class Removed:
    """A line, by the names of its stations, and which trains count as its own."""

    region: str
    top_speed_kmh: float
    stations: tuple[str, ...]
    #: a train is removed that calls at one of these
    calls_at: tuple[str, ...]
    #: or at two stations of the line, with a number that begins so
    letters: str = ""


CASES = {
    "jinshan": Removed(
        "csj", 160, ("上海南", "春申", "新桥", "车墩", "叶榭", "亭林", "金山园区", "金山卫"), ("金山卫",),
    ),
    "dujiangyan": Removed(
        "cy", 200, ("犀浦", "红光镇", "郫县西", "安德", "聚源", "都江堰", "离堆公园", "青城山"),
        ("都江堰", "离堆公园", "青城山"),
    ),
    "fuzhou-xiamen": Removed(
        "ymz", 350, ("福州南", "福清西", "莆田", "泉港", "泉州东", "泉州南", "厦门北"),
        ("福清西", "泉港", "泉州东", "泉州南"), "GC",
    ),
}  # fmt: skip


def places_of(network: Network, names: tuple[str, ...]) -> list[int]:
    """Return the stations of a line that the network has; of namesakes the one nearest to the line's other stations."""
    found = [network.find_stations(name) for name in names]
    (anchor,) = next(each for each in found if len(each) == 1)
    at = network.stations[anchor]

    def far(k: int) -> float:
        return float(great_circle_m(at.lon, at.lat, network.stations[k].lon, network.stations[k].lat))

    return [min(each, key=far) for each in found if each]


def without(network: Network, case: Removed) -> tuple[Network, int]:
    """Return the network without the line's trains, and how many they are."""
    calls, trips = network.stop_times, network.trips
    every, own_only = places_of(network, case.stations), places_of(network, case.calls_at)
    own = set(calls.trip_idx[np.isin(calls.station_idx, own_only)].tolist())
    n = np.bincount(calls.trip_idx[np.isin(calls.station_idx, every)], minlength=network.n_trips)
    own |= {k for k in np.flatnonzero(n >= 2).tolist() if case.letters and trips.names[k][:1] in case.letters}
    ids = sorted(trips.trip_ids[k] for k in own)
    scenario = scenario_from_dict({"modification": [{"type": "remove-trips", "name": "out", "trips": ids}]})
    return apply_scenario(network, scenario), len(own)


def is_of_line(network: Network, case: Removed, link: Link) -> bool:
    """Return whether a link is the line's corridor."""
    line = [network.stations[k] for k in places_of(network, case.stations)]
    index = network.station_index()
    near = []
    for end in (network.stations[index[link.from_id]], network.stations[index[link.to_id]]):
        km = [great_circle_m(end.lon, end.lat, s.lon, s.lat) / 1000 for s in line]
        if min(km) > NEAR_KM:
            return False
        near.append(line[int(np.argmin(km))])
    first, last = line[0], line[-1]
    whole, part = (great_circle_m(a.lon, a.lat, b.lon, b.lat) for a, b in ((first, last), (near[0], near[1])))
    return bool(part >= whole * SHARE)


def check(network: Network, name: str, appraised: int) -> int | None:
    """Print the suggestions and return the line's rank by gain, None where it is not among them."""
    case, start = CASES[name], time.perf_counter()
    fewer, n = without(network, case)
    rules = LinkRules(top_speed_kmh=case.top_speed_kmh, most_appraised=appraised)
    found = suggest_links(prepare(fewer), case.region, rules=rules)
    print(f"{name}: {n} trains removed, {found.n_candidates} candidates, {found.n_appraised} appraised, ", end="")
    print(f"{'proved' if found.proved else 'not proved'}, {time.perf_counter() - start:.0f} s")
    mine = [is_of_line(network, case, link) for link in found.links]
    for k, (link, own) in enumerate(zip(found.links, mine, strict=True), start=1):
        mark = "<- the line" if own else ""
        print(f"  {k:2d} {link.name} {link.km:.0f} km {link.gain:,.0f} (at most {link.bound:,.0f}) {mark}")
    by_km = sorted(range(len(mine)), key=lambda k: -found.links[k].gain_per_km)
    ranks = [next((k + 1 for k, at in enumerate(order) if mine[at]), None) for order in (range(len(mine)), by_km)]
    print(f"  rank by gain {ranks[0]}, of these by gain a km {ranks[1]}")
    return ranks[0]


def main() -> int:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--appraise", type=int, default=200)
    asked = parser.parse_args()
    use_kernel_cache()
    network = load_network("china")
    ranks = {name: check(network, name, asked.appraise) for name in asked.case or CASES}
    print(", ".join(f"{name}: {rank}" for name, rank in ranks.items()))
    return int(any(rank is None or rank > WITHIN for rank in ranks.values()))


if __name__ == "__main__":
    sys.exit(main())
