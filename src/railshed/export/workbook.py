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
    buffer = io.BytesIO()
    writer = require("xlsxwriter", "an .xlsx file").Workbook(buffer)
    writer.set_properties({"created": _CREATED, "title": tables[0].about.title})
    (first, *rows), fields = _about(tables), []
    _add(writer, _said(tables[0], phrase("sheet_about")), first, rows)
    for table in tables:
        name, frame = _name(table), table.frame.drop(columns="geometry", errors="ignore")
        plain = frame.round(dict.fromkeys(minute_columns(frame), 2)).astype(object).where(frame.notna(), None)
        texts = [_text(table, column) for column in frame.columns]
        _add(
            writer, name, [f"{text} [{unit}]" if unit else text for text, unit in texts], plain.itertuples(index=False)
        )
        fields += [(name, column, *text) for column, text in zip(frame.columns, texts, strict=True)]
    head = [_said(tables[0], words) for words in heads("sheet", "column", "meaning", "unit")]
    _add(writer, _said(tables[0], phrase("sheet_fields")), head, fields)
    writer.close()
    path.write_bytes(buffer.getvalue())


def _said(table: Layer, words: Words) -> str:
    return say(words, table.about.lang)[0]


def _name(table: Layer) -> str:
    """Return the name of a table's sheet, its own where it has none in words."""
    zh, _, en = (table.meaning.name if table.meaning else "").partition(" ")
    return _said(table, Words(zh, en)) if zh else table.name


def _text(table: Layer, column: str) -> tuple[str, str]:
    """Return meaning and unit of a column; of an unknown one its name."""
    found, chinese = table.fields.get(column), table.about.lang == "zh"
    if found is None:
        return column, ""
    return _said(table, Words(found.zh, found.en)), _UNITS_ZH.get(found.unit, found.unit) if chinese else found.unit


def _about(tables: Sequence[Layer]) -> Iterator[tuple[str, str]]:
    """Yield what the workbook is, line by line: title, figures, date, definition, hash, sources, sheets."""
    about = tables[0].about
    rows = {
        "sheet_title": [about.heading if about.heading.zh else Words(about.title)], "sheet_figures": [about.figures],
        "sheet_date": [Words(about.date)], "sheet_definition": about.premises,
        "sheet_hash": [Words(about.definition_hash)], "sheet_source": about.sources,
    }  # fmt: skip
    for key, found in rows.items():
        yield from ((_said(tables[0], phrase(key)), _said(tables[0], words)) for words in found if words.zh or words.en)
    yield from ((_name(t), _said(t, Words(t.meaning.zh, t.meaning.en)) if t.meaning else "") for t in tables)


def _add(writer: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add a sheet: a frozen row of heads, numbers as numbers, columns as wide as their widest value, within bounds."""
    sheet, wide = writer.add_worksheet(name[:31]), [_WIDTHS[0]] * len(head)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, head, writer.add_format({"bold": True, "text_wrap": True, "valign": "top"}))
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            plain = value if value is None or isinstance(value, bool | int | float) else str(value)
            sheet.write_string(at, column, plain) if isinstance(plain, str) else sheet.write(at, column, plain)
            wide[column] = max(wide[column], min(_WIDTHS[1], len(str(value).encode("gb18030")) + 1))
    for column, width in enumerate(wide):
        sheet.set_column(column, column, width)
