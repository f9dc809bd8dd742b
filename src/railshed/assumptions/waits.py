"""Waits for lines known by headway only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from railshed.network.model import Links
from railshed.util.array_types import Ints64
from railshed.util.validation import cast_all, one_of, whole

HALF_HEADWAY = "half-headway"
SAMPLED = "sampled"


@dataclass(frozen=True, slots=True)
class Waits:
    """Rule of the waits for the lines of a journey other than the one that sets its clock.

    ``half-headway``: half of it, rounded up to a second; one network. ``sampled``: `n_draws`
    networks, in each of which a line has one wait, uniform in [0, headway), and one phase. All are
    drawn from hash(seed, line, draw), so an added line changes no other. The minutes of a window
    take the draws in turn, so percentiles are over both; a slack chooses among the journeys of one
    draw, never among draws.
    """

    rule: str = HALF_HEADWAY
    #: a prime, so that each draw meets the trains at all minutes of their headways
    n_draws: int = 31
    seed: int = 0

    def __post_init__(self) -> None:
        cast_all({"waits": self.rule}, {"waits": one_of(HALF_HEADWAY, SAMPLED)})
        numbers = {"n_draws": whole(1, 1000), "seed": whole()}
        for name, value in cast_all({"n_draws": self.n_draws, "seed": self.seed}, numbers).items():
            object.__setattr__(self, name, value)

    @property
    def draws(self) -> range:
        """Numbers of the drawn networks."""
        return range(self.n_draws if self.rule == SAMPLED else 1)

    def of_hops(self, links: Links, draw: int) -> Ints64:
        """Return int64 (n_hops,) seconds of waiting for each hop."""
        if self.rule == SAMPLED:
            return (self._drawn(links, draw, "wait")[links.line_idx] * links.headway_s) >> 32
        return (links.headway_s.astype(np.int64) + 1) // 2

    def phases(self, links: Links, draw: int) -> Ints64:
        """Return int64 (n_lines,) clock seconds at which journeys leave, modulo any headway of the
        line.
        """
        return self._drawn(links, draw, "phase")

    def _drawn(self, links: Links, draw: int, what: str) -> Ints64:
        keys = (f"{self.seed}|{line}|{draw}|{what}".encode() for line in links.line_ids)
        drawn = [
            int.from_bytes(hashlib.blake2b(key, digest_size=4).digest(), "big") for key in keys
        ]
        return np.array(drawn, dtype=np.int64)
