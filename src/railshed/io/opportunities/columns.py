"""Selection and names of the columns of opportunities; recognition of the column of people."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from railshed.cells.opportunities import PEOPLE, Box
from railshed.util.array_types import Floats
from railshed.util.errors import Issue, ParameterError

#: names of columns, or new names by the source's; None: all
Columns = str | Sequence[str] | Mapping[str, str] | None
#: names of columns of people; a year may follow. Users choose other columns themselves
_PEOPLE = re.compile(
    r"(people|pop|population|persons|inhabitants|residents|(total|tot)[_ "
    r"]?pop(ulation)?|pop(ulation)?[_ ]?(total|tot)"
    r"|人口|人口数|总人口|常住人口)([_ ]?(19|20)\d\d)?"
)
#: names of columns whose numbers cannot be added up: keys, codes, years, measures of the shape,
#: densities, shares
_NO_OPPORTUNITY = re.compile(
    r"(id|fid|gid|ogc_fid|objectid|index|code|h3|hex|year|年份|编号|代码|.*[_ "
    r"](id|code|index)|shape_(area|leng|length)"
    r"|(st_)?area([_ "
    r"]?(km2|m2|ha))?|perimeter|x|y|lon|lng|long|longitude|经度|lat|latitude|纬度|z|elevation"
    r"|(.*[_ ])?(density|dens|rate|share|percent|pct|ratio)([_ ].*)?|.*(密度|率|占比))"
)
#: remedies: the parameter or the option of the command line
CHOOSE_COLUMNS = "say which with columns=... or --population-columns"
CHOOSE_PEOPLE = f"columns={PEOPLE!r} or --population-columns {PEOPLE}"
CHOOSE_HEXAGONS = "hexagons=True or --population-hexagons"
CHOOSE_CRS = "crs='EPSG:...' or --population-crs EPSG:..."
DROP_CRS = "leave crs or --population-crs out"


def choose(name: str) -> str:
    """Return the remedy that declares a column to be people."""
    return (
        f"columns={{{name!r}: {PEOPLE!r}}} or --population-columns "
        f"{shlex.quote(f'{PEOPLE}={name}')}"
    )


def is_people(name: str) -> bool:
    """Return whether a column of this name is people."""
    return _PEOPLE.fullmatch(name.strip().casefold()) is not None


def is_opportunity(name: str) -> bool:
    """Return whether a column of numbers is read by default: keys, coordinates and areas
    are not.
    """
    return _NO_OPPORTUNITY.fullmatch(name.strip().casefold()) is None


def column_names(columns: Columns) -> dict[str, str] | None:
    """Return new names by the source's; None for all columns of numbers.

    Raises ParameterError when two columns would have one name, or a name is blank.
    """
    if columns is None:
        return None
    if isinstance(columns, str):
        columns = [columns]
    names = dict(columns) if isinstance(columns, Mapping) else {name: name for name in columns}
    if not names:
        raise ParameterError("columns is empty; leave it out to read every column of numbers")
    ours = list(names.values())
    twice = sorted({name for name in ours if ours.count(name) > 1})
    if twice or not all(name.strip() for name in ours):
        raise ParameterError(
            f"columns: {', '.join(map(repr, twice)) or 'a blank name'} cannot name two columns"
        )
    return names


def name_people(
    names: Iterable[str], file: str, issues: list[Issue], notes: list[str]
) -> dict[str, str]:
    """Return new names by the source's; the column of people, if there is exactly one, is named
    `people`.
    """
    ours = {name: name for name in names}
    people = [name for name in ours if is_people(name)]
    if PEOPLE in ours:
        return ours
    if len(people) == 1:
        ours[people[0]] = PEOPLE
        notes.append(f"{file}: column {people[0]!r} holds the people")
    elif people:
        message = (
            f"{len(people)} columns may hold the people ({', '.join(people)}); none is "
            "taken for them"
        )
        issues.append(Issue("warning", "people-unclear", message, file, remedy=choose(people[0])))
    else:
        first = next(iter(ours), "NAME")
        notes.append(
            f"{file}: no column is called like people; to say which one holds them: {choose(first)}"
        )
    return ours


def cut_notes(
    within: Box | None, n_cut: int, things: str, names: Sequence[str], before: Floats, cut: Floats
) -> list[str]:
    """Return a note on what is left out by the box; none without one."""
    if within is None:
        return []
    sums = "; ".join(
        f"{name} {total:,.0f} before, {total - outside:,.0f} inside, {outside:,.0f} cut off"
        for name, total, outside in zip(names, before.tolist(), cut.tolist(), strict=True)
    )
    return [
        f"cut to {', '.join(f'{edge:g}' for edge in within)}: {n_cut:,} {things} left out; {sums}"
    ]
