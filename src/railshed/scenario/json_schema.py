"""The JSON Schema of scenario files, made of the fields of every type of modifications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from railshed.scenario.fields.groups import PARTS, TOP
from railshed.scenario.fields.kinds import Fields, reference
from railshed.scenario.modification import Modification
from railshed.scenario.modifications import MODIFICATIONS
from railshed.util.files import write_file

#: the published schema, which `railshed scenario --schema` prints
SCHEMA_FILE = Path(__file__).parent / "schema" / "scenario.schema.json"


def write_schema() -> None:
    """Write the published schema anew, after a field or a type has changed."""
    write_file(SCHEMA_FILE, schema_text())


def schema_text() -> str:
    """Return the text of the published schema."""
    return json.dumps(scenario_schema(), ensure_ascii=False, indent=1) + "\n"


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of scenario files."""
    top = _object(TOP, "A railshed scenario: what is changed in a network, in order. TOML or JSON.")
    top["properties"]["modification"]["items"] = {"oneOf": [reference(name) for name in MODIFICATIONS]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "railshed scenario",
        **top,
        "$defs": {
            **{name: _object(fields) for name, fields in PARTS.items()},
            **{name: _modification(kind) for name, kind in MODIFICATIONS.items()},
        },
    }


def _modification(kind: type[Modification[Any]]) -> dict[str, Any]:
    found = _object(kind.fields, kind.meaning)
    found["properties"]["type"] = {**found["properties"]["type"], "description": "", "const": kind.type}
    if kind.is_named:
        found["required"].insert(0, "name")
    return found


def _object(fields: Fields, meaning: str = "") -> dict[str, Any]:
    required = [key for key, one in fields.items() if one.required]
    return {
        **({"description": meaning} if meaning else {}),
        "type": "object",
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": {key: one.json() for key, one in fields.items()},
    }
