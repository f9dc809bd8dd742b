"""The measures of the 19 agglomerations that reports compare with: `python
networks/china/build_agglomerations.py`.

Writes `agglomerations.csv` beside this file: a row an agglomeration, with and without the lines
known by headway only (`lines`). Circles of its core cities under the default reading (door to door,
to the city, 60 min), each with its own window; what each measure is stands in
`railshed.questions.indicators.agglomerations`. With `--check` nothing is written, and the exit code
is 1 where the file is not what it would write. Run it again when RESULTS_VERSION or the network
changes.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import railshed
from railshed.circles.analysis import RESULTS_VERSION
from railshed.questions.indicators import agglomerations

TABLE = Path(__file__).resolve().parent / agglomerations.FILE


def rows_of(*, lines: bool) -> list[dict[str, str]]:
    """Return a row an agglomeration."""
    network = railshed.load_network("china", lines=lines)
    run = railshed.prepare(network)
    rows = []
    for region in network.regions:
        cities = [c for c in network.cities if region.region_id in c.regions and c.role == "core"]
        if region.kind != "agglomeration" or not cities:
            continue
        circles = list(run.circles(cities))
        found = agglomerations.measures_of(circles)
        print(region.region_id, "with" if lines else "without", "lines", file=sys.stderr)
        rows.append(
            {
                "region_id": region.region_id,
                "name_zh": region.name,
                "name_en": region.name_en,
                "core_cities": "|".join(c.slug for c in cities),
                "lines": "yes" if lines else "no",
                "date": network.date.isoformat(),
                "reading": agglomerations.READING,
                "direction": agglomerations.DIRECTION,
                "cutoff_min": str(agglomerations.CUTOFF_MIN),
                "results_version": str(RESULTS_VERSION),
                **{
                    key: "" if value is None else agglomerations.table_text(value)
                    for key, value in found.items()
                },
            }
        )
    return rows


def main() -> int:
    """Write or check the table."""
    rows = [*rows_of(lines=True), *rows_of(lines=False)]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text = out.getvalue()
    if "--check" in sys.argv[1:]:
        return int(not TABLE.is_file() or TABLE.read_text(encoding="utf-8") != text)
    TABLE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
