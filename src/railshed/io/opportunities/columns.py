"""Which columns of a table of opportunities are read, what they are called afterwards, and which one is people."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from railshed.cells.opportunities import PEOPLE
from railshed.util.errors import Issue, ParameterError

#: names wanted, or ours by the source's
Wanted = str | Sequence[str] | Mapping[str, str] | None
#: how people are called; a year may follow. Anything else is chosen by the user, never guessed
_PEOPLE = re.compile(
    r"(people|pop|population|persons|inhabitants|residents|(total|tot)[_ ]?pop(ulation)?|pop(ulation)?[_ ]?(total|tot)"
    r"|人口|人口数|总人口|常住人口)([_ ]?(19|20)\d\d)?"
)
#: keys, codes, years, measures of the shape, densities and shares: numbers that cannot be added up
_NO_OPPORTUNITY = re.compile(
    r"(id|fid|gid|ogc_fid|objectid|index|code|h3|hex|year|年份|编号|代码|.*[_ ](id|code|index)|shape_(area|leng|length)"
    r"|(st_)?area([_ ]?(km2|m2|ha))?|perimeter|x|y|lon|lng|long|longitude|经度|lat|latitude|纬度|z|elevation"
    r"|(.*[_ ])?(density|dens|rate|share|percent|pct|ratio)([_ ].*)?|.*(密度|率|占比))"
)


#: what a reader in Python, or at the command line, can say of a file
CHOOSE_COLUMNS = "say which with columns=... or --population-columns"
CHOOSE_PEOPLE = f"columns={PEOPLE!r} or --population-columns {PEOPLE}"
CHOOSE_HEXAGONS = "hexagons=True or --population-hexagons"
CHOOSE_CRS = "crs='EPSG:...' or --population-crs EPSG:..."
DROP_CRS = "leave crs or --population-crs out"


def choose(name: str) -> str:
    """Return how a reader says that a column holds the people."""
    return f"columns={{{name!r}: {PEOPLE!r}}} or --population-columns {shlex.quote(f'{PEOPLE}={name}')}"


def is_people(name: str) -> bool:
    """Return whether a column of this name holds people."""
    return _PEOPLE.fullmatch(name.strip().casefold()) is not None


def is_opportunity(name: str) -> bool:
    """Return whether a column of numbers is read when no columns are chosen: not keys, coordinates, areas."""
    return _NO_OPPORTUNITY.fullmatch(name.strip().casefold()) is None


def wanted_names(wanted: Wanted) -> dict[str, str] | None:
    """Return our names by those of the source, None where all columns of numbers are wanted.

    Raises
    ------
    ParameterError
        When two columns would have one name, or a name is blank.
    """
    if wanted is None:
        return None
    if isinstance(wanted, str):
        wanted = [wanted]
    names = dict(wanted) if isinstance(wanted, Mapping) else {name: name for name in wanted}
    if not names:
        raise ParameterError("columns is empty; leave it out to read every column of numbers")
    ours = list(names.values())
    twice = sorted({name for name in ours if ours.count(name) > 1})
    if twice or not all(name.strip() for name in ours):
        raise ParameterError(f"columns: {', '.join(map(repr, twice)) or 'a blank name'} cannot name two columns")
    return names


def name_people(names: Iterable[str], file: str, issues: list[Issue], notes: list[str]) -> dict[str, str]:
    """Return what columns are called after reading: the one of people is `people`, where there is exactly one."""
    ours = {name: name for name in names}
    found = [name for name in ours if is_people(name)]
    if PEOPLE in ours:
        return ours
    if len(found) == 1:
        ours[found[0]] = PEOPLE
        notes.append(f"{file}: column {found[0]!r} holds the people")
    elif found:
        message = f"{len(found)} columns may hold the people ({', '.join(found)}); none is taken for them"
        issues.append(Issue("warning", "people-unclear", message, file, remedy=choose(found[0])))
    else:
        first = next(iter(ours), "NAME")
        notes.append(f"{file}: no column is called like people; to say which one holds them: {choose(first)}")
    return ours
