"""Broken feeds made from good ones: what is changed, and exactly what railshed must make of it.

An issue is written ``code file row field``, parts that it lacks left out. Rows count from 1 below
the header.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from railshed.io.gtfs.read import Feed
from railshed.util.errors import Issue

Files = dict[str, bytes]

#: trips x00 to x39: from b at 06:00, 06:10 ... to d half an hour later; 44 trips in all, so that
#: two (5 % are 2.2) may be left out
N_PLAIN = 40
N_TRIPS = 44


def _rich() -> Files:
    """A feed with platforms, an entrance, blank times, both kinds of frequencies, transfers, BOM,
    CRLF and quotes.
    """
    stops = [
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station",
        'A,"甲, 总站",30.0,104.0,1,',
        "a1,甲一,30.0,104.0,0,A",
        "a2,甲二,30.0,104.0,0,A",
        "A-door,甲门,30.0,104.0,2,A",
        "b,乙,30.0,104.1,,",
        'c,"丙 ""东""",30.0,104.2,0,',
        "d,丁,30.0,104.3,0,",
    ]
    trips = [
        "route_id,service_id,trip_id,trip_short_name",
        "r1,weekdays,t1,G1",
        "r1,weekdays,t2,",
        "r1,weekends,t3,",
        "m1,weekdays,f1,",
    ]
    times = [
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type",
        "t1,08:00:00,08:00:00,a1,1,0",
        "t1,,,b,2,",
        "t1,08:20:00,08:22:00,c,3,1",
        "t1,08:30:00,08:30:00,d,4,0",
        "t2,23:50:00,23:50:00,d,1,0",
        "t2,24:05:00,24:06:00,c,2,0",
        "t2,24:20:00,24:20:00,a2,3,0",
        "t3,10:00:00,10:00:00,a1,1,0",
        "t3,10:30:00,10:30:00,d,2,0",
        "f1,06:00:00,06:00:00,b,1,0",
        "f1,06:05:00,06:06:00,c,2,0",
    ]
    for i in range(N_PLAIN):
        start = 360 + 10 * i
        trips.append(f"r1,weekdays,x{i:02},")
        times += [
            f"x{i:02},{minute // 60:02}:{minute % 60:02}:00,{minute // 60:02}:{minute % 60:02}:00,{stop},{n},0"
            for n, (stop, minute) in enumerate((("b", start), ("d", start + 30)), start=1)
        ]
    tables = {
        "agency.txt": [
            "agency_id,agency_name,agency_url,agency_timezone",
            "x,X,https://example.org,Asia/Shanghai",
        ],
        "stops.txt": stops,
        "routes.txt": [
            "route_id,route_short_name,route_long_name,route_type",
            "r1,R,,2",
            "m1,M,,1",
        ],
        "trips.txt": trips,
        "stop_times.txt": times,
        "calendar.txt": [
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
            "weekdays,1,1,1,1,1,0,0,20240101,20241231",
            "weekends,0,0,0,0,0,1,1,20240101,20241231",
        ],
        "calendar_dates.txt": [
            "service_id,date,exception_type",
            "weekdays,20240501,2",
            "weekends,20240501,1",
        ],
        "frequencies.txt": [
            "trip_id,start_time,end_time,headway_secs,exact_times",
            "f1,06:00:00,07:00:00,600,1",
            "f1,07:00:00,08:00:00,900,0",
        ],
        "transfers.txt": [
            "from_stop_id,to_stop_id,transfer_type,min_transfer_time",
            "a1,a2,2,120",
            "A,b,2,300",
            "b,c,3,",
            "d,c,2,60",
        ],
    }
    files = {name: ("\r\n".join(lines) + "\r\n").encode() for name, lines in tables.items()}
    return files | {"stops.txt": b"\xef\xbb\xbf" + files["stops.txt"]}


RICH = _rich()


@dataclass(frozen=True)
class Summary:
    """What a feed says, by ids: nothing of the order of rows or of how it was packed."""

    #: id to name, lon, lat, change seconds
    stations: dict[str, tuple[Any, ...]]
    #: trip to its calls: station, arrival, departure, may board, may alight
    calls: dict[str, tuple[tuple[Any, ...], ...]]
    #: trip to the days of its service: first, last, weekdays, added, removed
    days: dict[str, tuple[Any, ...]]
    #: trip to public name and route type
    lines: dict[str, tuple[str, int]]
    #: from and to, to seconds
    transfers: dict[tuple[str, str], int]
    timezone: str


def summary(feed: Feed) -> Summary:
    """Return what the feed says, by ids."""
    table = feed.timetable
    ids = [s.station_id for s in table.stations]
    calls: dict[str, list[tuple[Any, ...]]] = {trip: [] for trip in table.trips.trip_ids}
    times = table.stop_times
    columns = (
        times.trip_idx,
        times.station_idx,
        times.arrival_s,
        times.departure_s,
        times.pickup,
        times.drop_off,
    )
    for trip, station, *rest in zip(*(column.tolist() for column in columns), strict=True):
        calls[table.trips.trip_ids[trip]].append((ids[station], *rest))
    trips = table.trips
    services = [table.services[i] for i in trips.service_idx.tolist()]
    ends = zip(
        *(c.tolist() for c in (table.transfers.from_idx, table.transfers.to_idx)), strict=True
    )
    return Summary(
        {s.station_id: (s.name, s.lon, s.lat, s.change_s) for s in table.stations},
        {trip: tuple(rows) for trip, rows in calls.items()},
        {
            trip: (s.start_date, s.end_date, s.weekdays, s.added, s.removed)
            for trip, s in zip(trips.trip_ids, services, strict=True)
        },
        {
            t: (n, k)
            for t, n, k in zip(trips.trip_ids, trips.names, trips.route_types.tolist(), strict=True)
        },
        {
            (ids[i], ids[j]): s
            for (i, j), s in zip(ends, table.transfers.seconds.tolist(), strict=True)
        },
        feed.timezone,
    )


