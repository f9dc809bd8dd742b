"""run.json of a report: every figure that it shows, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.report.run_folder.circle import write_run

if TYPE_CHECKING:
    from railshed.api.study import Study


def write_record(study: Study, parameters: Mapping[str, Any], folder: Path) -> None:
    """Write run.json."""
    found = record_of(study)
    write_run(
        study.run, parameters, found.pop("results"), folder, union=study.union,
        scenarios=[] if study.plans is None else [plan.to_dict() for plan in study.plans.alone], more=found,
    )  # fmt: skip


def record_of(study: Study) -> dict[str, Any]:
    """Return every figure of the report as plain values, for run.json."""
    from railshed.tables.comparison_screen import screen_of
    from railshed.tables.side_by_side import side_by_side

    every = [found for mine in study.comparisons for found in mine]
    results: list[Mapping[str, Any]] = [
        {**circle.summary.to_dict(), "car": circle.car_table, "split": circle.split_table} for circle in study.circles
    ]
    more: dict[str, Any] = {
        "results": results + [{**found.after.summary.to_dict(), "scenario": found.title} for found in every],
        "measures": dict(study.measures),
        "deviations": [deviation.record() for deviation in study.deviations or ()],
        "side_by_side": [side_by_side(found) for found in every],
        "unions": [side_by_side(u) for u in study.unions],
        "difference": [
            {"city": found.before.city.slug, "scenario": found.title, **row} for found in every for row in found.table
        ],
        "screens": [
            *({"city": found.before.city.slug, **screen_of(found)} for found in every),
            *({"city": found.name, **screen_of(found)} for found in study.unions),
        ],
        "compliance": [dict(row) for row in study.compliance],
    }
    if study.overlap is not None:
        more |= {"overlap": study.overlap.table, "overlap_cities": study.overlap.city_table, "inside": study.inside}
    if study.trade_offs:
        more["trade_offs"] = [
            {"city": found.city.slug, "scenario": found.plan.title, **row}
            for found in study.trade_offs
            for row in found.table
        ]
    return more
