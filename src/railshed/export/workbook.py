"""Tables as one workbook for Excel: what it is, a sheet a table, and what the fields mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.util.bilingual import Language, Words, say
from railshed.util.csv_json import minute_columns
from railshed.util.optional_packages import require
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.export.layer import Layer

#: what needs the extra
WRITING = "--format xlsx"
#: characters: columns are at least and at most so wide
_WIDTHS = (12, 48)
_UNITS_ZH = {"people": "人", "min": "分钟", "count": "个", "degree": "度", "share 0-1": "比例"}
#: in the file, so that two runs give the same bytes
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no zones


def write_workbook(path: Path, tables: Sequence[Layer]) -> None:
    """Write tables with the meanings of fields as heads, in the language of their files; geometries are left out.

    Raises
    ------
    InputError
        When XlsxWriter is not installed.
    """
    lang = tables[0].about.lang
    writer = require("xlsxwriter", WRITING).Workbook(str(path))
    writer.set_properties({"created": _CREATED, "title": tables[0].about.title, "comments": "railshed"})
    names, fields = [_own(table, lang) for table in tables], []
    title, *rows = _about(tables, names)
    _add(writer, _said(phrase("sheet_about"), lang), title, rows)
    for name, table in zip(names, tables, strict=True):
        frame = table.frame.drop(columns="geometry", errors="ignore")
        frame = frame.round(dict.fromkeys(minute_columns(frame), 2)).astype(object).where(frame.notna(), None)
        texts = {
            c: (m.zh, _UNITS_ZH.get(m.unit, m.unit)) if lang == "zh" else (m.en, m.unit)
            for c, m in table.fields.items()
        }
        shown = [texts.get(column, (column, "")) for column in frame.columns]
        _add(writer, name, [f"{t} [{unit}]" if unit else t for t, unit in shown], frame.itertuples(index=False))
        fields += [(name, column, *text) for column, text in zip(frame.columns, shown, strict=True)]
    columns = heads("sheet", "column", "meaning", "unit")
    _add(writer, _said(phrase("sheet_fields"), lang), [_said(head, lang) for head in columns], fields)
    writer.close()


def _said(words: Words, lang: Language) -> str:
    return say(words, lang)[0]


def _own(table: Layer, lang: Language) -> str:
    """Return the name of a table's sheet in one language; its own where it has none."""
    zh, _, en = (table.meaning.name if table.meaning else "").partition(" ")
    return (zh if lang == "zh" else en) or table.name


def _about(tables: Sequence[Layer], names: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yield what the workbook is, line by line: title, figures, date, definition, hash, sources, sheets."""
    about, lang = tables[0].about, tables[0].about.lang
    rows = {
        "title": [about.heading], "figures": [about.figures], "date": [Words(about.date)],
        "definition": about.premises, "hash": [Words(about.definition_hash)], "source": about.sources,
    }  # fmt: skip
    for key, found in rows.items():
        yield from (
            (_said(phrase(f"sheet_{key}"), lang), _said(words, lang)) for words in found if words.zh or words.en
        )
    for name, table in zip(names, tables, strict=True):
        meaning = table.meaning
        yield name, "" if meaning is None else meaning.zh if lang == "zh" else meaning.en


def _add(writer: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add a sheet: a frozen row of heads, numbers as numbers, columns as wide as most of their values."""
    sheet = writer.add_worksheet(name[:31])
    bold = writer.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wide = [_WIDTHS[0]] * len(head)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, head, bold)
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, at, column, value)
            wide[column] = max(wide[column], min(_WIDTHS[1], len(str(value).encode("gb18030")) + 1))
    for column, width in enumerate(wide):
        sheet.set_column(column, column, width)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, str(value))
