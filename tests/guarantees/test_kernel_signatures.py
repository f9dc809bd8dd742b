"""The list by which the package compiles kernels when it is built.

While a test runs, `tests/conftest.py` has `check_compiled` look at each kernel that is compiled: so
no path of any test compiles a kernel for types that the list does not have, nor for two.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numba
import pytest

from railshed import Network, TimeQuery
from railshed.kernels import build
from railshed.kernels.contours import trace_contours
from railshed.kernels.jit import ShippedCode
from railshed.questions.reach.points import travel_time_array
from tests.support import signatures

NAME = "contours.trace_contours"


def test_the_list_has_the_kernels_that_python_calls() -> None:
    """Each has its types, and no other kernel has; RAILSHED_SIGNATURES=1 for tests that call them
    writes the list.
    """
    if os.environ.get(signatures.VARIABLE):
        signatures.write(signatures.listed())
    assert set(signatures.listed()) == signatures.called_by_python()


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_other_types_are_refused_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The types of the list pass, others name the command that writes them, which changes the
    kernel's line alone.
    """
    code, listed = ShippedCode(trace_contours.py_func), signatures.listed()
    types = tuple(map(build.decoded, listed[NAME]))
    monkeypatch.setattr(signatures, "_said", lambda *_: None)
    signatures.check_compiled(code, types)
    other = (types[0].copy(dtype=numba.types.int8), *types[1:])
    with pytest.raises(
        AssertionError, match=rf"{NAME} is compiled for .*int8.*{signatures.VARIABLE}=1 "
    ):
        signatures.check_compiled(code, other)
    copy = tmp_path / "signatures.json"
    copy.write_bytes(build.SIGNATURES.read_bytes())
    monkeypatch.setattr(signatures, "SIGNATURES", copy)
    monkeypatch.setenv(signatures.VARIABLE, "1")
    signatures.check_compiled(code, other)
    written = signatures.listed()
    assert written.pop(NAME)[0][0] == "int8"
    assert written == {name: row for name, row in listed.items() if name != NAME}


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_tests_look_at_what_is_compiled() -> None:
    """While this test runs, what is compiled is looked at."""
    assert ShippedCode.save_overload is signatures.check_compiled


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_minutes_of_a_window_compile_nothing(toy: Network) -> None:
    """Also where a train takes no second between two stations, for which no test of another room
    asks.
    """
    arrival, departure = toy.stop_times.arrival_s.copy(), toy.stop_times.departure_s.copy()
    arrival[1] = departure[1] = departure[0]
    still = replace(
        toy, stop_times=replace(toy.stop_times, arrival_s=arrival, departure_s=departure)
    )
    places = gpd.points_from_xy([s.lon for s in toy.stations], [s.lat for s in toy.stations])
    points = gpd.GeoDataFrame({"id": range(len(places))}, geometry=places, crs="EPSG:4326")
    query = TimeQuery(departure=int(departure[0]), departure_time_window=10)
    for network in (toy, still):
        travel_time_array(network, points, points, times=query, change_minutes=0, threads=1)
    loaded = {name for name, kernel, _ in build.kernels() if kernel.signatures}
    assert loaded >= {"matrix_window.windows-0", "matrix_window.windows-1"}