def issue_text(issue: Issue) -> str:
    """Return an issue as it is written in the expectations."""
    return " ".join(
        str(part)
        for part in (issue.code, issue.file, issue.row, issue.field)
        if part not in (None, "")
    )


@dataclass(frozen=True)
class Mutation:
    """A change of the files of a feed, and what must come of it."""

    name: str
    change: Callable[[Files], Files]
    #: all errors, and nothing else; none: the feed loads
    errors: tuple[str, ...] = ()
    #: where it loads: all warnings, and nothing else
    warnings: tuple[str, ...] = ()
    #: where it loads: from what the good feed says to what this one must say
    effect: Callable[[Summary], Summary] = lambda good: good
    #: words that the errors, or the warnings where there are none, must contain
    says: str = ""
    #: what the error says where it is one of the feed as a whole, without issues
    refused: str = ""


# --- changes ------------------------------------------------------------------------------------


def edit(name: str, old: str | bytes, new: str | bytes, count: int = 1) -> Callable[[Files], Files]:
    """Replace the first `count` (-1: all) places of `old`, which must be there, in one file."""
    before, after = (x.encode() if isinstance(x, str) else x for x in (old, new))

    def change(files: Files) -> Files:
        assert before in files[name], f"{name} does not hold {before[:80]!r}"
        return files | {name: files[name].replace(before, after, count)}

    return change


def put(name: str, content: str | bytes) -> Callable[[Files], Files]:
    """Replace a file, or add it."""
    return lambda files: files | {name: content.encode() if isinstance(content, str) else content}


def append(name: str, *rows: str) -> Callable[[Files], Files]:
    """Add rows at the end of a file."""
    return lambda files: (
        files | {name: files[name] + "".join(row + "\r\n" for row in rows).encode()}
    )


def drop(*names: str) -> Callable[[Files], Files]:
    """Leave files out."""
    return lambda files: {name: data for name, data in files.items() if name not in names}


def header_only(name: str) -> Callable[[Files], Files]:
    """Keep the header of a file alone."""
    return lambda files: files | {name: files[name].split(b"\n")[0] + b"\n"}


def recode(name: str, encoding: str) -> Callable[[Files], Files]:
    """Write a file in another encoding."""
    return lambda files: files | {name: files[name].decode("utf-8-sig").encode(encoding)}


def add_column(name: str, column: str, values: dict[int, str]) -> Callable[[Files], Files]:
    """Add a column, blank but in some rows."""

    def change(files: Files) -> Files:
        header, *rows = files[name].decode().splitlines()
        rows = [f"{row},{values.get(number, '')}" for number, row in enumerate(rows, start=1)]
        return files | {name: ("\r\n".join([f"{header},{column}", *rows]) + "\r\n").encode()}

    return change


