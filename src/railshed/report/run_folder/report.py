"""run.json of a report: every figure that it shows, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.report.run_folder.circle import write_run
from railshed.report.run_folder.comparison import ComparisonRecord

if TYPE_CHECKING:
    from railshed.api.study import Study


def write_record(study: Study, parameters: Mapping[str, Any], folder: Path) -> None:
    """Write run.json."""
    found = record_of(study)
    write_run(
        study.run,
        parameters,
        found.pop("results"),
        folder,
        union=study.union,
        scenarios=[] if study.plans is None else [plan.to_dict() for plan in study.plans.alone],
        more=found,
    )


def record_of(study: Study) -> dict[str, Any]:
    """Return every figure of the report as plain values, for run.json."""
    every = [found for mine in study.comparisons for found in mine]
    record = ComparisonRecord()
    for found in every:
        record.add(found)
    for union in study.unions:
        record.add_union(union)
    changes = record.recorded()
    results: list[Mapping[str, Any]] = [
        {**circle.summary.to_dict(), "car": circle.car_table, "split": circle.split_table}
        for circle in study.circles
    ]
    more: dict[str, Any] = {
        "results": results
        + [{**found.after.summary.to_dict(), "scenario": found.title} for found in every],
        "measures": dict(study.measures),
        "deviations": [deviation.record() for deviation in study.deviations or ()],
        **{key: changes[key] for key in ("side_by_side", "unions", "difference", "screens")},
        "compliance": [dict(row) for row in study.compliance],
    }
    if study.overlap is not None:
        more |= {
            "overlap": study.overlap.table,
            "overlap_cities": study.overlap.city_table,
            "inside": study.inside,
        }
    if study.forecasts:
        more["forecast"] = [row for one in study.forecasts for row in one.rows]
    if study.trade_offs:
        more["trade_offs"] = [
            {"city": t.city.slug, "scenario": t.plan.title, **row}
            for t in study.trade_offs
            for row in t.table
        ]
    return more
