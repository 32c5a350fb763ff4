"""What rich text may hold, and what is taken out of it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learninghub import rich_text

FILE = UUID("0190b5d2-7a2b-7c3d-8e4f-1234567890ab")
PICTURE = f'<img src="media:{FILE}" alt="A cell">'
pieces = st.sampled_from(
    [
        "<p>", "</p>", "<b", ">", "<script>", "</script>", "<svg>", "<math><mtext>", "<!--", "-->", "&lt;",
        "&amp;lt;", PICTURE, '<a href="javascript:x">', '<a href="https://example.org/?a=1&b=2">', "</a>",
        "<style>", "<noscript>", "x < y", '"', "\x00",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p onclick=x()>Two <b>plus</b> two?</p>", "<p>Two <b>plus</b> two?</p>"),
        ("a<script>alert(1)</script>b", "ab"),
        ('<img src="https://elsewhere.example/x.png" onerror=alert(1)>', "<img>"),
        ('<iframe src="https://elsewhere.example"></iframe>', ""),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        (PICTURE, PICTURE),
        ('<img src="media:../../etc/passwd">', "<img>"),
        ('<p style="position:fixed">x</p>', "<p>x</p>"),
    ],
)
def test_only_what_is_allowed_stays(sent, kept):
    assert rich_text.sanitise(sent) == kept


@given(st.lists(pieces, max_size=12).map("".join))
def test_sanitising_twice_changes_nothing(html):
    once = rich_text.sanitise(html)
    assert rich_text.sanitise(once) == once
    assert "<script" not in once
    assert "javascript:" not in once


def test_files_are_known_once_in_order_and_get_their_addresses():
    html = rich_text.sanitise(PICTURE + PICTURE)
    assert rich_text.file_ids(html) == (FILE,)
    address = "/api/v1/media/x/file/?expires=1&signature=2"
    shown = rich_text.with_addresses(PICTURE, {FILE: address})
    assert shown == '<img src="/api/v1/media/x/file/?expires=1&amp;signature=2" alt="A cell">'
    assert rich_text.with_addresses(PICTURE, {}) == '<img alt="A cell">'
