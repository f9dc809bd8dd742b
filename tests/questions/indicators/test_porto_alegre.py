"""The measures on Porto Alegre: travel times of the engine, every measure recomputed with pandas
from its formula.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from railshed.questions.indicators import access, competition, equity
from railshed.questions.reach.points import travel_time_array
from railshed.util.units import HOUR, UNREACHED
from tests.peers import porto_alegre as pa
from tests.support.shared import SHARED, needs

pytestmark = [pytest.mark.slow, needs("porto_alegre")]


@pytest.fixture(scope="module")
def city() -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Every seventh hexagon as origin, every fifth as goal, and the minutes between them
    at eight.
    """
    files = pa.Files.of(SHARED / "porto_alegre")
    network, points, _ = pa.load(files)
    table = pd.read_csv(files.points).fillna(0)
    start, end = np.arange(0, len(table), 7), np.arange(0, len(table), 5)
    seconds = travel_time_array(network, points.iloc[start], points.iloc[end], times=8 * HOUR)[
        :, :, 0
    ]
    minutes = np.where(seconds < UNREACHED, seconds / 60, np.inf)
    return table.iloc[start].reset_index(drop=True), table.iloc[end].reset_index(drop=True), minutes


def pairs(city: Any) -> pd.DataFrame:
    """Return a row a pair within reach: origin, goal, minutes, with the columns of both."""
    homes, goals, minutes = city
    at, to = np.nonzero(np.isfinite(minutes))
    frame = pd.DataFrame(
        {
            "at": at,
            "to": to,
            "minutes": minutes[at, to],
            "people": homes["population"].to_numpy()[at],
        }
    )
    return frame.join(goals[["jobs", "schools", "healthcare"]], on="to")


@pytest.mark.parametrize("what", ["jobs", "schools", "healthcare"])
def test_access_equals_group_sums(city: Any, what: str) -> None:
    """Cumulative, decay, nearest and dual by grouped frames."""
    homes, goals, minutes = city
    weights, long = goals[what].to_numpy(float), pairs(city)
    n = range(len(homes))

    def by_home(rows: pd.DataFrame, values: pd.Series) -> np.ndarray:
        return values.groupby(rows["at"]).sum().reindex(n, fill_value=0).to_numpy()

    for cutoff in (30, 60):
        near = long[long["minutes"] <= cutoff]
        assert access.cumulative(minutes, weights, [cutoff])[:, 0] == pytest.approx(
            by_home(near, near[what])
        )
    halved = long[what] * 0.5 ** (long["minutes"] / 30)
    assert access.decayed(minutes, weights, "exponential", 30) == pytest.approx(
        by_home(long, halved)
    )
    some = (
        long[long[what] > 0]
        .groupby("at")["minutes"]
        .min()
        .reindex(n, fill_value=math.inf)
        .to_numpy()
    )
    assert np.array_equal(access.nearest(minutes[:, weights > 0]), some)
    amount = weights.sum() / 10
    order = long.sort_values(["at", "minutes"], kind="stable")
    enough = order[order.groupby("at")[what].cumsum() >= amount * (1 - 1e-12)]
    first = enough.groupby("at")["minutes"].min().reindex(n, fill_value=math.inf).to_numpy()
    assert np.array_equal(access.dual(minutes, weights, amount), first)


def test_competition_and_evenness_equal_group_sums(city: Any) -> None:
    """2SFCA of health care within 30 minutes, spatial availability of jobs, and the Gini
    of both.
    """
    homes, goals, minutes = city
    people, long = homes["population"].to_numpy(float), pairs(city)
    near = long[long["minutes"] <= 30]
    demand = near.groupby("to")["people"].sum()
    each = (near["healthcare"] / near["to"].map(demand)).where(near["to"].map(demand) > 0, 0.0)
    plain = each.groupby(near["at"]).sum().reindex(range(len(homes)), fill_value=0).to_numpy()
    found = competition.floating_catchment(
        (minutes <= 30).astype(float), people, goals["healthcare"].to_numpy(float)
    )
    assert found == pytest.approx(plain)
    pull = long["people"] * 0.5 ** (long["minutes"] / 30)
    total = pull.groupby(long["to"]).transform("sum")
    got = (long["jobs"] * pull / total.where(total > 0, 1)).groupby(long["at"]).sum()
    impedance = access.decay(minutes, "exponential", 30)
    shared = competition.spatial_availability(impedance, people, goals["jobs"].to_numpy(float))
    assert shared == pytest.approx(got.reindex(range(len(homes)), fill_value=0).to_numpy())
    for values in (found, access.cumulative(minutes, goals["jobs"].to_numpy(float), [60])[:, 0]):
        some = people > 0
        gaps = np.abs(values[some][:, None] - values[some][None, :])
        share = people[some] / people[some].sum()
        mean = float(values[some] @ share)
        assert equity.gini(values, people) == pytest.approx(
            float(share @ gaps @ share) / (2 * mean)
        )
