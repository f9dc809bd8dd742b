"""Scenarios as written: TOML, JSON and GeoJSON files, what they extend, and several in one."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from railshed.scenario.fields.kinds import TOP
from railshed.scenario.fields.table import Findings, JsonLines, Lines, Problems, TomlLines
from railshed.scenario.geojson import drawn_lines
from railshed.util.encodings import decode
from railshed.util.errors import (
    InputError,
    Issue,
    ParameterError,
    nearest,
    raise_errors,
    suggestion,
)
from railshed.util.files import exists, networks_root
from railshed.util.names import clean_tree

_DEEPEST = 50
SUFFIXES = (".toml", ".json", ".geojson")


@dataclass(frozen=True)
class Scenario:
    """An ordered list of modifications as written, not yet applied to a network."""

    title: str
    modifications: tuple[Mapping[str, Any], ...] = ()
    #: draws the phases of the added trips
    seed: int = 0
    #: name of the file, and its text for line numbers; "" for a scenario made in Python
    file: str = ""
    text: str = ""
    #: what is wrong above the modifications; reported with everything else
    issues: tuple[Issue, ...] = ()
    #: scenarios that are applied before this one, in order
    extends: tuple[Scenario, ...] = ()
    #: the whole path, by which a file that several extend is applied once; "" for one made in
    #: Python
    path: str = ""
    #: numbers of the modifications in their file where they are not 1, 2, 3 ...: features that are
    #: lines
    numbers: tuple[int, ...] = ()
    #: whether the file is GeoJSON
    drawn: bool = False
    #: the title in one language alone; "" where the file has none
    title_zh: str = ""
    title_en: str = ""
    #: texts of the timetables that modifications name, by name as written
    timetables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, title: str = "scenario") -> Scenario:
        """Return the scenario of a mapping of what a scenario file holds; `title` is its title if
        it has none.

        ``apply_scenario`` reports what is wrong with it, as with a file; files in ``extends`` count
        from the working folder.

        Raises
        ------
        InputError
            When `data` is no mapping.
        """
        if not isinstance(data, Mapping):
            raise InputError("scenario: is no object of title, modification ...")
        return scenario_from_dict(copy.deepcopy(dict(data)), title=title)

    @classmethod
    def from_geojson(cls, data: Mapping[str, Any], *, title: str = "") -> Scenario:
        """Return the scenario of a GeoJSON mapping of drawn lines and stations, such as
        `__geo_interface__` gives.

        The fields are those of a GeoJSON file; ``apply_scenario`` reports what is wrong with
        features.

        Raises
        ------
        InputError
            When `data` is no GeoJSON in WGS84.
        """
        try:
            plain = json.loads(json.dumps(data))  # tuples become lists, as in a file
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"scenario: no JSON: {error}") from error
        return _drawn(plain, title or _layer_name(plain) or "scenario")

    def __repr__(self) -> str:
        more = f", extends {', '.join(repr(s.title) for s in self.extends)}" if self.extends else ""
        return f"<Scenario {self.title!r}: {len(self.modifications)} modifications{more}>"

    @property
    def titles(self) -> tuple[str, str]:
        """The title in Chinese and in English; that of the file where it has no such one."""
        return self.title_zh or self.title, self.title_en or self.title

    @cached_property
    def lines(self) -> Lines:
        """Finds the lines of the file."""
        return (
            JsonLines(self.text, "features", "properties")
            if self.drawn
            else _lines(self.file, self.text)
        )

    def numbered(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the modifications of this file with their numbers in it."""
        yield from zip(
            self.numbers or range(1, len(self.modifications) + 1), self.modifications, strict=True
        )

    def problems(self, found: Findings) -> Problems:
        """Return where what is wrong with its modifications is added to the findings."""
        what = "feature" if self.drawn else "modification"
        return Problems(self.file or "scenario", self.lines, found, what, self.timetables)

    @property
    def parts(self) -> tuple[Scenario, ...]:
        """All scenarios in the order in which they are applied, this one last, each file once."""
        found: list[Scenario] = []
        seen: set[str | int] = set()

        def visit(part: Scenario) -> None:
            key = part.path or id(part)
            if key not in seen:
                seen.add(key)
                for other in part.extends:
                    visit(other)
                found.append(part)

        visit(self)
        return tuple(found)


