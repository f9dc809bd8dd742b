"""Ten lines that were opened, each forecast from what was announced of it and from the others:
skill, and honesty.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import railshed
from railshed.io.railways import read_openings, read_railways
from railshed.network.model import Network
from railshed.questions.backtest.openings import fits_without, opened_lines
from tests.support.clirunner import Command

FOLDER = Path(__file__).parents[3] / "networks" / "china"
pytestmark = pytest.mark.china


@pytest.fixture(scope="module")
def past() -> Network:
    return railshed.load_network("china-2016")


def test_what_was_announced_is_sourced(china: Network) -> None:
    """Ten lines whose stations, cities and sources are named; where no document was found the
    source says so.
    """
    found = read_openings(FOLDER / "openings.toml", china)
    assert len(found) == 10
    for railway in found:
        assert railway.source
        assert railway.length_km
        assert railway.run(china).problems() == []
    assert {railway.line_id for railway in found if railway.speed_limits} == {
        "jingzhang",
        "jiqing",
        "hean",
    }


@pytest.mark.slow
def test_nothing_of_a_line_is_in_its_own_fit(past: Network, china: Network) -> None:
    """Its trains, those that call at its new stations, its growth: without them in the timetable
    the fit is equal.
    """
    openings = [
        r for r in read_openings(FOLDER / "openings.toml", china) if r.line_id in ("fuxia", "kunyu")
    ]
    railways = read_railways(FOLDER / "line_speeds.csv", china)
    opened = opened_lines(past, china, openings)
    fit = dict(
        zip(("fuxia", "kunyu"), (f for _, f in fits_without(china, railways, opened)), strict=True)
    )
    one = next(o for o in opened if o.railway.line_id == "fuxia")
    removed = [{"type": "remove-trips", "calls_at": [station]} for station in sorted(one.new)]
    without = railshed.apply_scenario(china, railshed.Scenario.from_dict({"modification": removed}))
    assert china.n_trips - without.n_trips > 50
    others = [o if o is not one else replace(one, trains=one.trains[:3]) for o in opened]
    again = next(
        f for o, f in fits_without(without, railways, others) if o.railway.line_id == "fuxia"
    )
    assert asdict(again) == asdict(fit["fuxia"])
    assert asdict(fit["fuxia"]) != asdict(fit["kunyu"])


@pytest.mark.slow
def test_the_forecast_has_skill(railshed: Command, tmp_path: Path) -> None:
    """The marks that were set before: see `railshed backtest china-2016 china china/openings`, 200
    draws there.
    """
    done = railshed(
        "backtest",
        "china-2016",
        "china",
        "china/openings",
        "--plans",
        "40",
        "--json",
        "-o",
        tmp_path / "out",
    )
    assert done.code == 0, done.err
    found = json.loads(done.out)
    pooled, announced, departures, climatology = found["skills"]
    assert pooled["brier_60"] >= 0.25
    assert pooled["brier_cutoffs"] >= 0.25
    assert pooled["brier_cutoffs_without_largest"] >= 0.15
    assert pooled["crps"] >= 0.4
    assert pooled["covered"] >= 0.6 * pooled["pairs"]
    assert pooled["brier_60"] > max(announced["brier_60"], climatology["brier_60"])
    assert departures["brier_60"] >= 0.4  # of a planner's own plan
    assert pooled["turn_up_60"] > max(announced["turn_up_60"], climatology["turn_up_60"])
    assert pooled["door_60"] is None  # no people came
    assert pooled["door_90"] > announced["door_90"]
    assert pooled["door_cities"] == 3
    shares = [row["came"] for row in found["reliability"]]
    assert shares[0] < 0.2 < 0.5 < shares[-1]
    assert len(found["lines"]) == 12
    assert (tmp_path / "out" / "openings.csv").read_text(encoding="utf-8-sig").count("\n") == 13
    assert (
        json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["results"] == found
    )
