"""run.json of an atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from railshed.report.run_folder.circle import write_run

if TYPE_CHECKING:
    from railshed.circles.analysis import AnalysisInputs
    from railshed.report.atlas.build import Atlas


def write_record(run: AnalysisInputs, found: Atlas, parameters: dict[str, Any]) -> None:
    """Write run.json: every figure of the atlas, as `railshed verify` computes them again."""
    side = found.compared
    cities = {city["city"]["slug"]: city for entry in side.entries for city in entry.cities}
    findings = [{"region": entry.region, **d.record()} for entry in side.entries for d, _ in side.findings(entry)]
    regions = [
        {"region": entry.region, "united": entry.united, "overlap": entry.overlap,
         "overlap_cities": entry.overlap_cities, "members": entry.members}
        for entry in side.entries
    ]  # fmt: skip
    more = {"atlas": side.rows(), "findings": findings, "regions": regions}
    write_run(run, parameters, list(cities.values()), found.folder, more=more)
