"""How text leaves the market: cells that no spreadsheet takes for a formula, characters that XML allows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

# Excel, LibreOffice and WPS also take the full-width forms, and a tab or line end before them, for the begin of a formula.
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@＝＋－＠|%]")
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe_cell(value: object) -> str:
    """A value as a cell: text that a spreadsheet would run gets an apostrophe before it; plain numbers stay numbers."""
    text = "" if value is None else str(value)
    if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Comma-separated lines with a byte order mark, so that spreadsheets read the Chinese."""
    yield "\ufeff" + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def xml_text(text: str) -> str:
    """Without the characters that XML 1.0 does not allow at all."""
    return _NOT_XML.sub("", text)
