"""What changes from one surface to another on the same cells: people, area, counties, minutes.

People and area are outside the city proper. *Within* is by rail or without a ride (`total`) unless
a kind is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from railshed.circles.cell_counts import CellCounts, Inside, balanced, people_by_kind
from railshed.circles.places import counties_held, county_status, spans_by_kind
from railshed.circles.surface import Surface
from railshed.util.array_types import Bools, Ints32
from railshed.util.units import MINUTE, UNREACHED

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("total", "by_rail", "added_by_rail")
#: minutes saved from, to (not included), by name; negative is slower
BANDS: tuple[tuple[str, float, float], ...] = (
    ("slower by 10 or more", -np.inf, -10),
    ("slower by 5 to 10", -10, -5),
    ("slower by 1 to 5", -5, -1),
    ("within 1 minute", -1, 1),
    ("1 to 5", 1, 5),
    ("5 to 10", 5, 10),
    ("10 to 15", 10, 15),
    ("15 to 30", 15, 30),
    ("30 or more", 30, np.inf),
)
QUARTILES = (25, 50, 75)
#: minutes to which times are clipped where minutes saved are counted
LEAST_MIN = 30
MOST_MIN = 90


def states_of(was: Bools, now: Bools) -> dict[str, Bools]:
    """Return the cells before, after, gained and lost."""
    return {"before": was, "after": now, "gained": now & ~was, "lost": was & ~now}


def figures_of(found: Inside) -> dict[str, Any]:
    """Return people, area and other columns of cells, outside the city proper."""
    return {
        "people": found.people_outside,
        "people_known_km2": found.known_km2_outside,
        "area_km2": found.km2_outside,
        **{
            name: None if value is None else round(value, 3)
            for name, (_, value) in found.others.items()
        },
    }


def state_figures(
    states: Mapping[str, Inside], people: Mapping[str, int | None] | None = None
) -> dict[str, Any]:
    """Return `figures_of` the cells before, after, gained and lost, whose people add up (see
    `cell_counts.balanced`).

    `people` are those before and after where they are known already.
    """
    found = {state: figures_of(inside) for state, inside in states.items()}
    people_of = balanced(
        {state: row["people"] for state, row in found.items()} | dict(people or {})
    )
    return {
        f"{what}_{state}": people_of[state] if what == "people" else value
        for state, row in found.items()
        for what, value in row.items()
    }


def change_rows(
    counts: CellCounts, old: Surface, new: Surface, cutoffs: Sequence[int]
) -> list[dict[str, Any]]:
    """Return one row a cutoff and kind: figures before, after, gained, lost; counties that come in
    and drop out.

    A county is in when at least half of its people are.
    """
    rows = []
    within = {
        state: {
            kind: counts.within(since, cutoffs, until)
            for kind, (since, until) in spans_by_kind(surface).items()
        }
        for state, surface in (("before", old), ("after", new))
    }
    for cutoff in cutoffs:
        found = {
            state: {kind: own[cutoff] for kind, own in of.items()} for state, of in within.items()
        }
        was = found["before"]
        now = found["after"]
        by_kind = {state: people_by_kind(own) for state, own in found.items()}
        ends = {
            kind: {state: by_kind[state][kind]["people_outside_city"] for state in by_kind}
            for kind in KINDS
        }
        for kind in KINDS:
            row: dict[str, Any] = {"reading": old.reading.name, "cutoff_min": cutoff, "kind": kind}
            cells = states_of(was[kind].cells, now[kind].cells)
            changed = {state: counts.inside(cells[state]) for state in ("gained", "lost")}
            row |= state_figures({"before": was[kind], "after": now[kind], **changed}, ends[kind])
            rows.append(row | _county_counts(was[kind], now[kind]))
    return rows


def _county_counts(was: Inside, now: Inside) -> dict[str, int | None]:
    """Return numbers of counties inside before and after, gained and lost; None if no people are
    known.
    """
    counts = [counties_held(inside) for inside in (was, now)]
    unknown = dict(zip(("before", "after"), (found is None for found in counts), strict=True))
    none = next(
        (np.zeros_like(found[0]) for found in counts if found is not None), np.zeros(0, dtype=bool)
    )
    old, new = (none if found is None else found[0] for found in counts)
    return {
        f"counties_{state}": None if unknown.get(state, all(unknown.values())) else int(mine.sum())
        for state, mine in states_of(old, new).items()
    }


def saved_seconds(old: Surface, new: Surface, limit_s: int) -> Ints32:
    """Return int32 (n_cells,) seconds saved, negative where slower, UNREACHED where before or after
    is over `limit_s`.

    `limit_s` is how far the land was looked at; what lies beyond it was not looked for, so nothing
    is saved against it.
    """
    before = old.total_s
    after = new.total_s
    return np.where((before <= limit_s) & (after <= limit_s), before - after, UNREACHED)


def saved_rows(
    counts: CellCounts, old: Surface, new: Surface, cutoffs: Sequence[int], limit_s: int
) -> list[dict[str, Any]]:
    """Return people and km2 by minutes saved: one row a cutoff and band, of cells within the cutoff
    before or after.

    First `faster` and `slower`, with the quartiles of the minutes saved over their people (over
    their cells where no people are known); then bands; last who was, or is, farther than `limit_s`
    (see `saved_seconds`).
    """
    saved = saved_seconds(old, new, limit_s)
    outside = counts.cell_part != 0
    rows = []
    for cutoff in cutoffs:
        mine = ((old.total_s <= cutoff * MINUTE) | (new.total_s <= cutoff * MINUTE)) & outside
        known = mine & (saved != UNREACHED)
        bands: list[tuple[str, float | None, float | None, Bools]] = [
            ("faster", None, None, known & (saved > 0)),
            ("slower", None, None, known & (saved < 0)),
        ]
        for name, low, high in BANDS:
            at_least = saved > low * MINUTE if low < 0 else saved >= low * MINUTE
            below = saved <= high * MINUTE if high < 0 else saved < high * MINUTE
            bands.append((name, low, high, known & at_least & below))
        for state, surface in (("before", old), ("after", new)):
            bands.append(
                (
                    f"over {limit_s // MINUTE} min {state}",
                    None,
                    None,
                    mine & (surface.total_s > limit_s),
                )
            )
        for name, low_min, high_min, cells in bands:
            row = {
                "reading": old.reading.name,
                "cutoff_min": cutoff,
                "minutes_saved": name,
                "from_min": _finite(low_min),
                "to_min": _finite(high_min),
                **figures_of(counts.inside(cells)),
            }
            if name in ("faster", "slower"):
                row |= quartiles(counts, saved, cells)
            rows.append(row)
    return rows


def worth_row(counts: CellCounts, old: Surface, new: Surface, most_min: int) -> dict[str, Any]:
    """Return who is faster and slower by rail outside the city proper, people and km2, and their
    mean minutes.

    Times are clipped to LEAST_MIN to `most_min`, at most MOST_MIN; means over people, over cells
    where none are known.
    """
    least, most, was, now = _clipped(old, new, most_min)
    weights = (
        np.ones(len(was)) if counts.people is None else counts.people.per_cell(len(counts.land))
    )
    row: dict[str, Any] = {"reading": old.reading.name, "from_min": least, "to_min": most}
    for name, gain in (("faster", was - now), ("slower", now - was)):
        cells = (gain > 0) & (counts.cell_part != 0)
        inside = counts.inside(cells)
        own = np.where(cells, weights, 0.0)
        mean = float((own * gain).sum() / own.sum()) / MINUTE if own.sum() else None
        row |= {f"people_{name}": inside.people_outside, f"area_km2_{name}": inside.km2_outside}
        row[f"minutes_{name}"] = None if mean is None else round(mean, 1)
    return row


def _clipped(old: Surface, new: Surface, most_min: int) -> tuple[int, int, Ints32, Ints32]:
    """Return least and most minutes, and the seconds by rail before and after between them."""
    most = min(most_min, MOST_MIN)
    least = LEAST_MIN if most > LEAST_MIN else 0
    was, now = (np.clip(surface.by_rail_s, least * MINUTE, most * MINUTE) for surface in (old, new))
    return least, most, was, now


def person_minutes(counts: CellCounts, old: Surface, new: Surface) -> int | None:
    """Return person-minutes saved by rail outside the city proper (lost: negative), times clipped
    as in `worth_row`.

    None where no people are known.
    """
    if counts.people is None:
        return None
    *_, was, now = _clipped(old, new, MOST_MIN)
    own = np.where(counts.cell_part != 0, counts.people.per_cell(len(counts.land)), 0.0)
    return round(float((own * (was - now)).sum()) / MINUTE)


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else value


def quartiles(counts: CellCounts, saved_s: Ints32, cells: Bools) -> dict[str, float | None]:
    """Return the quartiles of the minutes saved by the people of some cells, by their area without
    people.
    """
    weights = (
        cells.astype(float)
        if counts.people is None
        else counts.people.per_cell(len(counts.land)) * cells
    )
    weighted = np.flatnonzero(weights > 0)
    order = weighted[np.argsort(saved_s[weighted], kind="stable")]
    total = np.cumsum(weights[order])
    found: dict[str, float | None] = {}
    for p in QUARTILES:
        at = (
            None
            if not len(order)
            else min(int(np.searchsorted(total, total[-1] * p / 100)), len(order) - 1)
        )
        found[f"minutes_saved_p{p}"] = (
            None if at is None else round(float(saved_s[order[at]]) / MINUTE, 2)
        )
    return found


def county_changes(counts: CellCounts, old: Surface, new: Surface, cutoff_min: int) -> pd.DataFrame:
    """Return one row a county where anything changes: people gained and lost, faster and slower,
    minutes, its status.

    `minutes_before`, `minutes_after`: mean over the people (the cells, where none are known) who
    are within the cutoff before and after. The one that loses most stands last.
    """
    import pandas as pd

    counties = counts.case.compiled.network.counties
    if counties is None:
        return pd.DataFrame()
    limit = cutoff_min * MINUTE
    was = old.total_s <= limit
    now = new.total_s <= limit
    within = was & now
    quicker = new.total_s < old.total_s
    cells = states_of(was, now) | {
        "faster": within & quicker,
        "slower": within & (new.total_s > old.total_s),
    }
    table = pd.DataFrame(counties[["county_code", "county", "county_en", "prefecture"]])
    table["part"] = counts.part_names
    inside = {state: counts.inside(mine) for state, mine in cells.items()}
    area = {state: own.n_by_county * counts.land.grid.cell_km2 for state, own in inside.items()}
    for state, own in inside.items():
        people = own.people_by_county
        table[f"people_{state}"] = (
            pd.NA if people is None else pd.array(np.rint(people), dtype="Int64")
        )
        table[f"area_km2_{state}"] = area[state]
    for state, surface in (("before", old), ("after", new)):
        table[f"minutes_{state}"] = _mean_minutes(counts, surface.total_s, within, len(table))
        table[f"status_{state}"] = county_status(inside[state])
    changed = sum(area[state] for state in ("gained", "lost", "faster", "slower")) > 0
    table = _with_balance(table[changed]) if counts.people is not None else table[changed]
    balance = [
        table[f"{what}_gained"].fillna(0).to_numpy(float)
        - table[f"{what}_lost"].fillna(0).to_numpy(float)
        for what in ("people", "area_km2")
    ]
    mean_saved = (table["minutes_before"] - table["minutes_after"]).fillna(0).to_numpy(float)
    order = np.lexsort((table["county_code"], -mean_saved, -balance[1], -balance[0]))
    return table.iloc[order].reset_index(drop=True)


def losing_counties(
    counts: CellCounts, old: Surface, new: Surface, most_min: int
) -> list[dict[str, Any]]:
    """Return the counties whose people lose by rail as `worth_row` counts them, those that lose
    most first.

    Rows: `county`, `county_en`, `people_lost`, who are no longer within the most minutes,
    `people_slower`, the others; None where no people are known; `area_km2_lost`, `area_km2_slower`.
    """
    counties = counts.case.compiled.network.counties
    if counties is None:
        return []
    _, most, was, now = _clipped(old, new, most_min)
    worse = (now > was) & (counts.cell_part != 0)
    out = worse & (new.by_rail_s > most * MINUTE)
    inside = {"lost": counts.inside(out), "slower": counts.inside(worse & ~out)}
    people = {f"people_{how}": own.people_by_county for how, own in inside.items()}
    area = {
        f"area_km2_{how}": own.n_by_county * counts.land.grid.cell_km2
        for how, own in inside.items()
    }
    pairs = zip(area.values(), people.values(), strict=True)
    lost, slower = (own if mine is None else np.rint(np.nan_to_num(mine)) for own, mine in pairs)
    weights = np.where(counts.county_part == 0, 0.0, lost + slower)
    some = np.flatnonzero(weights > 0)
    some = some[np.lexsort((counties["county_code"].iloc[some], -weights[some]))]
    names = counties[["county", "county_en"]].iloc[some].to_dict("records")
    return [
        name
        | {
            key: None if mine is None else round(np.nan_to_num(mine[k]))
            for key, mine in people.items()
        }
        | {key: float(mine[k]) for key, mine in area.items()}
        for name, k in zip(names, some.tolist(), strict=True)
    ]


def _with_balance(counties: pd.DataFrame) -> pd.DataFrame:
    """Return counties whose people before, gained, lost and after add up."""
    import pandas as pd

    states = ("before", "after", "gained", "lost")
    rows = [
        balanced(
            {
                state: None if value is pd.NA else value
                for state, value in zip(states, values, strict=True)
            }
        )
        for values in counties[[f"people_{state}" for state in states]].itertuples(index=False)
    ]
    columns = {
        f"people_{state}": pd.array([row[state] for row in rows], dtype="Int64") for state in states
    }
    return counties.assign(**columns)


def _mean_minutes(
    counts: CellCounts, seconds: Ints32, cells: Bools, n_counties: int
) -> NDArray[np.float64]:
    """Return by county the mean minutes of the people (cells) of some cells, NaN where there are
    none.
    """
    if counts.people is None:
        county = counts.land.county[cells]
        weight = np.ones(int(cells.sum()))
        cell = np.flatnonzero(cells)
    else:
        mine = cells[counts.people.cell]
        county = counts.people.county[mine]
        weight = counts.people.people[mine]
        cell = counts.people.cell[mine]
    total = np.bincount(county, weights=weight, minlength=n_counties)
    product = np.bincount(county, weights=weight * seconds[cell], minlength=n_counties)
    with np.errstate(divide="ignore", invalid="ignore"):
        minutes: NDArray[np.float64] = np.where(total > 0, product / total / MINUTE, np.nan)
    return np.asarray(np.round(minutes, 2), np.float64)


def summary_of_saved(
    counts: CellCounts, old: Surface, new: Surface, cutoff_min: int
) -> dict[str, Any]:
    """Return people faster and slower of those within the cutoff before and after, and quartiles of
    the faster.
    """
    limit = cutoff_min * MINUTE
    within = (old.total_s <= limit) & (new.total_s <= limit) & (counts.cell_part != 0)
    saved = saved_seconds(old, new, limit)
    faster = within & (saved > 0)
    slower = within & (saved < 0)
    found = {"faster": counts.inside(faster), "slower": counts.inside(slower)}
    return {
        **{f"people_{name}": inside.people_outside for name, inside in found.items()},
        **{f"area_km2_{name}": inside.km2_outside for name, inside in found.items()},
        **quartiles(counts, saved, faster),
    }
