"""Checks of a whole `Network` from any source, as a list of issues; nothing is raised or corrected.

An error can change a travel time or a number of people, and is a defect for certain. A warning
cannot (a row that stands twice, the unknown station of a single platform), or may be right. The
same holds for readers, which report problems of rows of files. An issue names one problem, or has
the number of all that it stands for (`Issue.count`). `load_network` raises the errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from railshed.network.checks import connectivity, locations, regions, timetable
from railshed.network.checks.facts import Facts, first_runs_suffice, gather, may_repeat
from railshed.network.checks.locations import needs_known_places
from railshed.network.model import Network, Station
from railshed.network.trip_series import Series, series_of, with_first_runs
from railshed.util.errors import Issue

__all__ = ["needs_known_places", "validate"]


def validate(
    network: Network, known_places: Sequence[Station] = (), *, errors_only: bool = False
) -> list[Issue]:
    """Return every problem of the network, errors and warnings, in a fixed order.

    Parameters
    ----------
    known_places
        Stations with trusted WGS84 coordinates, needed to detect an undeclared datum.
        `needs_known_places` returns whether they are of use.
    errors_only
        Without the checks that find warnings alone and take long.

    Notes
    -----
    ===================== ======== ============================================================
    code                  severity what
    ===================== ======== ============================================================
    bad-index             error    a call, trip or transfer with an index out of range; then nothing
                                   else is checked
    duplicate-key         error    two stations with one id, two cities with one slug
    out-of-range          error    a coordinate beyond -180 to 180, -90 to 90
    zero-coordinate       error    a station at (0, 0)
    swapped-coordinate    error    neighbours are much nearer with lon and lat exchanged
    far-station           warning  too far for every train from every neighbour; the neighbours are
                                   not
    far-from-zone         error    the time zone fits all stations with lon and lat exchanged; only
                                   better: warning
    undeclared-datum      warning  stations fit known places only once turned from GCJ-02 or BD-09
    far-namesakes         warning  one name more than 20 km apart: a search by name is ambiguous
    one-point             error    two stations at one point, minutes of train apart
    split-station         warning  one name less than 300 m apart, both with trains: one station in
                                   two
    short-trip            warning  fewer than two calls
    decreasing-time       error    an arrival before the last departure, a departure before its
                                   arrival
    impossible-speed      warning  a leg faster than `route_types.MAX_SPEED_KMH`, once a pair of
                                   stations
    impossible-trip       error    a whole trip faster than its mode can be, once a route
    zero-time-hop         warning  legs over more than 1 km that take no time, counted
    repeated-trip         warning  trips with the calls and the service of another, counted
    unknown-route-type    warning  a route type in no list
    empty-service         warning  services with trips but without any day
    no-trips              error    no trip runs on the date
    no-ride               error    trips run on the date, but in none can one board and then alight
                                   elsewhere
    unusual-date          warning  far fewer trips than on the same weekday in the weeks around
    idle-route            warning  routes that run a week before and a week after the date but not
                                   on it
    short-day             warning  a mode with many trips on the date, none of them in one of the
                                   peaks
    unserved-station      warning  stations where no trip calls, counted
    closed-station        warning  stations without boarding and alighting, counted
    disconnected          warning  less than 90 % of the stations are connected by trips, transfers
                                   and short walks
    bad-transfer          error    to the same station, or negative
    odd-transfer          warning  faster than 3 m/s, or very long
    one-way-transfer      warning  transfers without the way back, counted
    unknown-reference     error    a missing core station, or county of a cell; a region's member:
                                   warning
    no-core-station       warning  a city that nothing can reach
    sparse-service        warning  large cities with few arrivals an hour from outside for their
                                   people, counted
    far-core-station      warning  a core station more than 60 km from the main centre
    bad-window            error    an empty window, or one beyond 28:00
    odd-window            warning  longer than 6 hours, or the evening before the morning
    outside-counties      warning  a centre in no county
    no-population         warning  counties without people, counted
    negative-people       error    a cell with fewer than no people ===================== ========
                                   ====================================================================================
    """
    series = series_of(network)
    if series is not None and first_runs_suffice(series, errors_only):
        first_runs, _, _ = with_first_runs(network)
        if not any(_indices(first_runs)):
            return list(
                _checks(network, gather(first_runs, series), known_places, errors_only, series)
            )
    broken = list(_indices(network))
    return broken or list(_checks(network, gather(network), known_places, errors_only))


def _checks(
    network: Network,
    facts: Facts,
    known_places: Sequence[Station],
    errors_only: bool,
    series: Series | None = None,
) -> Iterator[Issue]:
    """Yield the issues of a network; with `series`, `facts` are of the first runs."""
    yield from locations.coordinates(facts)
    misplaced, explained = locations.misplaced(facts)
    explained = explained | np.isnan(facts.lon)
    yield from misplaced
    yield from locations.zone(facts)
    yield from locations.datum(network, known_places)
    if not errors_only:
        yield from locations.namesakes(facts)
    yield from locations.coincident(facts)
    yield from timetable.trip_lengths(facts)
    yield from timetable.time_order(facts)
    yield from timetable.speeds(facts, explained)
    too_fast, fast = timetable.fast_trips(facts, explained)
    yield from too_fast
    yield from timetable.zero_hops(facts, explained, fast)
    if not errors_only and (series is None or may_repeat(series)):
        yield from timetable.repeated_trips(network)
    yield from timetable.route_types(facts)
    yield from timetable.services(facts)
    yield from timetable.service_date(facts)
    yield from connectivity.unserved(facts)
    if not errors_only:
        yield from connectivity.components(facts)
    yield from connectivity.transfers(facts)
    yield from connectivity.one_way(facts)
    yield from regions.cities(network)
    if not errors_only:
        yield from regions.arrivals(facts)
    yield from regions.windows(network)
    yield from regions.centres(network)
    yield from regions.regions(network)
    yield from regions.people(network)


def _indices(network: Network) -> Iterator[Issue]:
    """Yield an error for each column with an index out of range."""
    calls = network.stop_times
    walks = network.transfers
    columns = [
        ("a call", "trip_idx", calls.trip_idx, network.n_trips),
        ("a call", "station_idx", calls.station_idx, network.n_stations),
        ("a trip", "service_idx", network.trips.service_idx, len(network.services)),
        ("a transfer", "from_idx", walks.from_idx, network.n_stations),
        ("a transfer", "to_idx", walks.to_idx, network.n_stations),
    ]
    if network.links is not None:
        hops = network.links
        columns += [
            ("a hop", "line_idx", hops.line_idx, len(hops.line_ids)),
            ("a hop", "from_idx", hops.from_idx, network.n_stations),
            ("a hop", "to_idx", hops.to_idx, network.n_stations),
        ]
    for what, field, column, n in columns:
        bad = np.flatnonzero((column < 0) | (column >= n))
        if len(bad):
            message = (
                f"{what} refers to one of {n:,} that is not there, in {len(bad):,} of "
                f"{len(column):,} rows"
            )
            row = int(bad[0]) + 1
            value = str(column[bad[0]])
            yield Issue(
                "error", "bad-index", message, row=row, field=field, value=value, count=len(bad)
            )
