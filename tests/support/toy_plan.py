"""A plan of the toy network in which people gain, lose, become faster and slower: what it gives, by
hand.

A line from 西北原 (128 thousand, 18 minutes, every 5), the line of 西南坡 (64) gone, trains from
西山 (1) to 中城 12 minutes slower, those from 东桥 (2, and 16 who change there from 东北岭) 8
minutes faster.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import railshed
from railshed.scenario.files import scenario_from_dict
from tests.support import htmlpages

PLAN: dict[str, Any] = {
    "title": "plan",
    "modification": [
        {
            "type": "add-trips", "name": "nw", "hop_minutes": [18],
            "stops": [{"name": "西北原", "id": "northwest", "lon": 99.8, "lat": 0.5}, "mid"],
            "frequencies": [{"start_time": "05:00", "end_time": "23:00", "headway_minutes": 5}],
        },
        {"type": "remove-trips", "routes": ["sw"]},
        {"type": "adjust-speed", "routes": ["fast-east"], "hops": [["west", "mid"]], "scale": 0.6},
        {"type": "adjust-speed", "routes": ["fast-west"], "hops": [["east", "mid"]], "scale": 2},
    ],
}  # fmt: skip
#: thousands of people outside the city proper by rail or locally: before, after, gained, lost
PEOPLE_K = {
    # 1 + 2 + 64; 128 + 2, as 西山 needs 49 at its door: 64 and 1 are lost
    ("door-to-station", "45"): (67, 130, 128, 65),
    # 1 + 2 + 64, the nearest centre; 128 + 2, as 西山 needs 64 at its door; 东北岭 needs 69
    ("door-to-door", "60"): (67, 130, 128, 65),
    # 67 and 4 + 8 + 16; with 128 and without 64
    ("door-to-door", "90"): (95, 159, 128, 64),
}


@cache
def comparison() -> Any:
    """Return the city without and with the plan."""
    return railshed.compare(htmlpages.run(), "mid", scenario_from_dict(PLAN))
