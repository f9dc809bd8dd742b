"""Lines written as lines.csv, so that `linetable.read_lines` gives them back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from railshed.lines import Line
from railshed.units import MINUTE, format_clock

_COLUMNS = (
    "line_id", "line_zh", "line_en", "stop_sequence", "station_id", "station_zh", "station_en", "lon", "lat", "minutes",
    "minutes_back", "dwell_minutes", "station_class", "feeder", "coord_confidence", "core_city", "headways",
    "bidirectional", "mode", "days", "confidence", "source",
)  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def lines_csv(lines: Sequence[Line], *, sources: Mapping[str, str], confidence: str = "high") -> str:
    """Return the text of lines.csv.

    Parameters
    ----------
    lines
        The name of each is written whole as `line_zh`.
    sources
        The source by line id, "" where there is none.
    confidence
        Of all lines; only those of high confidence are part of a network.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line in lines:
        for row in _rows(line):
            writer.writerow({**row, "confidence": confidence, "source": sources.get(line.line_id, "")})
    return text.getvalue()


def _rows(line: Line) -> Iterator[dict[str, str]]:
    headways = "|".join(
        f"{format_clock(p.start_s)}-{format_clock(p.end_s)}={_minutes(p.headway_s)}" for p in line.periods
    )
    days = "daily" if all(line.weekdays) else "|".join(d for d, on in zip(_DAYS, line.weekdays, strict=True) if on)
    two_times = line.bidirectional and any(stop.run_back_s is not None for stop in line.stops[1:])
    there_s = back_s = 0
    for i, stop in enumerate(line.stops):
        dwell_s = 0 if i in (0, len(line.stops) - 1) else stop.dwell_s
        there_s += stop.run_s
        back_s += stop.run_s if stop.run_back_s is None else stop.run_back_s
        station = stop.station
        yield {
            "line_id": line.line_id,
            "line_zh": line.name,
            "stop_sequence": str(i + 1),
            "station_id": station.station_id,
            "station_zh": station.name,
            "station_en": station.name_en,
            "lon": f"{station.lon:.7f}" if station.lon == station.lon else "",
            "lat": f"{station.lat:.7f}" if station.lat == station.lat else "",
            "minutes": _minutes(there_s),
            "minutes_back": _minutes(back_s) if two_times else "",
            "dwell_minutes": _minutes(dwell_s),
            "station_class": station.station_class,
            "feeder": station.feeder,
            "coord_confidence": station.coord_confidence,
            "core_city": stop.core_city,
            "headways": headways,
            "bidirectional": "yes" if line.bidirectional else "no",
            "mode": str(line.route_type),
            "days": days or "never",
        }
        there_s += dwell_s
        back_s += dwell_s


def _minutes(seconds: int) -> str:
    """Return minutes with the decimals that a second needs."""
    return f"{seconds / MINUTE:.4f}".rstrip("0").rstrip(".")
