"""Matrices in the Open Matrix format (OMX 0.2), which demand models read: HDF5 of a fixed layout.

``/data/<name>`` are the matrices, all of one shape; ``/lookup/<name>`` says which zone each row or
column is (attribute `dim`: 0 rows, 1 columns). Cells without a value are NaN, as the attribute `NA`
of each matrix says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.util.errors import ParameterError
from railshed.util.files import atomic_path
from railshed.util.optional_packages import require
from railshed.util.validation import checked, many, mapping, optional, text
from railshed.util.validation import path as path_of

if TYPE_CHECKING:
    import pandas as pd

#: what h5py is needed for
WRITING = "writing OMX matrices"
SUFFIX = ".omx"
VERSION = "0.2"
#: cells of a matrix: beyond, HDF5 would want gigabytes for each
_MAX_CELLS = 1_000_000_000


def _table_of(value: Any) -> Any:
    if not (hasattr(value, "columns") and hasattr(value, "iloc")):
        raise ValueError("allowed is a DataFrame, as travel_time_matrix returns it")
    return value


@checked(
    table=_table_of,
    path=path_of,
    from_id=text,
    to_id=text,
    columns=optional(many(text)),
    title=text,
    units=optional(mapping),
)
def write_omx(
    table: pd.DataFrame,
    path: str | Path,
    *,
    from_id: str = "from_id",
    to_id: str = "to_id",
    columns: Sequence[str] | None = None,
    title: str = "",
    units: Mapping[str, str] | None = None,
) -> Path:
    """Write a table of pairs as an OMX file, one matrix a column, and return its path.

    The same table gives the same bytes.

    Parameters
    ----------
    table
        One row a pair, as `travel_time_matrix` returns it; pairs that are not listed are NaN.
    path
        Ends in ``.omx``.
    from_id, to_id
        The columns that name rows and columns of the matrices. Both are lookups of text;
        ``from_zone`` and ``to_zone`` number them from 1, for programs that know zones by number. In
        the order in which they appear.
    columns
        What is written; default every other column of numbers.
    title
        What the file is.
    units
        By column; default minutes where the name says so (``travel_time_p50``, ``minutes``).

    Raises
    ------
    ParameterError
        When the path, a column or a pair does not fit; names every problem.
    InputError
        When h5py (extra `omx`) is not installed.
    OutputError
        When the file cannot be written.
    """
    import pandas as pd

    path = Path(path)
    chosen = list(dict.fromkeys(columns or ()))
    if columns is None:
        chosen = [
            c for c in table.columns if c not in (from_id, to_id) and table[c].dtype.kind in "iuf"
        ]
    _check(table, path, (from_id, to_id), chosen)
    require("h5py", WRITING)
    (row, rows), (column, cols) = (pd.factorize(table[key].astype(str)) for key in (from_id, to_id))
    matrices = {}
    for name in chosen:
        values = np.full((len(rows), len(cols)), np.nan)
        values[row, column] = table[name].to_numpy(dtype=float, na_value=np.nan)
        matrices[name] = values
    lookups = {
        from_id: (0, np.char.encode(np.asarray(rows, str), "utf-8")),
        to_id: (1, np.char.encode(np.asarray(cols, str), "utf-8")),
        "from_zone": (0, np.arange(1, len(rows) + 1, dtype=np.int32)),
        "to_zone": (1, np.arange(1, len(cols) + 1, dtype=np.int32)),
    }
    unit_of = {
        name: "min" if name.startswith(("travel_time", "minutes")) else "" for name in chosen
    }
    unit_of |= {name: unit for name, unit in (units or {}).items() if name in unit_of}
    with atomic_path(path) as temporary:
        _write(temporary, matrices, lookups, unit_of, title)
    return path


def _check(table: pd.DataFrame, path: Path, keys: tuple[str, str], chosen: Sequence[str]) -> None:
    problems = []
    if path.suffix.lower() != SUFFIX:
        problems.append(f"{path}: an OMX file is written; the allowed ending is {SUFFIX}")
    problems += [
        f"no column {name!r} in the table"
        for name in dict.fromkeys((*keys, *chosen))
        if name not in table
    ]
    problems += [
        f"column {name!r} holds no numbers"
        for name in chosen
        if name in table and table[name].dtype.kind not in "biuf"
    ]
    if not chosen:
        problems.append("no column of numbers to write")
    if not problems:
        pairs = table[list(keys)]
        if not len(pairs):
            problems.append("the table has no rows")
        elif pairs.duplicated().any():
            first = " to ".join(map(str, pairs[pairs.duplicated()].iloc[0]))
            problems.append(f"a pair is listed twice ({first}); allowed: each pair once")
        elif pairs[keys[0]].nunique() * pairs[keys[1]].nunique() > _MAX_CELLS:
            problems.append(
                f"the matrix would have more than {_MAX_CELLS:,} cells; write parts of it"
            )
    if problems:
        raise ParameterError("OMX: " + "; ".join(problems))


def _write(
    path: Path,
    matrices: Mapping[str, NDArray[np.float64]],
    lookups: Mapping[str, tuple[int, NDArray[Any]]],
    units: Mapping[str, str],
    title: str,
) -> None:
    import h5py

    n_rows, n_columns = next(iter(matrices.values())).shape
    # in memory, compressed: HDF5 ends the whole process where the disk is full
    with h5py.File(
        path, "w", libver=("earliest", "v110"), driver="core", backing_store=False
    ) as file:
        file.attrs["OMX_VERSION"] = np.bytes_(VERSION)
        file.attrs["SHAPE"] = np.array([n_rows, n_columns], np.int32)
        if title:
            file.attrs["title"] = np.bytes_(title.encode("utf-8"))
        data = file.create_group("data")
        lookup = file.create_group("lookup")
        for name, values in matrices.items():
            stored = data.create_dataset(
                name, data=values, compression="gzip", shuffle=True, track_times=False
            )
            stored.attrs["NA"] = np.nan
            if units[name]:
                stored.attrs["units"] = np.bytes_(units[name])
        for name, (dim, labels) in lookups.items():
            lookup.create_dataset(name, data=labels, track_times=False).attrs["dim"] = np.int32(dim)
        file.flush()
        path.write_bytes(file.id.get_file_image())