def _lines(file: str, text: str) -> TomlLines | JsonLines:
    return (
        JsonLines(text, "modification")
        if file.lower().endswith(".json")
        else TomlLines(text, "modification")
    )


def compose(scenarios: Sequence[Scenario], *, title: str = "") -> Scenario:
    """Return one scenario that is all of these in order; a file that several of them extend is
    applied once.
    """
    zh, en = ("", "") if title else joined_titles(scenarios)
    title = title or " + ".join(s.title for s in scenarios)
    return Scenario(title, extends=tuple(scenarios), title_zh=zh, title_en=en)


def joined_titles(scenarios: Sequence[Scenario]) -> tuple[str, str]:
    """Return the titles of scenarios as one, in Chinese and in English."""
    return " + ".join(s.titles[0] for s in scenarios), " + ".join(s.titles[1] for s in scenarios)


_Known = dict[Path, "Scenario | None"]


def shipped_scenarios() -> dict[str, Path]:
    """Return the scenario files of the shipped networks by name: network/file, such as
    china/chengdu-s5.

    A file in a folder below has the folder in its name, such as china/metro-since-2023/wuxi.
    """
    found = {}
    for folder in sorted(networks_root().glob("*/scenarios")):
        for file in sorted(folder.glob("**/*")):
            if file.suffix.lower() in SUFFIXES:
                found[
                    f"{folder.parent.name}/{file.relative_to(folder).with_suffix('').as_posix()}"
                ] = file
    return found


def find_scenario(name: Path, folder: Path = Path()) -> Path:
    """Return the file that is meant: a path from `folder`, where there is no such file the name of
    a shipped one.

    Raises InputError when it is neither and has no suffix of a file; suggests the nearest names.
    """
    path = folder / name
    given = name.as_posix()
    if path.suffix or exists(path):
        return path
    shipped = shipped_scenarios()
    if given in shipped:
        return shipped[given]
    names = {text: key for key in shipped for text in (key, key.partition("/")[2])}
    hint = nearest(given, names, 3, names.__getitem__) or f"shipped: {', '.join(shipped) or 'none'}"
    raise InputError(
        f"scenario {given}: there is no such file, nor a shipped scenario of this name; {hint}"
    )


def scenario_or_issues(name: Path) -> Scenario:
    """Return the scenario of a file or name; of one that cannot be read, what is wrong, reported
    when it is applied.
    """
    try:
        return read_scenario(find_scenario(name))
    except InputError as error:
        message = (
            str(error)
            .removeprefix(f"scenario {name.as_posix()}: ")
            .removeprefix(f"scenario {name.name}: ")
        )
        issues = error.issues or (Issue("error", "no-scenario", message, name.as_posix()),)
        return Scenario(name.stem, file=name.name, issues=issues, path=name.as_posix())


def read_scenario(
    path: Path, above: tuple[Path, ...] = (), known: _Known | None = None
) -> Scenario:
    """Return the scenario of a file; `above` are the files that extend it, the first one outermost.

    `known` are those that were read before, None those that failed: a file that several extend is
    read, and its mistakes reported, once. Raises InputError when the file cannot be read or is not
    what its suffix says; all else stands in `issues`.
    """
    if path.suffix.lower() == ".geojson":
        return read_drawing(path)
    text = _text(path)
    data = _data(path, text)
    chain = (*above, path)
    return scenario_from_dict(
        data,
        file=path.name,
        text=text,
        title=path.stem,
        folder=path.parent,
        above=chain,
        known=known,
    )


def parse_scenario(text: str, name: str) -> Mapping[str, Any]:
    """Return what the text of a scenario file holds, as `Scenario.from_dict` takes it; reads no
    other file.

    `name` says by its ending what it is. Raises InputError when it is not that.
    """
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"scenario {name}: unknown suffix {path.suffix!r}; allowed: {', '.join(SUFFIXES)}"
        )
    if path.suffix.lower() != ".geojson":
        return _data(path, text)
    found = _drawing(path, text, "")
    raise_errors(f"scenario {name}", found.issues)
    return {"title": found.title, "modification": list(found.modifications)}


