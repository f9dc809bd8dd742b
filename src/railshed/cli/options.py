"""Requests as commands: the options of a request's class become those of a typer command, their
texts its values.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import MISSING
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperCommand

from railshed.api.requests import FILES, GROUPS, SCREEN, json_option, lang_option
from railshed.util.bilingual import Language
from railshed.util.errors import ParameterError
from railshed.util.options import Columns, Option, Request, options_of

Value = TypeVar("Value")


class Printed(Request):
    """A request that only prints: tables in a language, or JSON."""

    as_json: bool = json_option()
    lang: Language = lang_option()


class GroupedCommand(TyperCommand):
    """A command whose help lists its options by purpose, and that drops no value in silence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the arguments left; an option of one value that is given twice is a mistake."""
        for one, n in Counter(self.make_parser(ctx).parse_args(list(args))[2]).items():
            if (
                n > 1
                and one.param_type_name == "option"
                and not (one.multiple or getattr(one, "is_flag", False))
            ):
                raise ParameterError(f"{one.opts[0]} is given {n} times; {ctx.info_name} takes one")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options under the headings of their groups."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            row = parameter.get_help_record(ctx)
            if row is not None:
                own = getattr(parameter, "rich_help_panel", None) or SCREEN
                group = GROUPS[0] if parameter.param_type_name == "argument" else own
                rows.setdefault(group, []).append(row)
        for group in sorted(rows, key=GROUPS.index):
            with formatter.section(group):
                formatter.write_dl(sorted(rows[group], key=lambda row: row[0].startswith("--")))


def name_of(function: Callable[[Any], None]) -> str:
    """Return the name of the command that a function is."""
    return function.__name__.strip("_").replace("_", "-")


def add_command(app: typer.Typer, function: Callable[[Any], None]) -> None:
    """Add a function of a request to the application as the command of its name."""
    request = get_type_hints(function)["request"]
    every = options_of(request)

    def call(**texts: Any) -> None:
        values = {one.name: _read(one, texts[one.name]) for one in every}
        files = [
            one.flags
            for one in every
            if one.group == FILES and values[one.name] not in (one.default, False)
        ]
        if files and values.get("out", files) is None:
            raise ParameterError(f"{', '.join(files)}: for files alone; give -o")
        function(request.build(values))

    parameters = [
        inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=_default(one), annotation=_typer(one)
        )
        for one in every
    ]
    call.__doc__ = function.__doc__
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    app.command(name=name_of(function), cls=GroupedCommand)(call)


@cache
def _typer(one: Option) -> Any:
    """Return the annotation of typer that declares an option."""
    about: Any = {"help": one.help, "metavar": one.unit}
    if not one.flags:
        about |= {"show_default": False}
        made = typer.Argument(**about)
    else:
        made = typer.Option(*one.flags.split(), rich_help_panel=one.group, **about)
    kind = _kind(one)
    return Annotated[kind if one.default is MISSING else kind | None, made]


def _kind(one: Option) -> Any:
    """Return the type as which typer reads an option: of what it does not know, a text."""
    if one.choices:
        return StrEnum("Choice", {choice: choice for choice in one.choices})
    if one.kind == Columns:
        return list[str]
    if one.repeated:
        return list[str] if get_args(one.kind)[0] is Path else list[get_args(one.kind)[0]]  # type: ignore[misc]
    # a path too: of an empty text typer makes the working folder
    return str if get_origin(one.kind) is tuple or one.kind in (dt.date, Path) else one.kind


def _default(one: Option) -> Any:
    """Return the default of an option as it is typed."""
    if one.default is MISSING:
        return inspect.Parameter.empty
    if one.repeated:
        return None
    if one.kind is bool and "/" not in one.flags:
        return False
    if one.default is not None and get_origin(one.kind) is tuple:
        if one.joined:
            return ",".join(map(str, one.default)) or None
        return "-".join(f"{second // 3600:02d}:{second % 3600 // 60:02d}" for second in one.default)
    return one.default


def _read(one: Option, typed: Any) -> Any:
    """Return the value of an option.

    Raises ParameterError where the text is none of its kind, or out of bounds.
    """
    flag = one.flags.split(" ")[0]
    if typed is None or typed == [] or typed == "" == one.default:
        return one.default
    if any(
        isinstance(text, str) and not text.strip()
        for text in (typed if isinstance(typed, list) else [typed])
    ):
        raise ParameterError(f"{flag or one.unit}: empty; give a value, or leave it out")
    if one.kind is bool and "/" not in one.flags:
        return (not one.default) if typed else one.default
    if one.choices:
        return str(typed.value if isinstance(typed, StrEnum) else typed)
    if one.kind == Columns:
        return columns_of(typed)
    if one.repeated:
        return tuple(map(Path, typed) if get_args(one.kind)[0] is Path else typed)
    if one.kind is Path:
        return Path(typed)
    if get_origin(one.kind) is tuple:
        from railshed.util.units import parse_window
        from railshed.util.validation import words

        if not one.joined:
            return parsed(parse_window, typed, flag)
        return numbers(flag, typed) if get_args(one.kind)[0] is int else words(typed)
    if one.kind is dt.date:
        return date_of(typed, flag)
    if one.bounds is not None and not one.bounds[0] <= typed <= one.bounds[1]:
        least, most = one.bounds
        raise ParameterError(f"{flag} {typed}: allowed are {least} (none) to {most:,}")
    return typed


def numbers(option: str, text: str) -> tuple[int, ...]:
    """Return whole numbers split at commas."""
    parts = [part.strip() for part in text.split(",")]
    bad = [part for part in parts if not part.isdecimal()]
    if bad:
        raise ParameterError(
            f"{option}: {', '.join(map(repr, bad))} is not a whole number; write e.g. 30,45,60"
        )
    return tuple(int(part) for part in parts)


def pairs_of(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Return ``key=value`` texts, each of which may hold several joined by commas."""
    found: dict[str, str] = {}
    for text in texts:
        for part in text.split(","):
            key, equals, value = part.partition("=")
            if not equals or not key.strip():
                raise ParameterError(
                    f"{option} {part!r}: write NAME=VALUE, several joined by commas"
                )
            found[key.strip()] = value.strip()
    return found


def columns_of(texts: Sequence[str]) -> Any:
    """Return columns as `read_opportunities` takes them: names, or ours by the file's where one is
    OURS=THEIRS.
    """
    parts = [part.strip() for text in texts for part in text.split(",")]
    if not any("=" in part for part in parts):
        return tuple(parts)
    ours = pairs_of(
        "--population-columns", [part if "=" in part else f"{part}={part}" for part in parts]
    )
    return {theirs: name for name, theirs in ours.items()}


def date_of(text: str, option: str) -> dt.date:
    """Return a date."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(f"{option} {text!r} is no date; write it as 2023-12-15") from error


def parsed(parse: Callable[[str], Value], text: str, option: str) -> Value:
    """Return what a function reads in a text; ParameterError with its message and the option where
    it refuses.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise ParameterError(f"{option}: {error}") from error
