"""Trips with defects: a few are left out with a warning, many are an error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from railshed.io.csv.parser import Tables
from railshed.io.csv.table import FeedTable, Report, Rows
from railshed.util.errors import Issue

#: share of trips that may be left out, per cent; with more, the feed is refused
MAX_PERCENT_LEFT_OUT = 5


@dataclass(slots=True)
class TripDefects:
    """The trips of trips.txt with defects, and their issues."""

    out: NDArray[np.bool_]  # bool (n_trips,)
    issues: list[Issue] = field(default_factory=list)
    #: trip ids of other files that are not in trips.txt
    strangers: set[str] = field(default_factory=set)

    def reporter(self, table: FeedTable, trip_idx: NDArray[np.int64]) -> Report:
        """Return a `Report` that leaves out the trips of the rows; `trip_idx` is (n_rows,), -1 for none."""

        def report(rows: Rows, *problem: Any, **more: Any) -> None:
            rows = np.fromiter(rows, dtype=np.int64)
            hit = trip_idx[rows]
            self.out[hit[hit >= 0]] = True
            self.issues += table.describe(rows, *problem, **more)

        return report

    def find_trips(self, table: FeedTable, trip_ids: tuple[str, ...]) -> NDArray[np.int64]:
        """Return int64 (n_rows,) trip index of every row; -1, and a defect, if trips.txt lacks it."""
        trip_idx = table.refer(
            "trip_id", trip_ids, "trips.txt", self.reporter(table, np.broadcast_to(np.int64(-1), table.n_rows))
        )
        codes, texts = table.encoded("trip_id")
        self.strangers.update(texts[code] for code in np.unique(codes[trip_idx < 0]).tolist())
        return trip_idx

    def settle(self, files: Tables, notes: list[str], file: str = "trips.txt", what: str = "trip") -> None:
        """Add the issues to `files`: as warnings with a note if few trips are left out, else as errors."""
        n_out = int(self.out.sum()) + len(self.strangers)
        n_trips = len(self.out) + len(self.strangers)
        if n_out * 100 > n_trips * MAX_PERCENT_LEFT_OUT:
            files.issues += self.issues
            message = f"{n_out:,} of {n_trips:,} {what}s have defects; at most {MAX_PERCENT_LEFT_OUT} % are left out"
            files.error(file, "too-many-defects", message, remedy="mend the rows named here")
        elif n_out:
            files.issues += [
                replace(i, severity="warning", message=f"{i.message}; {what} left out") for i in self.issues
            ]
            notes.append(f"{file}: {n_out:,} of {n_trips:,} {what}s left out for defects (see the warnings)")
