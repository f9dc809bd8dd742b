"""Blocks of two networks compared: what runs by mode, stations and hops that are new or gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from railshed.questions.circle.screen import NAMED
from railshed.questions.labels import ending, station_name
from railshed.show.blocks import Block, Paragraph, Table
from railshed.util.bilingual import EMPTY, Words, joined
from railshed.util.csv_json import rows_of
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    import pandas as pd

    from railshed.network.model import Network


#: of a station, as printed
_STATES = {"new": "diff_new", "gone": "diff_gone"}


def plain_changes(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of `network_changes` as plain values."""
    return {"modes": found["modes"]} | {
        name: rows_of(found[name].drop(columns="geometry")) for name in ("stations", "hops")
    }


def changes_screen(
    before: Network, after: Network, found: Mapping[str, Any], saved: Words
) -> Iterator[Block]:
    """Yield how many stations and trips there were and are, trips by mode, and the busiest stations
    new and gone.
    """
    stations = found["stations"]
    hops = found["hops"]
    n = {state: int((stations["state"] == state).sum()) for state in ("new", "gone")}
    trips = [sum(row[f"trips_{end}"] for row in found["modes"]) for end in ("before", "after")]
    yield Paragraph(
        phrase(
            "diff_answer",
            before=f"{before.network_id} {before.date}",
            after=f"{after.network_id} {after.date}",
            trips_before=f"{trips[0]:,}",
            trips_after=f"{trips[1]:,}",
            **n,
        )
    )
    modes = tuple(
        (row["mode"], f"{row['trips_before']:,}", f"{row['trips_after']:,}")
        for row in found["modes"]
    )
    yield Table(phrase("diff_modes"), heads("mode", "trips_before", "trips_after"), modes)
    yield ending(
        ("new_stations", _busiest(stations, "new", "trips_after")),
        ("gone_stations", _busiest(stations, "gone", "trips_before")),
        ("faster", _faster(hops)),
        ("doubt", _one_sided(found["modes"])),
        ("next", phrase("diff_next")),
        ("files", saved),
    )


def _one_sided(modes: Sequence[Mapping[str, Any]]) -> Words:
    """Return which modes one network has and the other has not."""
    alone = [row["mode"] for row in modes if not (row["trips_before"] and row["trips_after"])]
    return phrase("diff_one_sided", modes=", ".join(alone)) if alone else EMPTY


def _busiest(stations: pd.DataFrame, state: str, by: str) -> Words:
    """Return the busiest stations of a state with their trips."""
    mine = (
        stations[stations["state"] == state]
        .sort_values([by, "station_id"], ascending=[False, True])
        .head(NAMED)
    )
    rows = mine.to_dict(orient="records")
    names = [
        phrase("diff_station", name=station_name(row["name"], row["name_en"]), n=row[by])
        for row in rows
    ]
    return joined(names) if names else EMPTY


def _faster(hops: pd.DataFrame) -> Words:
    """Return how many hops of both have a faster train, and how many a slower one."""
    both = hops[hops["state"] == "both"]
    less, more = ((both["minutes_after"] - both["minutes_before"]) * sign > 0 for sign in (-1, 1))
    return phrase("diff_hops", n=len(both), faster=int(less.sum()), slower=int(more.sum()))


def changes_tables(found: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the stations that are new or gone."""
    stations = found["stations"]
    mine = stations[stations["state"] != "both"].to_dict(orient="records")
    rows = tuple(
        (
            station_name(row["name"], row["name_en"]),
            phrase(_STATES[row["state"]]),
            f"{row['trips_before']:,}",
            f"{row['trips_after']:,}",
        )
        for row in mine
    )
    yield Table(
        phrase("diff_stations"),
        heads("station", "state", "trips_before", "trips_after"),
        rows,
        right=2,
    )
