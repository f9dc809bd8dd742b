"""What the China network must show: sign-off list and published run times."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import railshed
from railshed import Network
from railshed.api.analysis import Analysis
from railshed.questions.reach.reach import reach
from railshed.util.units import DAY

pytestmark = [
    pytest.mark.china,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(__file__).parents[2] / "networks" / "china" / "timetable.zip").is_file(),
        reason="networks/china is absent",
    ),
]
INSIDE = [
    ("beijing", "武清"),
    ("tianjin", "武清"),
    ("shanghai", "昆山南"),
    ("shanghai", "嘉兴南"),
    ("chengdu", "眉山东"),
    ("zhengzhou", "宋城路"),
]
OUTSIDE = [("beijing", "石家庄"), ("shanghai", "南京"), ("shanghai", "南京南")]
#: fastest direct C, D, G or S train of the day, minutes
PUBLISHED = [
    ("北京南", "天津", 30),
    ("上海", "苏州", 25),
    ("广州南", "深圳北", 29),
    ("成都东", "沙坪坝", 62),
    ("郑州东", "开封北", 20),
    ("北京西", "雄安", 50),
    ("福州南", "厦门北", 55),
    ("长沙南", "株洲西", 15),
]


@pytest.fixture(scope="module")
def found(china_run: Analysis) -> dict[str, pd.DataFrame]:
    """Stations of the circles by city, door to door within 90 minutes, to the city."""
    slugs = sorted({slug for slug, _ in INSIDE + OUTSIDE})
    circles = china_run.circles(slugs, cutoffs=[90], draws=0)
    return {circle.city.slug: circle.stations.drop(columns="geometry") for circle in circles}


def station(stations: pd.DataFrame, name: str) -> dict[str, float]:
    rows = stations[stations["name"] == name]
    return {} if rows.empty else rows.iloc[0].to_dict()


@pytest.mark.parametrize(("slug", "name"), INSIDE)
def test_inside(found: dict[str, pd.DataFrame], slug: str, name: str) -> None:
    """Known commuter stations are within 90 minutes door to door, by rail, in at least half of the
    peak.
    """
    row = station(found[slug], name)
    assert row["inside"], row
    assert row["minutes"] <= 90
    assert row["share_served"] >= 0.5
    assert row["trips"] >= 1


@pytest.mark.parametrize(("slug", "name"), OUTSIDE)
def test_outside(found: dict[str, pd.DataFrame], slug: str, name: str) -> None:
    """The next metropolis is not, however fast its fastest train."""
    row = station(found[slug], name)
    assert not row or (not row["inside"] and not row["minutes"] <= 90)


def test_chongqing_is_outside_of_chengdu(found: dict[str, pd.DataFrame], china: Network) -> None:
    """None of the core stations of Chongqing is within 90 minutes of Chengdu."""
    inside = found["chengdu"].query("inside")["station_id"]
    assert not set(inside) & set(china.get_city("重庆").core_station_ids)


@pytest.mark.parametrize(("start", "end", "minutes"), PUBLISHED)
def test_published_run_times(china: Network, start: str, end: str, minutes: int) -> None:
    """Slack 1, percentile 0, the whole day, no change: the fastest direct train, to the minute,
    both ways of asking.
    """
    options = {"window": (0, DAY), "slack_minutes": 1, "percentiles": [0], "max_transfers": 0}
    away = reach(china, [start], direction="from", **options).set_index("station_name")
    assert away.loc[end, "travel_time_p0"] == minutes
    home = reach(china, [end], direction="to", **options).set_index("station_name")
    assert home.loc[start, "travel_time_p0"] == minutes


def test_the_rail_graph_falls_into_five_parts_that_are_known() -> None:
    """Trains: mainland, Hainan, Chengdu-Dujiangyan, Guangzhou-Qingyuan and Tibet, each connected
    both ways.
    """
    import networkx as nx

    graph = railshed.load_network(
        "china", lines=False, areas=False, modes=["rail", "suburban"]
    ).to_networkx()
    parts = sorted(nx.weakly_connected_components(graph), key=len, reverse=True)
    names = [{graph.nodes[s]["name"] for s in part} for part in parts]
    assert [len(part) for part in parts] == [1505, 21, 13, 9, 7]
    assert [
        next(m for m in ("北京南", "三亚", "犀浦", "清城", "拉萨") if m in part) for part in names
    ] == [
        "北京南",
        "三亚",
        "犀浦",
        "清城",
        "拉萨",
    ]
    assert len(list(nx.strongly_connected_components(graph))) == 5
