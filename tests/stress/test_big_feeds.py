"""Bombs and feeds of masses of rows: read or refused within bounds of time and memory."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import mutations
from tests.support.mutations import RICH, Files, bomb, zip_bytes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux", reason="limits of memory are set and read as Linux does"
    ),
]
ROOT = Path(__file__).parents[2]
TIMES = "stop_times.txt"
HEADER = RICH[TIMES].split(b"\r\n")[0] + b"\r\n"
_READ = """
import json, pathlib, re, resource, sys, time
from tests.support.mutations import issue_text
from railshed.util.errors import InputError
from railshed.io.gtfs.read import read_gtfs
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
start = time.process_time()
try:
    found = read_gtfs(sys.argv[1]).issues
except InputError as error:
    found = error.issues
# ru_maxrss would count the process that started this one
used = int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) >> 10
print(json.dumps([[issue_text(i) for i in found], used, time.process_time() - start]))
"""
_ROW = b"t1,08:20:00,08:22:00,c,3,1\r\n"
_MANY = [f"repeated-row {TIMES} {row} stop_sequence" for row in range(92, 112)] + [
    f"repeated-row {TIMES} stop_sequence"
]


def once_each(n: int) -> Files:
    """Return a feed of as many services, each with one trip on one of 6,000 Mondays."""
    monday = dt.date(2024, 5, 6).toordinal()
    days = [f"{dt.date.fromordinal(monday + 7 * (i % 6_000)):%Y%m%d}" for i in range(n)]
    rows = {
        "trips.txt": ["route_id,service_id,trip_id", *(f"r1,s{i},t{i}" for i in range(n))],
        "calendar_dates.txt": [
            "service_id,date,exception_type",
            *(f"s{i},{day},1" for i, day in enumerate(days)),
        ],
        TIMES: [
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
            *(
                f"t{i},{time},{time},{stop}"
                for i in range(n)
                for time, stop in (("08:00:00", "a1,1"), ("08:30:00", "c,2"))
            ),
        ],
    }
    files = {name: RICH[name] for name in ("agency.txt", "stops.txt", "routes.txt")}
    return files | {name: "\n".join(lines).encode() for name, lines in rows.items()}


#: what is made, the errors or warnings of it, MiB of memory and seconds of the processor that it
#: may cost
BIG: dict[str, tuple[Callable[[], bytes], list[str], int, int]] = {
    "ten gigabytes of NULs": (
        lambda: bomb(TIMES, b"", b"\0", 10 << 30),
        [f"not-text {TIMES}"],
        400,
        10,
    ),
    "ten gigabytes of blanks": (
        lambda: bomb(TIMES, b"", b" ", 10 << 30),
        [f"not-csv {TIMES}"],
        400,
        10,
    ),
    "ten gigabytes of line ends": (
        lambda: bomb(TIMES, HEADER, b"\n", 10 << 30),
        [f"too-large {TIMES}"],
        400,
        10,
    ),
    "ten gigabytes of quotes": (
        lambda: bomb(TIMES, HEADER, b'"', 10 << 30),
        [f"too-long {TIMES}"],
        400,
        10,
    ),
    "ten gigabytes of rows": (
        lambda: bomb(TIMES, HEADER, _ROW, 10 << 30),
        [f"too-large {TIMES}"],
        800,
        20,
    ),
    "malformed rows without end": (
        lambda: bomb(TIMES, HEADER, b",,\n", 32 << 20),
        [f"column-count {TIMES} {row}" for row in range(1, 21)] + [f"column-count {TIMES}"],
        400,
        10,
    ),
    "a quote never closed": (
        lambda: bomb(TIMES, HEADER + b'"', b"t1,1\n", 48 << 20),
        [f"too-long {TIMES}"],
        500,
        10,
    ),
    "sixty thousand columns": (
        lambda: zip_bytes(
            RICH
            | {
                TIMES: HEADER.strip()
                + b"," * 59_000
                + b"\r\n"
                + (_ROW.strip() + b"," * 59_000 + b"\r\n") * 100
            }
        ),
        [f"repeated-row {TIMES} {row} stop_sequence" for row in range(2, 22)]
        + [f"repeated-row {TIMES} stop_sequence"],
        800,
        15,
    ),
    "two million identical rows": (
        lambda: zip_bytes(RICH | {TIMES: RICH[TIMES] + _ROW * 2_000_000}),
        _MANY,
        1000,
        20,
    ),
    "a station of thirty thousand platforms": (
        lambda: zip_bytes(
            mutations.both(
                mutations.append("stops.txt", *(f"p{i},n,30.0,104.0,0,A" for i in range(30_000))),
                mutations.append("transfers.txt", "A,A,3,", "A,p1,3,", "p2,A,3,"),
            )(RICH)
        ),
        [],
        300,
        10,
    ),
    "services ten thousand years long": (
        lambda: zip_bytes(
            mutations.append(
                "calendar_dates.txt",
                *(f"s{i},{day},1" for i in range(5_000) for day in ("00010101", "99991231")),
            )(RICH)
        ),
        ["too-large calendar_dates.txt date"],
        400,
        10,
    ),
    "thousands of services that run once, on no Tuesday": (
        lambda: zip_bytes(once_each(30_000)),
        [],
        600,
        15,
    ),
    "two hundred thousand stops": (
        lambda: zip_bytes(
            mutations.append(
                "stops.txt", *(f"s{i},n{i},30.{i:06},104.{i:06},0," for i in range(200_000))
            )(RICH)
        ),
        [],
        450,
        8,
    ),
}


@pytest.mark.parametrize("case", BIG)
def test_bounded_time_and_memory(tmp_path: Path, case: str) -> None:
    """Bombs and masses of rows are read or refused within the memory of a small machine, in
    seconds.
    """
    make, expected, most_mib, most_s = BIG[case]
    path = tmp_path / "feed.zip"
    path.write_bytes(make())
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT)))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _READ, str(path)],
        env=environment,
        capture_output=True,
        timeout=300,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    found, used_mib, used_s = json.loads(done.stdout)
    assert found == expected
    assert used_mib < most_mib
    assert used_s < most_s
