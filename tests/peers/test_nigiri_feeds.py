"""railshed against nigiri on real feeds: 50 origins, 50 targets, 20 times each, every difference
explained by a rule.

What is found stands in `nigiri_differences.md`, row by row. About ten minutes, most of them
nigiri's on the buses of Porto Alegre; `test_nigiri.py` takes a small part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("pynigiri", reason="needs pynigiri, the independent router: extra `peers`")

from railshed import load_network
from railshed.util.units import HOUR, MINUTE
from tests.peers.nigiri_compare import Comparison, compare_export, compare_raw, explicit
from tests.peers.nigiri_oracle import clock, draw_sample
from tests.support.shared import SHARED, needs

pytestmark = pytest.mark.peers


@dataclass(frozen=True, slots=True)
class Case:
    """One feed, or several read as one network."""

    name: str
    title: str
    files: tuple[str, ...]
    date: dt.date
    #: journeys up to this long over the whole day
    bound_s: int
    #: whether railshed's export of it is compared too
    exported: bool = True

    @property
    def feeds(self) -> list[Path]:
        """Where the feeds are."""
        return [SHARED / name for name in self.files]


CASES = (
    Case("caltrain", "Caltrain 2023", ("gtfs/caltrain_2023.zip",), dt.date(2023, 10, 17), 8 * HOUR),
    Case("bart", "BART 2023", ("gtfs/bart_2023.zip",), dt.date(2023, 5, 9), 8 * HOUR),
    Case("db", "DB 2019", ("gtfs/db_fernverkehr_2019.zip",), dt.date(2019, 1, 22), 12 * HOUR),
    Case(
        "db-clock-change", "DB 2019, the night to summer time", ("gtfs/db_fernverkehr_2019.zip",),
        dt.date(2019, 3, 30), 12 * HOUR, exported=False,
    ),
    Case(
        "porto-alegre", "Porto Alegre, rail and bus",
        ("porto_alegre/poa_trensurb_2019.zip", "porto_alegre/poa_eptc_2019.zip"),
        dt.date(2019, 4, 16), 4 * HOUR,
    ),
)  # fmt: skip
#: whose rule each is, and in words
RULES = {
    "change times": (
        "nigiri",
        "of several transfers.txt rows for a station, even for single routes, the shortest",
    ),
    "walks": (
        "nigiri",
        (
            "stops of one name within 500 m, and of two feeds within 300 m, are linked, links are "
            "joined"
        ),
    ),
    "whole minutes": ("nigiri", "seconds are cut off"),
    "blank times": (
        "nigiri",
        "blank times in even steps from stop to stop, rounded; railshed: by distance",
    ),
    "platforms": (
        "nigiri",
        "each platform has its own change time, another platform is a walk; railshed merges them",
    ),
    "joined walks": (
        "nigiri",
        "walking away and back counts as a change where that is shorter than the change time",
    ),
    "no slower than walking": (
        "nigiri",
        "a journey that is no faster than walking there is not given",
    ),
}


def experiments(case: Case, folder: Path) -> Iterator[tuple[str, Comparison]]:
    """Yield the experiments of a case: its feeds as published, then railshed's export of them."""
    yield "as published", compare_raw(case.feeds, case.date, folder, bound_s=case.bound_s)
    if not case.exported:
        return
    refs = case.feeds[0] if len(case.feeds) == 1 else case.feeds
    network = load_network(refs, date=case.date)
    minutes = explicit(network, case.date, MINUTE, 10 * MINUTE)
    sample = draw_sample(minutes, 0, bound_s=case.bound_s)
    yield "export, minutes", compare_export(minutes, sample, folder, unit_s=MINUTE)
    fewer = draw_sample(minutes, 1, n=25, bound_s=case.bound_s)
    once = compare_export(minutes, fewer, folder, unit_s=MINUTE, max_transfers=1)
    yield "export, minutes, at most 1 change", once
    seconds = explicit(network, case.date, 1, 4 * MINUTE)
    for hour in (7, 23):
        leave = (hour * HOUR, (hour + 2) * HOUR)
        sample = draw_sample(
            seconds, hour, n_minutes=10, span=leave, bound_s=2 * HOUR, unit_s=1, busier=3
        )
        yield (
            f"export, seconds, {hour:02d}:00 and 2 h on",
            compare_export(seconds, sample, folder, unit_s=1),
        )


def rows_of(case: Case, name: str, found: Comparison) -> Iterator[str]:
    """Yield the table's rows of one experiment: one a rule that explains something, or
    one without.
    """
    n_different, n_left = int(found.differs()[0].sum()), len(found.unexplained())
    start = (
        f"| {case.title} | {name} | {found.n_compared:,} | {found.n_reached:,} | {n_different:,} |"
    )
    told = {rule: entries for rule, entries in found.explained().items() if entries}
    if not told and not n_left:
        yield f"{start} | | | |"
    for rule, entries in told.items():
        whose, words = RULES[rule]
        at = entries[0]
        origin, target = (
            found.compiled.network.stations[i].name
            for i in (found.sample.origins[at[0]], found.sample.targets[at[1]])
        )
        leave = clock(int(found.sample.leave_s[at[0], at[2]]))
        ours, theirs = found.example(at)
        example = f"{origin} to {target} at {leave}. railshed: {ours}. nigiri: {theirs}"
        yield (
            f"{start} {rule}: {words} ({len(entries):,}) | {whose} | {example.replace('|', '/')} |"
        )
    if n_left:
        yield f"{start} **unexplained** ({n_left:,}) | | {found.unexplained()[:3]} |"


def compared(case: Case, folder: Path) -> list[str]:
    """Return the table's rows of a feed."""
    return [
        row
        for name, found in experiments(case, folder / case.name)
        for row in rows_of(case, name, found)
    ]


@pytest.mark.acceptance
@pytest.mark.parametrize("case", [pytest.param(c, id=c.name, marks=needs(*c.files)) for c in CASES])
def test_every_difference_is_explained_and_in_the_page(case: Case, tmp_path: Path) -> None:
    """No experiment leaves a difference without a rule; the page has these rows of the feed and no
    others.
    """
    rows = compared(case, tmp_path)
    assert [row for row in rows if "**unexplained**" in row] == []
    page = (
        (Path(__file__).parent / "nigiri_differences.md").read_text(encoding="utf-8").splitlines()
    )
    assert rows == [line for line in page if line.startswith(f"| {case.title} |")]
