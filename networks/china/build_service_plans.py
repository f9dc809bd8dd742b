"""`service_plans.json`: how the railways of 2023 are run, from which forecasts of planned lines
draw.

`python networks/china/build_service_plans.py`. Fitted on the railways of `line_speeds.csv` in the
timetable of 2023, and on the trains of the lines of `openings.toml` against those announced. How
good forecasts made so are: `railshed backtest china-2016 china china/openings`, which leaves each
line out of its own fit.
"""

from __future__ import annotations

from pathlib import Path

import railshed
from railshed.io.railways import RAILWAYS, read_openings, read_railways
from railshed.network.model import Network
from railshed.questions.backtest.openings import opened_lines
from railshed.scenario.service_plans.corridors import TrainDay, corridor_of
from railshed.scenario.service_plans.fit import Fit, fit_of

HERE = Path(__file__).resolve().parent


def fit_all(past: Network, today: Network) -> Fit:
    """Return what all railways and openings say."""
    day = TrainDay.of(today)
    corridors = [corridor_of(day, railway) for railway in read_railways(HERE / RAILWAYS, today)]
    opened = opened_lines(past, today, read_openings(HERE / "openings.toml", today))
    return fit_of(corridors, [(one.railway.n_trains, one.n_trains) for one in opened])


def main() -> None:
    """Write the file."""
    fit = fit_all(railshed.load_network("china-2016"), railshed.load_network("china"))
    (HERE / "service_plans.json").write_text(fit.to_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