def read_drawing(path: Path) -> Scenario:
    """Return the scenario of a GeoJSON file."""
    return _with_timetables(_drawing(path, _text(path), str(path.resolve())), path.parent)


def _drawing(path: Path, text: str, place: str) -> Scenario:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"scenario {path.name}: no JSON: {error}") from error
    return _drawn(data, _layer_name(data) or path.stem, path.name, text, place)


def _layer_name(data: Any) -> str:
    """Return the name of a layer, as QGIS writes it."""
    name = data.get("name") if isinstance(data, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _drawn(data: Any, title: str, file: str = "", text: str = "", path: str = "") -> Scenario:
    lost: list[Issue] = []
    data = clean_tree(data, file or "scenario", lost)
    numbers, modifications, issues = drawn_lines(
        file, data, JsonLines(text, "features", "properties")
    )
    return Scenario(
        title=title,
        modifications=modifications,
        seed=0,
        file=file,
        text=text,
        issues=(*lost, *issues),
        extends=(),
        path=path,
        numbers=numbers,
        drawn=True,
    )


def _with_timetables(scenario: Scenario, folder: Path) -> Scenario:
    """Return the scenario with the texts of the timetables that it names by their path from the
    folder.
    """
    found = dict[str, str]()
    problems = scenario.problems(Findings())
    for number, values in scenario.numbered():
        given = values.get("timetable")
        name = (
            given.strip()
            if isinstance(given, str) and values.get("enabled", True) is not False
            else ""
        )
        if name and "\n" not in name:
            try:
                found[name] = read_text(folder / name, "timetable")
            except InputError as error:
                code, remedy = (
                    ("unreadable", "") if exists(folder / name) else ("no-file", "give its path")
                )
                problems.error(number, "timetable", code, str(error), name, remedy, key="timetable")
    return replace(scenario, timetables=found, issues=(*scenario.issues, *problems.found.issues))


def _text(path: Path) -> str:
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"scenario {path}: unknown suffix {path.suffix!r}; allowed: {', '.join(SUFFIXES)}"
        )
    return read_text(path, "scenario")


#: of a scenario, or a timetable that it names
_MAX_BYTES = 64 << 20


def read_text(path: Path, what: str) -> str:
    """Return the text of a file in UTF-8, or Chinese in GB18030; errors name it as `what` it is.

    Raises InputError when it cannot be read.
    """
    try:
        if exists(path) and not path.is_file():
            raise InputError(f"{what} {path}: is no regular file")
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{what} {path}: has more than {_MAX_BYTES >> 20} MiB")
        return decode(path.read_bytes()).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} {path}: is not UTF-8 ({error.reason}); save it as UTF-8"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"{what} {path}: cannot be read ({getattr(error, 'strerror', None) or error})"
        ) from error


def _data(path: Path, text: str) -> Mapping[str, Any]:
    what = "TOML" if path.suffix.lower() == ".toml" else "JSON"
    try:
        data = tomllib.loads(text) if what == "TOML" else json.loads(text, object_pairs_hook=_once)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"scenario {path}: no {what}: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"scenario {path}: is no object of title, modification ...")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a key that is given twice is a mistake, as in TOML."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for k, (key, _) in enumerate(pairs) if key in dict(pairs[:k]))
        raise ValueError(f"key {twice!r} is given twice in one object")
    return found


