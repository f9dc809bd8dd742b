"""OMX matrices: pairs where they belong, read by the format's own library, the same bytes every
time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import railshed
from railshed.export import omx
from railshed.export.omx import write_omx
from railshed.questions.reach.reach import reach, reach_pairs
from railshed.util.errors import InputError, ParameterError
from tests.support.clirunner import command_line

h5py = pytest.importorskip("h5py", reason="h5py (extra omx) is not installed")
openmatrix = pytest.importorskip(
    "openmatrix", reason="openmatrix, the format's own library, is not installed"
)


def pairs() -> pd.DataFrame:
    """Two origins and three destinations, the pair 乙-y not listed and a-x not reached."""
    return pd.DataFrame(
        {
            "from_id": ["乙", "乙", "a", "a", "a"],
            "to_id": ["x", "z", "x", "y", "z"],
            "travel_time_p50": [1.5, 4.0, np.nan, 8.25, 16.0],
            "trips": [1, 2, 4, 8, 16],
        }
    )


def test_openmatrix_reads_what_was_written(tmp_path: Path) -> None:
    """Version 0.2, shape, names, values, NaN for what is not listed or reached, zones in order of
    appearance.
    """
    file = openmatrix.open_file(str(write_omx(pairs(), tmp_path / "a.omx", title="t")))
    try:
        assert file.version() == b"0.2"
        assert tuple(file.shape()) == (2, 3)
        assert file.list_matrices() == ["travel_time_p50", "trips"]
        assert np.array(file["travel_time_p50"]) == pytest.approx(
            np.array([[1.5, 4.0, np.nan], [np.nan, 16.0, 8.25]]), nan_ok=True
        )
        assert file["travel_time_p50"].attrs.units == b"min"
        assert np.isnan(file["travel_time_p50"].attrs.NA)
        assert [text.decode() for text in file.map_entries("from_id")] == ["乙", "a"]
        assert file.mapping("to_zone") == {1: 0, 2: 1, 3: 2}
        order = [text.decode() for text in file.map_entries("to_id")]
        assert order == ["x", "z", "y"]
        assert file.root.lookup.from_id.attrs.dim == 0
        assert file.root.lookup.to_id.attrs.dim == 1
    finally:
        file.close()


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    """No time stamps, no random order."""
    one, two = (write_omx(pairs(), tmp_path / f"{k}.omx").read_bytes() for k in (1, 2))
    assert one == two


def test_every_problem_is_named(tmp_path: Path) -> None:
    """Ending, a missing column, a column of text, a pair twice, an empty table."""
    with pytest.raises(
        ParameterError,
        match=r"a\.csv: an OMX file.*no column 'to'.*no column 'speed'.*'from_id' holds no",
    ):
        write_omx(pairs(), tmp_path / "a.csv", to_id="to", columns=["speed", "from_id"])
    twice = pd.concat([pairs(), pairs().iloc[:1]])
    with pytest.raises(ParameterError, match="a pair is listed twice \\(乙 to x\\)"):
        write_omx(twice, tmp_path / "a.omx")
    with pytest.raises(ParameterError, match="the table has no rows"):
        write_omx(pairs().iloc[:0], tmp_path / "a.omx")
    with pytest.raises(ParameterError, match="no column of numbers"):
        write_omx(pairs()[["from_id", "to_id"]], tmp_path / "a.omx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("most", "fits"), [(5, False), (6, True)])
@pytest.mark.parametrize("ends", [("from_id", "to_id"), ("to_id", "from_id")])
def test_a_matrix_has_a_cell_for_each_pair_of_zones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: tuple[str, str], most: int, fits: bool
) -> None:
    """Of two origins and three destinations that are six, listed or not; more than allowed are
    refused.
    """
    monkeypatch.setattr(omx, "_MAX_CELLS", most)
    path = tmp_path / "a.omx"
    if fits:
        assert write_omx(pairs(), path, from_id=ends[0], to_id=ends[1]) == path
    else:
        with pytest.raises(
            ParameterError,
            match=r"^OMX: the matrix would have more than 5 cells; write parts of it$",
        ):
            write_omx(pairs(), path, from_id=ends[0], to_id=ends[1])


def test_a_missing_package_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(
        InputError, match=r"writing OMX matrices needs h5py -> pip install 'railshed\[omx\]'"
    ):
        write_omx(pairs(), tmp_path / "a.omx")


@pytest.mark.parametrize("direction", ["to", "from"])
def test_pairs_of_reach_are_those_of_each_target(direction: str) -> None:
    """The least of a station's pairs is what `reach` says of all targets together."""
    network = railshed.load_network("toy")
    found = reach_pairs(network, city="mid", direction=direction)
    ends = ("from_id", "to_id") if direction == "to" else ("to_id", "from_id")
    assert set(found[ends[1]]) == {"mid", "midsouth"}
    together = reach(network, city="mid", direction=direction).set_index("station_id")[
        "travel_time_p0"
    ]
    least = found.groupby(ends[0])["travel_time_p0"].min()
    pd.testing.assert_series_equal(least, together.sort_index(), check_names=False)


def test_reach_writes_a_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`reach -o FILE.omx`: a row a station, a column a target, each percentile and the trips a
    matrix.
    """
    path = tmp_path / "mid.omx"
    done = command_line(monkeypatch, capsys)("reach", "-n", "toy", "--city", "mid", "-o", path)
    assert done.code == 0
    with h5py.File(path) as file:
        assert sorted(file["data"]) == ["travel_time_p0", "travel_time_p50", "trips"]
        assert file["lookup/to_id"][:].tolist() == [b"mid", b"midsouth"]
        row = file["lookup/from_id"][:].tolist().index(b"west")
        assert file["data/travel_time_p0"][row].tolist()[0] == 18.0
        assert file.attrs["SHAPE"].tolist() == [10, 2]
