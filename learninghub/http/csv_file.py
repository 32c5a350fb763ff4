"""Tables as CSV files that a spreadsheet opens without running anything."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from django.http import StreamingHttpResponse

CONTENT_TYPE = "text/csv"
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads the file in the computer's old code page
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
# A spreadsheet takes a cell that begins so for a formula, in full width too, and looks past what it does not show.
_FORMULA = re.compile(r"[\s\x00-\x20\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\x00]")


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula: led by `'` where it might (ASVS 5.0, 1.2.10).

    None is empty; characters that CSV cannot hold are left out.
    """
    text = "" if value is None else str(value)
    marked = f"'{text}" if _FORMULA.match(text) else text
    return marked.replace("\x00", "")


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The rows as RFC 4180 lines in UTF-8, each as soon as it is known."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BYTE_ORDER_MARK)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def download(*, name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The table as a file to keep, streamed row by row."""
    response = StreamingHttpResponse(csv_lines(chain([header], rows)), content_type=f"{CONTENT_TYPE}; charset=utf-8")
    plain = _UNSAFE_NAME.sub("-", name).strip("-.") or "table"
    response["Content-Disposition"] = f'attachment; filename="{plain}.csv"'
    return response
