"""Options as fields of frozen dataclasses, each with flag, unit, group, help and default; values as
plain JSON.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import (
    Any,
    ClassVar,
    Literal,
    Self,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

#: the group of an option that has no other
QUESTION = "Options"
#: names of columns, or ours by the file's, as `read_opportunities` takes them
Columns = tuple[str, ...] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a request, as its class declares it."""

    name: str
    #: without None
    kind: Any
    #: MISSING: required
    default: Any
    help: str
    flags: str = ""
    #: what the value is, as the help shows it: KM, M, FILE, LON,LAT
    unit: str | None = None
    group: str = QUESTION
    #: several values joined by commas; else the option is repeated
    joined: bool = False
    #: least and most
    bounds: tuple[int, int] | None = None
    #: whether run.json holds it; a `late` one may be absent there, a `sparse` one is where it is
    #: the default
    recorded: bool = True
    late: bool = False
    sparse: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts that are allowed; none: any."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()

    @property
    def repeated(self) -> bool:
        """Whether several values are given one by one."""
        return get_origin(self.kind) is tuple and get_args(self.kind)[-1] is ... and not self.joined


def option(help: str, flags: str = "", default: Any = None, **more: Any) -> Any:  # noqa: A002
    """Return the field of an option; `more` are fields of `Option`."""
    return field(default=default, metadata={"help": help, "flags": flags, **more})


def part(cls: type, *, recorded: bool = True) -> Any:
    """Return the field of a part of a request, options that several requests share."""
    return field(default_factory=cls, metadata={"part": cls, "recorded": recorded})


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Request:
    """Options, and parts that hold more of them; each class of them is a dataclass like
    this one.
    """

    #: of the command line; "" for a part
    command: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def record(self) -> dict[str, Any]:
        """Return the parameters that a rerun needs as plain values, as run.json holds them."""
        found: dict[str, Any] = {"command": self.command} if self.command else {}
        own = {one.name: one for one in options_of(type(self))}
        for one in fields(self):
            value = getattr(self, one.name)
            if "part" in one.metadata:
                found |= value.record() if one.metadata["recorded"] else {}
            elif own[one.name].recorded and not (own[one.name].sparse and value == one.default):
                found |= self._recorded(one.name, one.default if value == () else value)
        return found

    def _recorded(self, name: str, value: Any) -> dict[str, Any]:
        """Return what stands in run.json for one option."""
        return {name: _plain(value)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any], **changes: Any) -> Self:
        """Return the request of the parameters in a run.json, with some options changed.

        Raises KeyError when a parameter is absent that every record has.
        """
        values = dict(changes)
        for one in options_of(cls):
            if one.name in values:
                continue
            if one.recorded and not (one.late and one.name not in record):
                values[one.name] = _value(one, record[one.name])
            elif one.default is not MISSING:
                values[one.name] = one.default
        return cls.build(values)

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """Return the request of values by the names of options, whatever part they stand in."""
        own = {}
        for one in fields(cls):
            if "part" in one.metadata:
                own[one.name] = one.metadata["part"].build(values)
            elif one.name in values:
                own[one.name] = values[one.name]
        return cls(**own)


#: options by class, as long as the process lives
_OPTIONS: dict[type[Request], tuple[Option, ...]] = {}


def options_of(cls: type[Request]) -> tuple[Option, ...]:
    """Return the options of a request and of its parts, in the order declared."""
    if cls not in _OPTIONS:
        _OPTIONS[cls] = tuple(_options(cls))
    return _OPTIONS[cls]


def _options(cls: type[Request]) -> Iterator[Option]:
    hints = get_type_hints(cls)
    for one in fields(cls):
        more = dict(one.metadata)
        if "part" not in more:
            yield Option(one.name, _without_none(hints[one.name]), one.default, **more)
        elif more["recorded"]:
            yield from options_of(more["part"])
        else:
            yield from (replace(each, recorded=False) for each in options_of(more["part"]))


def _without_none(kind: Any) -> Any:
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    rest = tuple(one for one in get_args(kind) if one is not type(None))
    return rest[0] if len(rest) == 1 else Union[rest]  # noqa: UP007


def _plain(value: Any) -> Any:
    """Return a value as run.json holds it."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.as_posix() if isinstance(value, Path) else value


def _value(one: Option, plain: Any) -> Any:
    """Return the value of an option from what run.json holds."""
    if isinstance(plain, list):
        return tuple(Path(each) if Path in get_args(one.kind) else each for each in plain)
    if plain is None:
        return one.default
    if one.repeated and isinstance(plain, str):
        return (plain,)
    if one.kind is Path:
        return Path(plain)
    return dt.date.fromisoformat(plain) if one.kind is dt.date else plain
