"""Plain text as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learninghub.plain_text import paragraphs


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" One\r\nTwo\rThree\n", "One\nTwo\nThree"),
        ("e\u0301te\u0301", "été"),
        ("Bell\u0007 and\ttab", "Bell and\ttab"),
        ("turned \u202eround\u202c \u2066again\u2069", "turned round again"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
    ],
    ids=["line ends", "composed", "controls", "directions", "joiners stay"],
)
def test_is_kept_as_it_is_meant(typed: str, kept: str):
    assert paragraphs(typed) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str):
    assert paragraphs(paragraphs(text)) == paragraphs(text)
