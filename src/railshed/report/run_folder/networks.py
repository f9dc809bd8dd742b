"""The files of two networks compared: stations and hops as layers and tables; run.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.export.formats import write_layers
from railshed.questions.compare.network_tables import plain_changes
from railshed.report.run_folder import record
from railshed.report.run_folder.backtest import network_json
from railshed.util.csv_json import write_rows

if TYPE_CHECKING:
    from railshed.network.model import Network
    from railshed.report.run_folder.comparison import ComparisonRecord


def write_changes(
    found: Mapping[str, Any],
    old: Network,
    new: Network,
    parameters: Mapping[str, Any],
    circles: ComparisonRecord,
    folder: Path,
    *,
    plain: bool = False,
) -> None:
    """Write the files of `network_changes` into `folder`, and run.json with those of the cities'
    circles.
    """
    write_layers(
        folder / "networks.gpkg", {f"network_{name}": found[name] for name in ("stations", "hops")}
    )
    for name, rows in plain_changes(found).items():
        write_rows(rows, folder / f"network_{name}.csv", plain=plain)
    data = {
        "before": network_json(old),
        "after": network_json(new),
        "results": circles.summaries,
        **circles.recorded(),
    }
    record.write_record(parameters, data, folder)