def each(change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    """Change every file."""
    return lambda files: {name: change(data) for name, data in files.items()}


def both(*changes: Callable[[Files], Files]) -> Callable[[Files], Files]:
    """Make one change after the other."""

    def change(files: Files) -> Files:
        for step in changes:
            files = step(files)
        return files

    return change


# --- effects ------------------------------------------------------------------------------------


def without_trips(*gone: str) -> Callable[[Summary], Summary]:
    """The same without some trips."""

    def effect(good: Summary) -> Summary:
        assert set(gone) <= set(good.calls)
        return replace(
            good,
            calls={t: c for t, c in good.calls.items() if t not in gone},
            days={t: d for t, d in good.days.items() if t not in gone},
            lines={t: x for t, x in good.lines.items() if t not in gone},
        )

    return effect


def with_calls(**calls: tuple[tuple[Any, ...], ...]) -> Callable[[Summary], Summary]:
    """The same with the calls of some trips changed."""
    return lambda good: replace(good, calls=good.calls | calls)


def with_stations(**stations: tuple[Any, ...]) -> Callable[[Summary], Summary]:
    """The same with some stations changed or added."""
    return lambda good: replace(good, stations=good.stations | stations)


# --- packing ------------------------------------------------------------------------------------


def zip_bytes(files: Files, folder: str = "") -> bytes:
    """Return a zip of the files, in a folder of it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(folder + name, data)
    return buffer.getvalue()


def write_feed(path: Path, files: Files) -> Path:
    """Write a zip of the files and return its path."""
    path.write_bytes(zip_bytes(files))
    return path


# --- broken text --------------------------------------------------------------------------------

_TIMES, _STOPS, _FREQUENCIES, _TRANSFERS = (
    "stop_times.txt",
    "stops.txt",
    "frequencies.txt",
    "transfers.txt",
)
_F1 = tuple(f"f1@06{minute:02}00" for minute in range(0, 60, 10))


def _without_f1(good: Summary) -> Summary:
    """The same without the trips that frequencies.txt makes of f1."""
    return without_trips(*(trip for trip in good.calls if trip.startswith(("f1@", "f1~"))))(good)


def _without_agency(good: Summary) -> Summary:
    return replace(good, timezone="")


def _time(
    name: str, value: str, *, row: int = 3, says: str = "is not a time like 07:30:00"
) -> Mutation:
    """Write a bad arrival of t1 at c: the trip is left out."""
    return Mutation(
        f"time {name}",
        edit(_TIMES, "t1,08:20:00", f"t1,{value}"),
        warnings=(f"bad-time {_TIMES} {row} arrival_time",),
        effect=without_trips("t1"),
        says=says,
    )


def _sequence(name: str, value: str, code: str = "bad-value") -> Mutation:
    """Write a bad stop_sequence of t1 at c: the trip is left out."""
    return Mutation(
        f"stop_sequence {name}",
        edit(_TIMES, "08:22:00,c,3", f"08:22:00,c,{value}"),
        warnings=(f"{code} {_TIMES} 3 stop_sequence",),
        effect=without_trips("t1"),
    )


def _latitude(name: str, value: str, code: str = "bad-value", says: str = "") -> Mutation:
    """Write a bad latitude of d."""
    return Mutation(
        f"latitude {name}",
        edit(_STOPS, "d,丁,30.0", f"d,丁,{value}"),
        (f"{code} {_STOPS} 7 stop_lat",),
        says=says,
    )


def _frequency(name: str, old: str, new: str, code: str, column: str) -> Mutation:
    """Break the first row of frequencies.txt: the trips of f1 are left out."""
    return Mutation(
        f"frequencies: {name}",
        edit(_FREQUENCIES, old, new),
        warnings=(f"{code} {_FREQUENCIES} 1 {column}",),
        effect=_without_f1,
    )


def _distances(
    name: str, *values: str, second: int = 29_400, bad: tuple[int, ...] = ()
) -> Mutation:
    """Write shape_dist_traveled of the first three calls of t1, whose second call has no time.

    By distance along the shape it is at `second`; half way in time (08:10) by straight distance,
    where that cannot be.
    """

    def effect(good: Summary) -> Summary:
        first, _, *others = good.calls["t1"]
        return with_calls(t1=(first, ("b", second, second, True, True), *others))(good)

    column = dict(enumerate(values, start=1))
    warnings = tuple(f"bad-value {_TIMES} {row} shape_dist_traveled" for row in bad)
    change = add_column(_TIMES, "shape_dist_traveled", column)
    return Mutation(f"shape distances {name}", change, warnings=warnings, effect=effect)


def _column(name: str, column: str) -> Mutation:
    """Rename a required column."""
    return Mutation(
        f"column {column} missing in {name}",
        edit(name, column, "x" + column),
        (f"missing-column {name} {column}",),
    )


MUTATIONS = [
    # files
    Mutation("stops.txt missing", drop(_STOPS), (f"missing-file {_STOPS}",)),
    Mutation("trips.txt missing", drop("trips.txt"), ("missing-file trips.txt",)),
    Mutation("routes.txt missing", drop("routes.txt"), ("missing-file routes.txt",)),
    Mutation("stop_times.txt missing", drop(_TIMES), (f"missing-file {_TIMES}",)),
    Mutation(
        "both calendars missing",
        drop("calendar.txt", "calendar_dates.txt"),
        ("missing-file calendar.txt",),
        says="neither calendar.txt nor calendar_dates.txt",
    ),
    Mutation("agency.txt missing", drop("agency.txt"), effect=_without_agency),
    Mutation(
        "three files missing",
        drop(_STOPS, "trips.txt", _TIMES),
        (f"missing-file {_STOPS}", "missing-file trips.txt", f"missing-file {_TIMES}"),
    ),
    Mutation("stops.txt empty", put(_STOPS, ""), (f"empty-file {_STOPS}",)),
    Mutation("stop_times.txt empty", put(_TIMES, ""), (f"empty-file {_TIMES}",)),
    Mutation(
        "calendar.txt of blank lines",
        put("calendar.txt", "\r\n\r\n\n"),
        ("empty-file calendar.txt",),
    ),
    Mutation("frequencies.txt empty", put(_FREQUENCIES, ""), (f"empty-file {_FREQUENCIES}",)),
    Mutation(
        "agency.txt a BOM alone", put("agency.txt", b"\xef\xbb\xbf"), ("empty-file agency.txt",)
    ),
    Mutation("stop_times.txt header only", header_only(_TIMES), (f"no-rows {_TIMES}",)),
    Mutation(
        "calendars header only",
        both(header_only("calendar.txt"), header_only("calendar_dates.txt")),
        ("no-rows calendar.txt",),
    ),
    Mutation(
        "trips.txt header only",
        header_only("trips.txt"),
        (f"unknown-reference {_TIMES} 1 trip_id", "too-many-defects trips.txt", "..."),
    ),
    Mutation(
        "stops.txt header only",
        header_only(_STOPS),
        (f"unknown-reference {_TIMES} 1 stop_id", "too-many-defects trips.txt", "..."),
    ),
    Mutation(
        "transfers.txt header only",
        header_only(_TRANSFERS),
        effect=lambda good: replace(
            good, transfers={}, stations=good.stations | {"A": (*good.stations["A"][:3], None)}
        ),
    ),
    # columns
    _column(_STOPS, "stop_lat"),
    _column(_STOPS, "stop_id"),
    _column(_TIMES, "stop_sequence"),
    _column(_TIMES, "arrival_time"),
    _column("trips.txt", "service_id"),
    _column("calendar.txt", "tuesday"),
    _column("calendar_dates.txt", "exception_type"),
    _column(_FREQUENCIES, "headway_secs"),
    _column(_TRANSFERS, "to_stop_id"),
    _column("agency.txt", "agency_timezone"),
    Mutation(
        "two columns of one name",
        edit(_STOPS, "parent_station", "stop_lat"),
        (f"duplicate-column {_STOPS} stop_lat",),
    ),
    Mutation(
        "header in capitals",
        edit("agency.txt", "agency_timezone", "AGENCY_TIMEZONE"),
        ("missing-column agency.txt agency_timezone",),
    ),
    Mutation(
        "semicolons",
        edit("calendar_dates.txt", ",", ";", -1),
        ("not-csv calendar_dates.txt",),
        says="is it separated by ';'?",
    ),
    Mutation(
        "header of a million characters",
        edit(_TIMES, "pickup_type", "x" * 10**6),
        (f"not-csv {_TIMES}",),
        says="first line of more than 65,536 bytes",
    ),
    Mutation(
        "quote open in the header",
        edit(_TIMES, "stop_id", '"stop_id'),
        (f"not-csv {_TIMES}",),
        says="no readable header",
    ),
    # rows
    Mutation(
        "a value too few",
        edit(_TIMES, "t1,08:20:00,08:22:00,c,3,1", "t1,08:20:00,08:22:00,c,3"),
        (f"column-count {_TIMES} 3",),
        says="has 5 values, the header has 6",
    ),
    Mutation(
        "a value too many",
        edit(_STOPS, "c,", "c,x,"),
        (
            f"column-count {_STOPS} 6",
            *(f"unknown-reference {_TIMES} {r} stop_id" for r in (3, 6, 11)),
            "...",
        ),
        says="quote values that hold a comma",
    ),
    Mutation(
        "a row of blanks", append("trips.txt", "   "), (f"column-count trips.txt {N_TRIPS + 1}",)
    ),
    Mutation(
        "rows after a bad one keep their number",
        both(edit(_TIMES, "t1,,,b,2,", "t1,,,b,2"), edit(_TIMES, "t2,24:05:00", "t2,24:65:00")),
        (f"column-count {_TIMES} 2",),
        says="column-count",
    ),
    Mutation(
        "a comment",
        edit("calendar_dates.txt", "weekdays,", "# holidays\r\nweekdays,"),
        ("column-count calendar_dates.txt 1",),
    ),
    # quotes
    Mutation(
        "quote open to the end of the file",
        edit(_TIMES, "f1,06:00:00,06:00:00,b,1,0", 'f1,06:00:00,06:00:00,b,1,"0'),
        (f"unclosed-quote {_TIMES} 10",),
    ),
    Mutation(
        "quote open in the last row",
        append("trips.txt", 'r1,weekdays,t9,"G9'),
        (f"unclosed-quote trips.txt {N_TRIPS + 1}",),
    ),
    Mutation(
        "two open quotes that swallow a call",
        edit(
            _TIMES, "c,3,1\r\nt1,08:30:00,08:30:00,d,4,0", 'c,3,"1\r\nt1,08:30:00,08:30:00,d,4,"0'
        ),
        (f"unclosed-quote {_TIMES} 3",),
    ),
    Mutation(
        "text behind a closing quote",
        edit("trips.txt", "t1,G1", 't1,"G1"x'),
        effect=lambda good: replace(good, lines=good.lines | {"t1": ("G1x", 2)}),
    ),
    Mutation(
        "line break in quotes",
        edit(_STOPS, "甲, 总站", "甲,\n总站"),
        warnings=(f"line-break {_STOPS} 1",),
        effect=with_stations(A=("甲, 总站", 104.0, 30.0, 120)),
    ),
    Mutation(
        "a quote inside a value",
        edit(_STOPS, "b,乙", 'b,5" 乙'),
        effect=with_stations(b=('5" 乙', 104.1, 30.0, None)),
    ),
    # long values and characters
    Mutation(
        "name of a million characters",
        edit(_STOPS, "b,乙", "b," + "x" * 10**6),
        (f"too-long {_STOPS} 5 stop_name",),
    ),
    Mutation(
        "quoted name of a million characters",
        edit(_STOPS, "b,乙", 'b,"' + "x" * 10**6 + '"'),
        (f"too-long {_STOPS} 5 stop_name",),
    ),
    Mutation(
        "unused value of a million characters",
        both(
            edit(_STOPS, "parent_station", "parent_station,stop_desc"),
            lambda files: (
                files
                | {
                    _STOPS: files[_STOPS]
                    .replace(b"\r\n", b"," + b"x" * 10**6 + b"\r\n")
                    .replace(b"stop_desc," + b"x" * 10**6, b"stop_desc")
                }
            ),
        ),
    ),
    Mutation(
        "ids of a hundred thousand characters",
        both(edit("trips.txt", "x00", "y" * 10**5), edit(_TIMES, "x00", "y" * 10**5, -1)),
        (
            "too-long trips.txt 5 trip_id",
            f"too-long {_TIMES} 12 trip_id",
            f"too-long {_TIMES} 13 trip_id",
        ),
    ),
    Mutation("a NUL", edit(_TIMES, "t1,,,b", "t1,,,\0b"), (f"not-text {_TIMES} 2",), says="NUL"),
    Mutation("UTF-16", recode(_STOPS, "utf-16"), (f"not-text {_STOPS}",), says="is UTF-16"),
    Mutation(
        "GB18030", recode(_STOPS, "gb18030"), (f"not-utf8 {_STOPS} 1",), says="it reads as GB18030"
    ),
    Mutation(
        "Latin-1",
        edit(_STOPS, "b,乙", b"b,Gen\xe8ve"),
        (f"not-utf8 {_STOPS} 5",),
        says="save it as UTF-8",
    ),
    Mutation(
        "GB18030 in the header",
        edit("trips.txt", "trip_short_name", "车次".encode("gb18030")),
        ("not-utf8 trips.txt",),
        says="in the header",
    ),
    Mutation(
        "half a surrogate pair", edit(_STOPS, "b,乙", b"b,\xed\xa0\x80"), (f"not-utf8 {_STOPS} 5",)
    ),
    Mutation(
        "Latin-1 in a column that is not used",
        put(
            "routes.txt",
            b"route_id,route_short_name,route_type,route_desc\r\nr1,R,2,Z\xfcrich\r\nm1,M,1,\r\n",
        ),
        ("not-utf8 routes.txt 1",),
    ),
    Mutation(
        "zero width space in a reference",
        edit(_TIMES, "08:22:00,c,3", "08:22:00,c\u200b,3"),
        warnings=(f"unknown-reference {_TIMES} 3 stop_id",),
        effect=without_trips("t1"),
        says=r"'c\u200b'",
    ),
    Mutation(
        "right-to-left override in a name",
        edit(_STOPS, "d,丁", "d,\u202e丁"),
        warnings=(f"control-character {_STOPS} 7 stop_name",),
        effect=with_stations(d=("丁", 104.3, 30.0, None)),
    ),
    Mutation(
        "names of emoji",
        edit(_STOPS, "d,丁", "d,🚆"),
        effect=with_stations(d=("🚆", 104.3, 30.0, None)),
    ),
    # times
    _time("negative", "-08:20:00"),
    _time("99:99:99", "99:99:99"),
    _time("7:5:00", "7:5:00"),
    _time("a number", "0.347"),
    _time("with a fraction", "08:20:00.5"),
    _time("of 60 minutes", "08:60:00"),
    _time("with a full stop", "08.20.00"),
    _time("of four hour digits", "1000:20:00"),
    _time("in full-width digits", "０８:20:00"),
    _time("as in America", "8:20 AM"),
    Mutation(
        "time 999:00:00 in the middle",
        edit(_TIMES, "t1,08:20:00,08:22:00", "t1,999:00:00,999:00:00"),
        warnings=(f"decreasing-time {_TIMES} 4 arrival_time",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "departure before arrival",
        edit(_TIMES, "t1,08:20:00,08:22:00", "t1,08:22:00,08:20:00"),
        warnings=(f"decreasing-time {_TIMES} 3 departure_time",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "past midnight as 00:05",
        edit(_TIMES, "t2,24:05:00,24:06:00", "t2,00:05:00,00:06:00"),
        warnings=(f"decreasing-time {_TIMES} 6 arrival_time",),
        effect=without_trips("t2"),
        says="past midnight count on",
    ),
    Mutation(
        "a trip that takes no time",
        edit(_TIMES, "t3,10:30:00,10:30:00", "t3,10:00:00,10:00:00"),
        warnings=(f"no-time {_TIMES} 9 arrival_time",),
        effect=without_trips("t3"),
    ),
    Mutation(
        "first time blank",
        edit(_TIMES, "t3,10:00:00,10:00:00", "t3,,"),
        warnings=(f"blank-time {_TIMES} 8 arrival_time",),
        effect=without_trips("t3"),
    ),
    Mutation(
        "last time blank",
        edit(_TIMES, "t3,10:30:00,10:30:00", "t3,,"),
        warnings=(f"blank-time {_TIMES} 9 arrival_time",),
        effect=without_trips("t3"),
    ),
    Mutation("departure alone", edit(_TIMES, "t3,10:00:00,10:00:00", "t3,,10:00:00")),
    Mutation(
        "times with blanks around", edit(_TIMES, "t1,08:20:00,08:22:00", "t1, 08:20:00 ,\t08:22:00")
    ),
    Mutation(
        "times without seconds and zeros", edit(_TIMES, "t1,08:20:00,08:22:00", "t1,8:20,8:22")
    ),
    _distances("of a quarter", "0", "2.5", "10", second=29_100),
    _distances("beyond the end", "0", "12", "10"),
    _distances("that fall", "10", "2.5", "0"),
    _distances("infinite", "0", "inf", "inf", bad=(2, 3)),
    _distances("infinite at the end", "0", "1", "inf", bad=(3,)),
    _distances("not a number", "0", "NaN", "10", bad=(2,)),
    _distances("negative", "-10", "-5", "0", bad=(1, 2)),
    _distances("blank", "0", "", "10"),
    _distances("too large for sums", "0", "1e308", "1.7e308", bad=(2, 3)),
    # sequence and references
    _sequence("negative", "-3"),
    _sequence("huge", "99999999999999999999"),
    _sequence("with a point", "3.0"),
    _sequence("blank", ""),
    _sequence("a word", "third"),
    _sequence("used twice", "2", "duplicate-key"),
    _sequence("in Arabic digits", "٣"),
    Mutation("stop_sequence with gaps", edit(_TIMES, "08:22:00,c,3", "08:22:00,c,003")),
    Mutation(
        "stop of a call unknown",
        edit(_TIMES, "08:22:00,c,3", "08:22:00,C,3"),
        warnings=(f"unknown-reference {_TIMES} 3 stop_id",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "stop of a call blank",
        edit(_TIMES, "08:22:00,c,3", "08:22:00,,3"),
        warnings=(f"unknown-reference {_TIMES} 3 stop_id",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "a call at an entrance",
        edit(_TIMES, "08:00:00,a1", "08:00:00,A-door"),
        warnings=(f"not-a-stop {_TIMES} 1 stop_id",),
        effect=without_trips("t1"),
    ),
    Mutation("a call at the station itself", edit(_TIMES, "08:00:00,a1", "08:00:00,A")),
    Mutation(
        "calls of an unknown trip",
        append(_TIMES, "ghost,08:00:00,08:00:00,b,1,0"),
        warnings=(f"unknown-reference {_TIMES} {11 + 2 * N_PLAIN + 1} trip_id",),
    ),
    Mutation("a trip without calls", append("trips.txt", "r1,weekdays,idle,")),
    Mutation(
        "service of a trip unknown",
        edit("trips.txt", "r1,weekdays,t1", "r1,never,t1"),
        warnings=("unknown-reference trips.txt 1 service_id",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "route of a trip unknown",
        edit("trips.txt", "r1,weekdays,t1", "r9,weekdays,t1"),
        warnings=("unknown-reference trips.txt 1 route_id",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "pickup_type unknown",
        edit(_TIMES, "c,3,1", "c,3,9"),
        warnings=(f"bad-value {_TIMES} 3 pickup_type",),
        effect=without_trips("t1"),
    ),
    Mutation(
        "a trip that calls twice at a station",
        edit(
            _TIMES,
            "08:30:00,d,4,0\r\n",
            "08:30:00,d,4,0\r\nt1,08:40:00,08:41:00,c,5,0\r\nt1,08:50:00,08:50:00,a2,6,0\r\n",
        ),
        effect=lambda good: with_calls(
            t1=(
                *good.calls["t1"],
                ("c", 31_200, 31_260, True, True),
                ("A", 31_800, 31_800, True, True),
            )
        )(good),
    ),
    Mutation(
        "two trips left out of 44",
        both(edit(_TIMES, "t1,08:20:00", "t1,x"), edit(_TIMES, "t2,24:05:00", "t2,x")),
        warnings=(f"bad-time {_TIMES} 3 arrival_time", f"bad-time {_TIMES} 6 arrival_time"),
        effect=without_trips("t1", "t2"),
    ),
    Mutation(
        "three trips of 44 are too many",
        both(
            edit(_TIMES, "t1,08:20:00", "t1,x"),
            edit(_TIMES, "t2,24:05:00", "t2,x"),
            edit(_TIMES, "t3,10:30:00", "t3,x"),
        ),
        (*(f"bad-time {_TIMES} {r} arrival_time" for r in (3, 6, 9)), "too-many-defects trips.txt"),
        says="3 of 44 trips have defects",
    ),
    Mutation(
        "no trip is usable",
        edit(_TIMES, "0:00,", "0:60,", -1),
        (f"bad-time {_TIMES} 1 arrival_time", "too-many-defects trips.txt", "..."),
        says="44 of 44 trips have defects",
    ),
    # repeated rows
    Mutation(
        "a stop twice alike",
        append(_STOPS, "d,丁,30.0,104.3,0,"),
        warnings=(f"repeated-row {_STOPS} 8 stop_id",),
    ),
    Mutation(
        "a stop twice, elsewhere",
        append(_STOPS, "d,丁,31.0,104.3,0,"),
        (f"duplicate-key {_STOPS} 8 stop_id",),
    ),
    Mutation(
        "ids that differ by a blank",
        append(_STOPS, "d ,丁,31.0,104.3,0,"),
        (f"duplicate-key {_STOPS} 8 stop_id",),
        says="stands already in row 7",
    ),
    Mutation(
        "ids that differ by case",
        append(_STOPS, "D,丁,31.0,104.3,0,"),
        effect=with_stations(D=("丁", 104.3, 31.0, None)),
    ),
    Mutation(
        "ids that differ by normalisation",
        append(_STOPS, "\u00e9,甲,31.0,104.3,0,", "e\u0301,乙,31.0,104.4,0,"),
        effect=lambda good: replace(
            good,
            stations=good.stations
            | {"\u00e9": ("甲", 104.3, 31.0, None), "e\u0301": ("乙", 104.4, 31.0, None)},
        ),
    ),
    Mutation(
        "a trip twice",
        append("trips.txt", "m1,weekdays,t1,G1"),
        (f"duplicate-key trips.txt {N_TRIPS + 1} trip_id",),
    ),
    Mutation(
        "a trip twice alike",
        append("trips.txt", "r1,weekdays,t1,G1"),
        warnings=(f"repeated-row trips.txt {N_TRIPS + 1} trip_id",),
    ),
    Mutation(
        "a route twice", append("routes.txt", "r1,R,,1"), ("duplicate-key routes.txt 3 route_id",)
    ),
    Mutation(
        "a call twice alike",
        append(_TIMES, "t1,08:20:00,08:22:00,c,3,1"),
        warnings=(f"repeated-row {_TIMES} 92 stop_sequence",),
    ),
    Mutation(
        "a service twice",
        append("calendar.txt", "weekdays,1,1,1,1,1,1,1,20240101,20241231"),
        ("duplicate-key calendar.txt 3 service_id",),
    ),
    Mutation(
        "an exception twice alike",
        append("calendar_dates.txt", "weekdays,20240501,2"),
        warnings=("repeated-row calendar_dates.txt 3 date",),
    ),
    Mutation(
        "a day both added and removed",
        append("calendar_dates.txt", "weekdays,20240501,1"),
        ("duplicate-key calendar_dates.txt 3 date",),
    ),
    Mutation(
        "a trip id blank",
        append("trips.txt", "r1,weekdays,,"),
        (f"blank-key trips.txt {N_TRIPS + 1} trip_id",),
    ),
    Mutation(
        "a stop id blank", append(_STOPS, ",丁,31.0,104.3,0,"), (f"blank-key {_STOPS} 8 stop_id",)
    ),
    # stops
    _latitude("not a number", "NaN"),
    _latitude("infinite", "inf"),
    _latitude("blank", "", "blank-coordinate"),
    _latitude("out of range", "91"),
    Mutation(
        "latitude and longitude swapped",
        edit(_STOPS, "30.0,104.3", "104.3,30.0"),
        (f"bad-value {_STOPS} 7 stop_lat",),
        says="swapped?",
    ),
    _latitude("with a decimal comma", '"30,0"'),
    _latitude("with a degree sign", "30.0°"),
    _latitude("with an underscore", "3_0"),
    Mutation(
        "decimal comma without quotes",
        edit(_STOPS, "d,丁,30.0", "d,丁,30,0"),
        (f"column-count {_STOPS} 7", "..."),
        says="has 7 values, the header has 6",
    ),
    Mutation(
        "parent unknown",
        both(
            edit(_STOPS, "a1,甲一,30.0,104.0,0,A", "a1,甲一,30.0,104.0,0,Z"),
            edit(_STOPS, "d,丁,30.0,104.3,0,", "d,丁,30.0,104.3,0,Z"),
        ),
        (
            f"unknown-reference {_STOPS} 2 parent_station",
            f"unknown-reference {_STOPS} 7 parent_station",
            "...",
        ),
    ),
    Mutation(
        "parent of a single platform unknown",
        edit(_STOPS, "d,丁,30.0,104.3,0,", "d,丁,30.0,104.3,0,Z"),
        warnings=(f"unknown-reference {_STOPS} 7 parent_station",),
    ),
    Mutation(
        "parent that is no station",
        edit(_STOPS, "b,乙,30.0,104.1,,", "b,乙,30.0,104.1,,d"),
        (f"bad-parent {_STOPS} 5 parent_station",),
    ),
    Mutation(
        "a station its own parent",
        edit(_STOPS, "30.0,104.0,1,\r\n", "30.0,104.0,1,A\r\n"),
        (f"bad-parent {_STOPS} 1 parent_station",),
    ),
    Mutation(
        "a stop its own parent",
        edit(_STOPS, "b,乙,30.0,104.1,,", "b,乙,30.0,104.1,0,b"),
        (f"bad-parent {_STOPS} 5 parent_station",),
    ),
    Mutation(
        "two stations each other's parent",
        both(
            edit(_STOPS, "30.0,104.0,1,\r\n", "30.0,104.0,1,B\r\n"),
            append(_STOPS, "B,丙,30.0,104.0,1,A"),
        ),
        (f"bad-parent {_STOPS} 1 parent_station", f"bad-parent {_STOPS} 8 parent_station"),
    ),
    Mutation(
        "location_type unknown",
        edit(_STOPS, "30.0,104.3,0", "30.0,104.3,9"),
        (f"bad-value {_STOPS} 7 location_type",),
    ),
    Mutation(
        "a name blank", edit(_STOPS, "d,丁", "d,"), effect=with_stations(d=("d", 104.3, 30.0, None))
    ),
    # routes and agency
    Mutation(
        "route_type a word",
        edit("routes.txt", "R,,2", "R,,rail"),
        ("bad-value routes.txt 1 route_type",),
    ),
    Mutation(
        "route_type unknown",
        edit("routes.txt", "R,,2", "R,,9999"),
        warnings=("unknown-route-type routes.txt 1 route_type",),
        effect=lambda good: replace(
            good, lines={t: (n, 9999 if k == 2 else k) for t, (n, k) in good.lines.items()}
        ),
    ),
    Mutation(
        "time zone unknown",
        edit("agency.txt", "Asia/Shanghai", "Mars/Olympus"),
        warnings=("unknown-timezone agency.txt 1 agency_timezone",),
        effect=_without_agency,
    ),
    Mutation(
        "time zone a path",
        edit("agency.txt", "Asia/Shanghai", "../../etc/passwd"),
        warnings=("unknown-timezone agency.txt 1 agency_timezone",),
        effect=_without_agency,
    ),
    Mutation(
        "two time zones",
        append("agency.txt", "y,Y,https://example.org,Europe/Berlin"),
        warnings=("several-timezones agency.txt 2 agency_timezone",),
    ),
    # calendar
    Mutation(
        "31 February",
        edit("calendar.txt", "20240101", "20240231"),
        ("bad-value calendar.txt 1 start_date",),
    ),
    Mutation(
        "dates with hyphens",
        edit("calendar.txt", "20240101", "2024-01-01"),
        ("bad-value calendar.txt 1 start_date",),
        says="is not a date like 20231215",
    ),
    Mutation(
        "year 0",
        edit("calendar.txt", "20240101", "00000101"),
        ("bad-value calendar.txt 1 start_date",),
    ),
    Mutation(
        "ends before it starts",
        edit("calendar.txt", "20240101,20241231", "20241231,20240101"),
        ("ends-before-start calendar.txt 1 end_date",),
    ),
    Mutation(
        "a weekday 2",
        edit("calendar.txt", "weekdays,1", "weekdays,2"),
        ("bad-value calendar.txt 1 monday",),
    ),
    Mutation(
        "an exception of type 3",
        edit("calendar_dates.txt", "weekdays,20240501,2", "weekdays,20240501,3"),
        ("bad-value calendar_dates.txt 1 exception_type",),
    ),
    Mutation(
        "an exception on 32 May",
        edit("calendar_dates.txt", "weekdays,20240501", "weekdays,20240532"),
        ("bad-value calendar_dates.txt 1 date",),
    ),
    # frequencies
    _frequency("headway 0", "600,1", "0,1", "bad-headway", "headway_secs"),
    _frequency("headway negative", "600,1", "-600,1", "bad-headway", "headway_secs"),
    _frequency("headway 1e9", "600,1", "1e9,1", "bad-headway", "headway_secs"),
    _frequency("headway of eleven days", "600,1", "1000000,1", "bad-headway", "headway_secs"),
    _frequency("headway blank", "600,1", ",1", "bad-headway", "headway_secs"),
    _frequency("a bad time", "06:00:00,07", "six,07", "bad-time", "start_time"),
    _frequency(
        "end before start",
        "06:00:00,07:00:00",
        "06:00:00,05:00:00",
        "ends-before-start",
        "end_time",
    ),
    _frequency("exact_times 2", "600,1", "600,2", "bad-value", "exact_times"),
    Mutation(
        "frequencies: periods overlap",
        edit(_FREQUENCIES, "f1,07:00:00", "f1,06:30:00"),
        warnings=(f"overlapping-periods {_FREQUENCIES} 2 start_time",),
        effect=_without_f1,
    ),
    Mutation(
        "frequencies: trip unknown",
        append(_FREQUENCIES, "ghost,06:00:00,07:00:00,600,1"),
        warnings=(f"unknown-reference {_FREQUENCIES} 3 trip_id",),
    ),
    Mutation(
        "frequencies: hundreds of millions of calls",
        append(_FREQUENCIES, *(f"x{i:02},00:00:00,999:00:00,1,1" for i in range(N_PLAIN))),
        (f"over-limit {_FREQUENCIES} 3 headway_secs",),
        says="143,856,010 trips by headway, at most 2,000,000 are made",
    ),
    # transfers
    Mutation(
        "transfer of negative time",
        edit(_TRANSFERS, "d,c,2,60", "d,c,2,-60"),
        (f"bad-value {_TRANSFERS} 4 min_transfer_time",),
    ),
    Mutation(
        "transfer to an unknown stop",
        edit(_TRANSFERS, "d,c,2,60", "d,zz,2,60"),
        (f"unknown-reference {_TRANSFERS} 4 to_stop_id",),
    ),
    Mutation(
        "transfer from an entrance",
        edit(_TRANSFERS, "d,c,2,60", "A-door,c,2,60"),
        (f"not-a-stop {_TRANSFERS} 4 from_stop_id",),
    ),
    Mutation(
        "transfer of type 7",
        edit(_TRANSFERS, "d,c,2,60", "d,c,7,60"),
        (f"bad-value {_TRANSFERS} 4 transfer_type",),
    ),
    Mutation(
        "transfer twice alike",
        append(_TRANSFERS, "d,c,2,60"),
        warnings=(f"repeated-row {_TRANSFERS} 5 to_stop_id",),
    ),
    Mutation(
        "transfer twice of different time",
        append(_TRANSFERS, "d,c,2,90"),
        (f"duplicate-key {_TRANSFERS} 5 to_stop_id",),
    ),
]


# --- broken zips --------------------------------------------------------------------------------

#: offset of a field in the local header and in the central directory, and its number of bytes
_ZIP_FIELDS = {"flags": (6, 8, 2), "method": (8, 10, 2), "crc": (14, 16, 4), "size": (22, 24, 4)}


def with_headers(data: bytes, name: str, **fields: int) -> bytes:
    """Return a zip that says something else of a member: flags, method, crc or size (unpacked)."""
    patched = bytearray(data)
    for mark, fixed, which in ((b"PK\x03\x04", 30, 0), (b"PK\x01\x02", 46, 1)):
        start = 0
        while (start := data.index(mark, start)) >= 0 and data[start + fixed :][
            : len(name)
        ] != name.encode():
            start += 1
        for field, value in fields.items():
            at, n_bytes = start + _ZIP_FIELDS[field][which], _ZIP_FIELDS[field][2]
            patched[at : at + n_bytes] = value.to_bytes(n_bytes, "little")
    return bytes(patched)


def bomb(name: str, head: bytes, unit: bytes, n_bytes: int) -> bytes:
    """Return a zip of the rich feed in which a member begins with `head` and goes on with `unit`
    for `n_bytes`.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    units = unit * (2**24 // len(unit))
    # from one full flush to the next the stream depends on nothing before: it may be repeated
    block = packer.compress(units) + packer.flush(zlib.Z_FULL_FLUSH)
    n_blocks = n_bytes >> 24
    packed = first + block * n_blocks + packer.flush(zlib.Z_FINISH)
    crc = zlib.crc32(head)
    if n_bytes < 2**30:  # of a larger one the end is never read
        for _ in range(n_blocks):
            crc = zlib.crc32(units, crc)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file, data in (RICH | {name: packed}).items():
            archive.writestr(file, data)
    size = min(len(head) + n_blocks * len(units), 2**32 - 2)
    return with_headers(buffer.getvalue(), name, method=zipfile.ZIP_DEFLATED, size=size, crc=crc)
