"""The command `reach`."""

from __future__ import annotations

from railshed.api.requests import ReachRequest
from railshed.cli.inputs import answer, city_at_point, load, say_quiet
from railshed.util.errors import ParameterError
from railshed.util.optional_packages import require


def reach(request: ReachRequest) -> None:
    """Station-to-station travel times of all stations: rides and changes only, no access, entry or exit."""
    from railshed.export.omx import SUFFIX, WRITING, write_omx
    from railshed.matrices import reach as matrices
    from railshed.tables import circle as tables
    from railshed.util.csv_json import write_csv

    out = request.out
    as_matrix = out is not None and out.suffix.lower() == SUFFIX
    if as_matrix:
        require("h5py", WRITING)
    if (request.city is not None) + (request.point.at is not None) + bool(request.station) != 1:
        raise ParameterError("give either stations or a city, or --at LON,LAT")
    network = load(request.data)
    target = city_at_point(request.point, network) if request.point.at is not None else request.city
    say_quiet(network, [request.window])
    table = (matrices.reach_pairs if as_matrix else matrices.reach)(
        network, request.station, city=target, direction=request.direction, window=request.window,
        slack_minutes=request.slack_minutes, percentiles=request.percentiles, max_transfers=request.max_transfers,
        change_minutes=request.change_minutes, footpaths=request.footpaths, max_minutes=request.max_minutes,
    )  # fmt: skip
    if as_matrix and out is not None:
        write_omx(table, out, title=f"{network.network_id}: station to station, {request.direction}")
    elif out is not None:
        write_csv(table, out)
    answer(request, table.to_dict(orient="records"), [tables.reach(table)] if out is None else ())