def scenario_from_dict(
    data: Mapping[str, Any],
    *,
    file: str = "",
    text: str = "",
    title: str = "",
    folder: Path | None = None,
    above: tuple[Path, ...] = (),
    known: _Known | None = None,
) -> Scenario:
    """Return the scenario of the tables of a scenario file; paths in ``extends`` count from
    `folder`.

    Its `issues` are what is wrong above the modifications, such as a ``seed`` that is no whole
    number or a file in ``extends`` that cannot be read; they are reported with those of the
    modifications when it is applied.
    """
    issues: list[Issue] = []
    data = clean_tree(data, file or "scenario", issues)
    modifications = data.get("modification", [])
    seed = data.get("seed", 0)
    lines = _lines(file, text)

    def error(key: str, message: str, value: Any = "", remedy: str = "") -> None:
        text = f"line {at}: {message}" if (at := lines.top(key)) else message
        issues.append(
            Issue(
                severity="error",
                code="bad-value",
                message=text,
                file=file,
                row=None,
                field=key,
                value=str(value)[:80],
                remedy=remedy,
            )
        )

    if not isinstance(modifications, list) or not all(
        isinstance(m, Mapping) for m in modifications
    ):
        error(
            "modification",
            "is no list of tables",
            remedy="write each one below a line [[modification]]",
        )
        modifications = []
    if not isinstance(seed, int) or isinstance(seed, bool):
        error("seed", "is not a whole number", seed)
        seed = 0
    if file and not data:
        error(
            "modification",
            "is missing: the file is empty",
            "",
            "write each one below a line [[modification]]",
        )
    for key in ("title", "title_zh", "title_en"):
        if not isinstance(data.get(key, ""), str):
            error(key, "is not a text", data[key])
    names = data.get("extends", [])
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(
        isinstance(one, str) and one.strip() for one in names
    ):
        error("extends", "is neither a file nor a list of files", names)
        names = []
    extends: list[Scenario] = []
    known = {} if known is None else known
    for name in names:
        other = (folder or Path()) / name
        chain = [*above, other]
        if any(other.resolve() == one.resolve() for one in above):
            shown = " -> ".join(one.name for one in chain)
            error("extends", f"the file extends itself: {shown}", name, "take one of them out")
            continue
        if len(above) > _DEEPEST:
            error("extends", f"more than {_DEEPEST} files extend each other", name)
            continue
        key = other.resolve()
        try:
            if key not in known:
                known[key] = None
                known[key] = read_scenario(other, tuple(above), known)
            found = known[key]
            extends += [] if found is None else [found]
        except InputError as caught:
            issues += caught.issues
            if not caught.issues:
                error("extends", str(caught).removeprefix("scenario "), name)
    for key in (key for key in data if key not in TOP):
        message = "is not known at the top"
        remedy = suggestion(key, TOP)
        issues.append(
            Issue("error", "unknown-key", message, file or "scenario", field=key, remedy=remedy)
        )
    path = str(above[-1].resolve()) if above else ""
    own, zh, en = (str(data.get(key, "")).strip() for key in ("title", "title_zh", "title_en"))
    title = own or f"{zh} {en}".strip() or title
    whole = Scenario(
        title=title,
        modifications=tuple(modifications),
        seed=seed,
        file=file,
        text=text,
        issues=tuple(issues),
        extends=tuple(extends),
        path=path,
        title_zh=zh,
        title_en=en,
    )
    return _with_timetables(whole, folder or Path())


def toml_text(data: Mapping[str, Any], what: str) -> str:
    """Return plain values as TOML; InputError, which names `what` they are, for a value that TOML
    has not.
    """
    import tomli_w

    try:
        return tomli_w.dumps(data)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: a file cannot hold null: leave the key out ({error})") from error


def scenario_toml(scenario: Scenario) -> str:
    """Return the text of one TOML file with the modifications of all parts, in order.

    Raises InputError where something above the modifications is wrong (what it extends cannot be
    read, say), or a value is null; ParameterError where the parts have several seeds: their phases
    would change.
    """
    raise_errors(
        f"scenario {scenario.file or scenario.title}",
        [i for part in scenario.parts for i in part.issues],
    )
    parts = [part for part in scenario.parts if part.modifications]
    seeds = sorted({part.seed for part in parts})
    if len(seeds) > 1:
        raise ParameterError(
            f"scenarios with the seeds {', '.join(map(str, seeds))} cannot be one file"
        )
    both = {"title_zh": scenario.title_zh, "title_en": scenario.title_en}
    head: dict[str, Any] = {"title": scenario.title} | {
        key: said for key, said in both.items() if said
    }
    if seeds and seeds[0]:
        head["seed"] = seeds[0]
    every = [
        {k: part.timetables.get(str(v).strip(), v) if k == "timetable" else v for k, v in m.items()}
        for part in parts
        for m in part.modifications
    ]
    return toml_text({**head, "modification": every}, f"scenario {scenario.file or scenario.title}")
