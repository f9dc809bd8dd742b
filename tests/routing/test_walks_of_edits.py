"""Walks of stations that edits add are found once for a plan's draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import railshed
from railshed import Network
from railshed.network.model import Station
from railshed.routing import timetable_edit
from railshed.routing.compile import list_transfers
from railshed.util.array_types import Ints64


def test_walks_are_those_found_anew_and_found_once(toy: Network) -> None:
    """One station beside another: a second draw takes the same rows; other assumptions or stations
    have their own.
    """
    run = railshed.prepare(toy)
    near = toy.stations[0]
    beside = Station("beside", "旁站", near.lon + 0.002, near.lat, station_class="metro")

    def walks(station: Station, minutes: float = 10) -> Ints64:
        network = replace(toy, stations=(*toy.stations, station))
        a = replace(run.assumptions, footpath_cap_s=round(60 * minutes))
        differs = np.arange(network.n_stations) >= toy.n_stations
        found = timetable_edit._walks_of(toy, network, a, differs)
        assert np.array_equal(found, np.column_stack(list_transfers(network, a, True, of=differs)))
        return found

    first = walks(beside)
    assert len(first)
    assert walks(beside) is first
    assert not len(walks(beside, minutes=0.1))
    assert len(walks(replace(beside, lon=near.lon + 9))) == 0
    assert walks(beside) is first
    other = replace(toy, stations=(*toy.stations, beside), transfers=replace(toy.transfers))
    differs = np.arange(other.n_stations) >= toy.n_stations
    apart = [timetable_edit._walks_of(toy, other, run.assumptions, differs) for _ in range(2)]
    assert apart[0] is not apart[1], "transfers of its own are looked at each time"
