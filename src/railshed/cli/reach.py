"""The command `reach`."""

from __future__ import annotations

from railshed.api.requests import ReachRequest
from railshed.cli.inputs import answer, city_at_point, load, output_file, say_quiet
from railshed.util import progress
from railshed.util.errors import ParameterError
from railshed.util.optional_packages import require


def reach(request: ReachRequest) -> None:
    """Station-to-station travel times of all stations: rides and changes only, no access, entry or
    exit.
    """
    from railshed.circles.doubts import find_left_out
    from railshed.export.omx import SUFFIX, WRITING, write_omx
    from railshed.questions.labels import city_name, station_name
    from railshed.questions.reach import reach as matrices
    from railshed.questions.reach import tables
    from railshed.util import number_format as n
    from railshed.util.csv_json import write_csv
    from railshed.util.phrases import phrase

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
        network,
        request.station,
        city=target,
        direction=request.direction,
        window=request.window,
        slack_minutes=request.slack_minutes,
        percentiles=request.percentiles,
        max_transfers=request.max_transfers,
        change_minutes=request.change_minutes,
        footpaths=request.footpaths,
        max_minutes=request.max_minutes,
    )
    if not as_matrix:
        times = [column for column in table.columns if column.startswith("travel_time")]
        table = table.sort_values(
            [*reversed(times), "station_id"], kind="stable", ignore_index=True
        )
    with output_file(out) as path:
        if as_matrix and path is not None:
            write_omx(
                table, path, title=f"{network.network_id}: station to station, {request.direction}"
            )
        elif path is not None:
            write_csv(table, path, plain=request.csv_plain)
        city = network.get_city(target) if isinstance(target, str) else target
        named = [] if city is None else [city_name(city)]
        stations = [network.stations[network.get_station(name)] for name in request.station]
        ends = [s.station_id for s in stations] if city is None else city.core_station_ids
        progress.say(*(f"  {issue}" for issue in find_left_out(network, allow=True, stations=ends)))
        targets = n.joined([*named, *(station_name(s.name, s.name_en) for s in stations)], 3)
        saved = phrase("reach_save") if out is None else phrase("written_to", folder=out)
        screen = tables.first_screen(
            table,
            str(network.date),
            targets,
            request.window,
            request.max_minutes,
            saved,
            leaving=request.direction == "from",
        )
        answer(
            request,
            table.to_dict(orient="records"),
            screen,
            () if as_matrix else [tables.stations(table)],
        )
