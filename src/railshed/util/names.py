"""Names from data: without control characters in the model, visible in messages, safe as names of files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from railshed.util.errors import InputError, Issue

#: C0 and C1 controls, bidirectional controls, line and paragraph separators, byte-order marks, halves of surrogates
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_CONTROL, _SHOWN = re.compile(f"[{_CONTROLS}]"), re.compile(rf"(?![\n\t])[{_CONTROLS}]")
#: remedy of a text that holds some
CLEAN = "write it without them"


def clean(text: str) -> str:
    """Return the text without control characters: a space for a tab or line break, nothing for others."""
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda found: " " if found[0].isspace() else "", text).strip()


def loses(text: str) -> bool:
    """Return whether `clean` takes more from the text than white space."""
    return not text.isprintable() and any(not found[0].isspace() for found in _CONTROL.finditer(text))


def loss(raw: str) -> tuple[str, str]:
    """Return the code and message of the warning that a text lost its control characters."""
    return "control-character", f"control characters are left out: {visible(raw)[:80]}"


def lost(raw: str, file: str, row: int | None, field: str) -> Issue:
    """Return the warning that a text lost its control characters."""
    return Issue("warning", *loss(raw), file, row, field, clean(raw)[:80], CLEAN)


def visible(text: str) -> str:
    r"""Return the text with control characters written out (\x1b, \u202e), so that a terminal shows and obeys none."""
    return text if text.isprintable() else _SHOWN.sub(lambda found: ascii(found[0])[1:-1], text)


def visible_json(text: str) -> str:
    """Return JSON with the control characters in its texts written as JSON writes them."""
    return _SHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def clean_tree(value: Any, file: str, issues: list[Issue], field: str = "") -> Any:
    """Return the value of a TOML or JSON file with every text and key in it cleaned; a warning for each that loses.

    Line breaks and tabs stay in texts that are no names.

    Raises
    ------
    InputError
        When the tables stand within each other too deeply.
    """
    try:
        return _cleaned(value, file, issues, field)
    except RecursionError:
        raise InputError(f"{file}: its tables stand within each other too deeply") from None


def _cleaned(value: Any, file: str, issues: list[Issue], field: str) -> Any:
    if isinstance(value, str):
        if loses(value):
            issues.append(lost(value, file, None, field))
        is_name = field.rpartition(".")[2].startswith(("name", "title"))
        return clean(value) if is_name or loses(value) else value
    if isinstance(value, dict):
        return {
            _cleaned(key, file, issues, field): _cleaned(item, file, issues, f"{field}.{clean(str(key))}".strip("."))
            for key, item in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        return [_cleaned(item, file, issues, f"{field}[{k}]") for k, item in enumerate(value, start=1)]
    return value


def clean_frame(frame: Any, file: str, issues: list[Issue]) -> Any:
    """Return a table with its texts and the names of its columns cleaned; a warning for each that loses."""
    names = {name: clean_tree(name, file, issues, "header") for name in frame.columns}
    if len(set(names.values())) < len(names):
        issues.append(Issue("error", "duplicate-column", "two columns have one name", file, remedy="rename one"))
        return frame
    frame = frame if names == dict(zip(names, names, strict=True)) else frame.rename(columns=names)
    for column in frame.columns[[str(kind) in ("object", "str", "string") for kind in frame.dtypes]]:
        bad = frame[column].map(lambda value: isinstance(value, str) and loses(value)).to_numpy(bool)
        if bad.any():
            rows = bad.nonzero()[0].tolist()
            issues += [lost(frame[column].iloc[row], file, row + 1, str(column)) for row in rows[:20]]
            frame = frame.assign(**{column: frame[column].map(clean, na_action="ignore")})
    return frame


#: names of files; nothing that Windows reserves, which counts up to the first dot
FILE_NAME = "a-z, 0-9, then also . _ -, at most 64, none that Windows reserves (con, aux, nul, com1 ...)"
_FILE_NAME = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?")


def is_file_name(text: str) -> bool:
    """Return whether an id is the name of a file as it stands: see `FILE_NAME`; it does not end in a dot."""
    return _FILE_NAME.fullmatch(text) is not None


def file_name(text: str) -> str:
    """Return the text as the name of a file or folder, by itself where it is one, else with a hash of it.

    No two texts have one name, and a folder with this name behind it is a path in that folder.
    """
    if is_file_name(text):
        return text
    plain = "-".join(plain_words(text))[:40].strip("-")
    return f"{plain or 'x'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def plain_words(text: str) -> Sequence[str]:
    """Return the words of a text in small letters and digits of ASCII, without accents."""
    return re.findall("[a-z0-9]+", unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode())


#: beginnings of texts that spreadsheets take for formulas, in their full-width forms too
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠].")


def text_cell(value: Any) -> Any:
    """Return a cell of a table; an apostrophe goes before a text that a spreadsheet would take for a formula."""
    if not isinstance(value, str) or not _FORMULA.match(value):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
