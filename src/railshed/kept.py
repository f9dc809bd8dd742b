"""What was made of a network that came from the cache folder, kept there beside it; of any other it is made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from numpy.typing import NDArray

from railshed.model import Network
from railshed.store import cached_arrays

#: a hash of all that a network comes from, by network as long as it lives; a changed copy has none
_KEYS: WeakKeyDictionary[Network, str] = WeakKeyDictionary()


def know_network(network: Network, key: str) -> Network:
    """Return the network, whose arrays are kept from now on; `key` is a hash of all that it comes from, and of code."""
    _KEYS[network] = key
    return network


def kept_arrays(network: Network, what: str, make: Callable[[], Sequence[NDArray[Any]]]) -> list[NDArray[Any]]:
    """Return arrays made of a network: `what` names them, and everything else that they depend on."""
    key = _KEYS.get(network)
    if key is None:
        return list(make())
    return cached_arrays(hashlib.sha256(f"{key} {what}".encode()).hexdigest(), make)
