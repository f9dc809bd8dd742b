"""Tables as one workbook for Excel: what it is, a sheet a table, and what the fields mean."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railshed.util.bilingual import Words, say
from railshed.util.csv_json import minute_columns
from railshed.util.optional_packages import require
from railshed.util.phrases import heads, phrase

if TYPE_CHECKING:
    from railshed.export.layer import Layer

#: characters: columns are at least and at most so wide
_WIDTHS = (12, 48)
#: characters that Excel allows in the name of a sheet
_LONGEST_NAME = 31
_UNITS_ZH = {"people": "人", "min": "分钟", "count": "个", "degree": "度", "share 0-1": "比例"}
#: in the file, so that two runs give the same bytes
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no zones


def write_workbook(path: Path, tables: Sequence[Layer]) -> None:
    """Write tables with the meanings of fields as heads, in the language of their files; geometries
    are left out.

    Raises InputError when XlsxWriter is not installed.
    """
    buffer = io.BytesIO()
    fields = []
    writer = require("xlsxwriter", "an .xlsx file").Workbook(buffer)
    writer.set_properties({"created": _CREATED, "title": tables[0].about.title})
    first, *rows = [[_said(tables[0], words) for words in row] for row in _about(tables)]
    _add(writer, _said(tables[0], phrase("sheet_about")), first, rows)
    for table in tables:
        frame = table.frame.drop(columns="geometry", errors="ignore")
        plain = (
            frame.round(dict.fromkeys(minute_columns(frame), 2))
            .astype(object)
            .where(frame.notna(), None)
        )
        texts = [_field(table, column) for column in frame.columns]
        name = _said(table, _name(table))
        head = [f"{text} [{unit}]" if unit else text for text, unit in texts]
        name = (
            table.name if writer.get_worksheet_by_name(name[:_LONGEST_NAME]) else name
        )  # two layers of one meaning
        _add(writer, name, head, plain.itertuples(index=False))
        fields += [(name, column, *text) for column, text in zip(frame.columns, texts, strict=True)]
    head = [_said(tables[0], words) for words in heads("sheet", "column", "meaning", "unit")]
    _add(writer, _said(tables[0], phrase("sheet_fields")), head, fields)
    writer.close()
    path.write_bytes(buffer.getvalue())


def _said(table: Layer, words: Words) -> str:
    return "".join(say(words, table.about.lang)[:1])


def _name(table: Layer) -> Words:
    zh, _, en = (table.meaning.name if table.meaning else table.name).partition(" ")
    return Words(zh, en)


def _field(table: Layer, column: str) -> tuple[str, str]:
    """Return meaning and unit of a column; of an unknown one its name."""
    found = table.fields.get(column)
    if found is None:
        return column, ""
    return _said(table, Words(found.zh, found.en)), _said(
        table, Words(_UNITS_ZH.get(found.unit, ""), found.unit)
    )


def _about(tables: Sequence[Layer]) -> Iterator[tuple[Words, Words]]:
    """Yield what the workbook is, line by line: title, figures, date, definition, hash, sources,
    sheets.
    """
    about = tables[0].about
    yield phrase("sheet_title"), about.heading if about.heading.zh else Words(about.title)
    lines = {
        "sheet_figures": [about.figures],
        "sheet_date": [Words(about.date)],
        "sheet_definition": about.premises,
        "sheet_hash": [Words(about.definition_hash)],
        "sheet_source": about.sources,
    }
    yield from (
        (phrase(key), words)
        for key, found in lines.items()
        for words in found
        if words.zh or words.en
    )
    yield from (
        (_name(table), Words(table.meaning.zh, table.meaning.en))
        for table in tables
        if table.meaning
    )


def _add(writer: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add a sheet: a frozen row of heads, numbers as numbers, columns as wide as their widest
    value, within bounds.
    """
    sheet = writer.add_worksheet(name[:_LONGEST_NAME])
    wide = [_WIDTHS[0]] * len(head)
    sheet.freeze_panes(1, 0)
    bold = writer.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for column, text in enumerate(head):
        sheet.write_string(0, column, text, bold)
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            write = (
                sheet.write
                if value is None or isinstance(value, bool | int | float)
                else sheet.write_string
            )
            write(at, column, value if write == sheet.write else str(value))
            wide[column] = max(wide[column], min(_WIDTHS[1], len(str(value).encode("gb18030")) + 1))
    for column, width in enumerate(wide):
        sheet.set_column(column, column, width)
