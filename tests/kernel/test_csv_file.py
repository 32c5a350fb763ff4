"""CSV that no spreadsheet runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learninghub.http.csv_file import csv_lines, download, safe_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\x00=1", "'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("\u200b@x", "'\u200b@x"),
        ("Anna", "Anna"),
        ("87.50", "87.50"),
        ("'=1", "'=1"),
        (None, ""),
    ],
)
def test_a_cell_that_might_be_a_formula_is_led_by_an_apostrophe(value, cell):
    assert safe_cell(value) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4), max_size=4))
def test_every_table_is_read_back_cell_by_cell_and_none_begins_a_formula(rows):
    text = b"".join(csv_lines(rows)).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [[safe_cell(value) for value in row] for row in rows]
    assert not any(cell.strip().startswith(("=", "+", "-", "@")) for row in read for cell in row)


def test_a_download_has_a_name_that_cannot_leave_its_header():
    response = download(name='a"\r\nX-Evil: 1/../ü', header=["Name"], rows=[["Zoë; 1"]])
    assert response["Content-Disposition"] == 'attachment; filename="a-X-Evil-1.csv"'
    assert b"".join(response) == "\ufeffName\r\nZoë; 1\r\n".encode()
