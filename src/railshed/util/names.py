"""Names from data: without control characters in the model, visible in messages, safe as names of
files.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

from railshed.util.errors import InputError, Issue

#: C0 and C1 controls, bidirectional controls, line and paragraph separators, byte-order marks,
#: halves of surrogates
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_SHOWN = re.compile(rf"(?![\n\t])[{_CONTROLS}]")


def clean(text: str) -> str:
    """Return the text without control characters: a space for a tab or line break, nothing for
    others.
    """
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda found: " " if found[0].isspace() else "", text).strip()


def loses(text: str) -> bool:
    """Return whether `clean` takes more from the text than white space."""
    return not text.isprintable() and any(
        not found[0].isspace() for found in _CONTROL.finditer(text)
    )


def lost(raw: str, file: str = "", row: int | None = None, field: str = "") -> Issue:
    """Return the warning that a text lost its control characters."""
    message = f"control characters are left out: {visible(raw)[:80]}"
    remedy = "write it without them"
    return Issue(
        severity="warning",
        code="control-character",
        message=message,
        file=file,
        row=row,
        field=field,
        value=clean(raw)[:80],
        remedy=remedy,
    )


def visible(text: str) -> str:
    r"""Return the text with control characters written out (\x1b, \u202e), so that a terminal shows
    and obeys none.
    """
    return text if text.isprintable() else _SHOWN.sub(lambda found: ascii(found[0])[1:-1], text)


def visible_json(text: str) -> str:
    """Return JSON with the control characters in its texts written as JSON writes them."""
    return _SHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def clean_tree(value: Any, file: str, issues: list[Issue], field: str = "") -> Any:
    """Return the value of a TOML or JSON file with all its texts and keys cleaned; a warning for
    each that loses.

    Line breaks and tabs stay in texts that are no names. Raises InputError for lists too deep
    within each other.
    """
    try:
        if isinstance(value, str):
            if loses(value):
                issues.append(lost(value, file, None, field))
            is_name = field.rpartition(".")[2].startswith(("name", "title"))
            return clean(value) if is_name or loses(value) else value
        if isinstance(value, dict):
            keys = {key: clean_tree(key, file, issues, field) for key in value}
            return {
                k: clean_tree(value[key], file, issues, f"{field}.{k}".strip("."))
                for key, k in keys.items()
            }
        if isinstance(value, list):
            return [
                clean_tree(item, file, issues, f"{field}[{k}]")
                for k, item in enumerate(value, start=1)
            ]
    except RecursionError:
        raise InputError(f"{file}: its tables stand within each other too deeply") from None
    return value


def refuse_controls(value: Any, file: str) -> Any:
    """Return the value of a file; raises InputError with each text in it that holds control
    characters.
    """
    issues: list[Issue] = []
    clean_tree(value, file, issues)
    if issues:
        raise InputError(
            f"{file}: control characters in {', '.join(dict.fromkeys(i.field for i in issues))}",
            issues,
        )
    return value


def clean_frame(frame: Any, file: str, issues: list[Issue]) -> Any:
    """Return a table with its texts and the names of its columns cleaned; a warning for each that
    loses.
    """
    frame = frame.rename(
        columns={name: clean_tree(name, file, issues, "header") for name in frame.columns}
    )
    if not frame.columns.is_unique:
        issues.append(
            Issue(
                "error", "duplicate-column", "two columns have one name", file, remedy="rename one"
            )
        )
        return frame
    for column in frame.columns[
        [str(kind) in ("object", "str", "string") for kind in frame.dtypes]
    ]:
        bad = [
            k
            for k, text in enumerate(frame[column].tolist())
            if isinstance(text, str) and loses(text)
        ]
        issues += [lost(frame[column].iloc[k], file, k + 1, str(column)) for k in bad[:20]]
        frame = (
            frame.assign(**{column: frame[column].map(clean, na_action="ignore")}) if bad else frame
        )
    return frame


#: ids that name files: nothing that Windows reserves, which counts up to the first dot
FILE_NAME = (
    "a-z, 0-9, then also . _ -, at most 64, none that Windows reserves (con, aux, nul, com1 ...)"
)
_FILE_NAME = re.compile(
    r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?"
)


def is_file_name(text: str) -> bool:
    """Return whether an id is the name of a file as it stands: see `FILE_NAME`; it does not end in
    a dot.
    """
    return _FILE_NAME.fullmatch(text) is not None


def file_name(text: str) -> str:
    """Return the text as the name of a file, with a hash of it where it is none.

    A folder with this name behind it is a path in that folder.
    """
    if is_file_name(text):
        return text
    ascii_ = unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode()
    plain = re.sub("[^a-z0-9]+", "-", ascii_).strip("-")[:40].strip("-")
    return (
        f"{plain or 'x'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    )


#: beginnings of texts that spreadsheets take for formulas, full-width forms among them; a text that
#: is a number is none
_FORMULA = re.compile(
    r"(?![+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$)[=+\-@\t\r＝＋－＠].", re.IGNORECASE | re.DOTALL
)


def text_cell(value: Any) -> Any:
    """Return a cell of a table; an apostrophe goes before a text that a spreadsheet would take for
    a formula.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
