"""Commands, options and public names are documented: in their help texts and in the guide."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import railshed
from railshed.assumptions.readings import load_readings
from railshed.circles.analysis import RESULTS_VERSION
from railshed.cli import main as cli
from railshed.export.formats import FORMATS

ROOT = Path(__file__).parents[2]
GUIDE = "src/railshed/guide"
COMMAND: Any = typer.main.get_command(cli.application())
COMMANDS: dict[str, Any] = dict(COMMAND.commands)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def guide_text() -> str:
    """Return all English pages of the guide."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / GUIDE / "en").glob("*.md"))
    )


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_has_a_help_text(name: str) -> None:
    """The command and each of its options and arguments say what they do, in a sentence."""
    command = COMMANDS[name]
    assert command.help
    assert command.help.strip().endswith(".")
    for parameter in command.params:
        if parameter.name != "help":
            assert parameter.help, f"{name} {parameter.opts}"
            assert parameter.help.endswith((".", ")")), f"{name} {parameter.opts}: {parameter.help}"


def test_an_option_means_the_same_everywhere() -> None:
    """Options shared by commands have one default, but for --direction of reach and -o of
    a file.
    """
    seen: dict[str, dict[str, Any]] = {}
    for name, command in COMMANDS.items():
        for parameter in command.params:
            if parameter.opts[0].startswith("--"):
                seen.setdefault(parameter.opts[0], {})[name] = parameter.default
    for option, defaults in seen.items():
        assert len({str(d) for d in defaults.values()}) == 1, (option, defaults)


def test_defaults_named_in_the_help_are_true() -> None:
    """The help of --reading lists the shipped readings; --access the modes; --direction the three
    ways.
    """
    texts = {p.opts[0]: p.help for p in COMMANDS["circle"].params}
    for name in load_readings():
        assert name in texts["--reading"]
    for word in ("walk", "bike", "feeder", "drive"):
        assert word in texts["--access"]
    assert COMMANDS["circle"].params[0].name == "cities"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_in_the_guide(name: str) -> None:
    """A page of the guide shows how each command is called."""
    assert f"railshed {name}" in guide_text()


@pytest.mark.parametrize("name", sorted(set(railshed.__all__) - {"__version__"}))
def test_every_public_name_is_in_the_guide(name: str) -> None:
    """The guide's page on Python mentions each public name."""
    assert re.search(rf"`{name}`|\brailshed\.{name}\b", text_of(f"{GUIDE}/en/python.md"))


def test_every_option_of_the_documents_exists() -> None:
    """An option in a `railshed ...` line of any document is one of that command's."""
    pages = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / GUIDE).rglob("*.md"))]
    for file in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *pages):
        text = text_of(file).replace("\\\n", " ")
        for name, rest in re.findall(rf"railshed ({'|'.join(COMMANDS)})(?![\w-])([^\n`]*)", text):
            known = {o for p in COMMANDS[name].params for o in (*p.opts, *p.secondary_opts)} | {
                "--help"
            }
            for option in re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", rest):
                assert option in known, f"{file}: railshed {name}{rest}"


def test_formats_stand_in_both_languages() -> None:
    """The row of `circle` names every format, in the order of the help."""
    for page in ("en", "zh"):
        text = text_of(f"{GUIDE}/{page}/options.md")
        assert f"`--format {','.join(f.name for f in FORMATS)}`" in text


def test_readings_are_explained() -> None:
    """The page of definitions names every shipped reading and the bridge, in English and in
    Chinese.
    """
    for page in (f"{GUIDE}/en/definitions.md", f"{GUIDE}/zh/definitions.md"):
        for name in load_readings():
            assert name in text_of(page)
        assert "bridge" in text_of(page).lower()


def test_changelog_names_the_versions() -> None:
    """CHANGELOG.md has an entry for this version and says which results it gives."""
    changelog = text_of("CHANGELOG.md")
    assert railshed.__version__ in changelog
    assert re.search(
        rf"results[_ ]version`?:? (is |= )?`?{RESULTS_VERSION}\b", changelog, re.IGNORECASE
    )


def test_the_rooms_are_on_the_map() -> None:
    """The picture in ARCHITECTURE.md names every room, and none that is not there."""
    source = Path(railshed.__file__).parent
    (picture,) = re.findall(
        r"^cli  .*?\n\n",
        text_of("ARCHITECTURE.md").replace("\n    ", "\n"),
        re.DOTALL | re.MULTILINE,
    )
    named = {
        room.strip()
        for line in picture.split("\n")
        for room in line.split("  ")[0].split("|")
        if line
    }
    assert named | {"guide"} == {
        p.name for p in source.iterdir() if p.is_dir() and p.name != "__pycache__"
    }


def test_network_folder_columns_are_documented() -> None:
    """The guide's page on network folders names every column of the toy network's tables."""
    text = text_of(f"{GUIDE}/en/network-folder.md")
    for file in sorted((ROOT / "networks" / "toy").glob("*.csv")):
        for column in file.read_text(encoding="utf-8").splitlines()[0].split(","):
            assert f"`{column}`" in text, f"{file.name}: {column}"


def test_public_functions_document_their_parameters() -> None:
    """The docstrings of `circle`, `Analysis` and its methods name each parameter or whose it is."""
    methods = [one for name, one in vars(railshed.Analysis).items() if inspect.isfunction(one)]
    for function in (railshed.circle, railshed.Analysis, *methods):
        doc = inspect.getdoc(function) or ""
        if (
            function.__name__ != "__init__"
            and "arameters" in doc
            and not re.search("(as|those of) `", doc)
        ):
            for name in inspect.signature(function).parameters.keys() - {"self", "rules"}:
                assert re.search(rf"\b{name}\b", doc), f"{function.__name__}: {name}"


def texts_of_messages() -> Iterator[tuple[str, str]]:
    """Yield (module, text) of every text in the code that is no docstring, parts of one f-string
    joined.
    """
    source = Path(railshed.__file__).parent
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes, name = list(ast.walk(tree)), path.relative_to(source).with_suffix("").as_posix()
        inner = {
            id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
        } - {id(node) for node in nodes if isinstance(node, ast.JoinedStr)}
        said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                yield (
                    name,
                    "".join(
                        str(p.value) if isinstance(p, ast.Constant) else "X" for p in node.values
                    ),
                )
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and not {id(node)} & (inner | said)
            ):
                yield name, node.value


@pytest.mark.slow
def test_remedies_tell_both_readers() -> None:
    """A message of the library that names an option names the argument too, and the other way
    round.

    What commands alone print may name options alone.
    """
    options = {
        o
        for command in COMMANDS.values()
        for p in command.params
        for o in p.opts
        if o.startswith("--")
    }
    arguments = (
        r"(?<![\w.+])(columns|crs|hexagons|date|datum|overwrite|stations_within_km)=[{'\".\w]"
    )
    for module, text in texts_of_messages():
        shown_only = module.endswith(("tables", "screen", "labels"))
        if shown_only or module.startswith(("cli/", "api/requests", "util/phrases")):
            continue
        named = [o for o in options if re.search(rf"{o}(?![\w-])", text)]
        if named:
            assert re.search(r"\w=|columns?|leave crs", text), f"{module}: {text}"
        elif re.search(arguments, text) and " " in text:
            assert re.search(r" or --|FILE:|:1 or ", text), f"{module}: {text}"
