"""Hashes of what figures come from: equal hashes give equal results.

Names, sources and the order of input rows do not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from railshed.network.model import Network
from railshed.util.cache import arrays_of


def fingerprint_of(arrays: Iterable[NDArray[np.generic]], network: Network) -> str:
    """Return a hash of arrays and of a network's stations, counties and people."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    digest.update(places_digest(network))
    return digest.hexdigest()[:16]


#: by network, as long as it lives: every circle asks for it
_PLACES: WeakKeyDictionary[Network, bytes] = WeakKeyDictionary()


def places_digest(network: Network) -> bytes:
    """Return a hash of a network's stations, counties and people."""
    if network not in _PLACES:
        [digest] = arrays_of(
            network, "places", lambda: [np.frombuffer(_hash_of_places(network), np.uint8)]
        )
        _PLACES[network] = digest.tobytes()
    return _PLACES[network]


def _hash_of_places(network: Network) -> bytes:
    import shapely

    digest = hashlib.sha256()
    places = []
    for s in network.stations:
        own_times = () if s.entry_s is None and s.exit_s is None else (s.entry_s, s.exit_s)
        places.append(
            (s.station_id, s.lon, s.lat, s.station_class, s.feeder, s.county_code, *own_times)
        )
    digest.update(repr(places).encode())
    if network.counties is not None:
        table = network.counties
        codes = (
            table[["county_code", "prefecture_code", "province_code"]]
            .astype(str)
            .to_numpy()
            .tolist()
        )
        digest.update(repr((codes, table["population"].tolist())).encode())
        digest.update(b"".join(shapely.to_wkb(table.geometry.to_numpy())))
    if network.population is not None:
        digest.update(
            network.population[["lon", "lat", "people"]].to_numpy(dtype=np.float64).tobytes()
        )
        digest.update("|".join(network.population["county_code"]).encode())
    return digest.digest()
