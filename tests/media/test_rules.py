"""Pure rules of files, over many inputs."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.media import rules
from apps.media.errors import RangeNotSatisfiable

KEY = b"k" * 32
numbers = st.one_of(st.just(""), st.integers(0, 10**19).map(str), st.text("0123456789-, ", max_size=4))


@given(numbers, numbers, st.integers(1, 10**12))
def test_a_range_lies_within_the_file_or_is_refused(first, last, size):
    with suppress(RangeNotSatisfiable):
        part = rules.byte_range(f"bytes={first}-{last}", size)
        assert part is None or 0 <= part[0] <= part[1] < size


@given(st.text(max_size=60), st.integers(1, 1000))
def test_nonsense_asks_for_the_whole(header, size):
    if not header.startswith("bytes="):
        assert rules.byte_range(header, size) is None


@given(st.text(max_size=300))
def test_a_cleaned_name_is_short_plain_and_stays_as_it_is(name):
    clean = rules.clean_filename(name)

    assert 0 < len(clean) <= 120
    assert not set(clean) & set('/\\\r\n\x00"')
    assert rules.clean_filename(clean) == clean


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_a_signature_is_of_its_words_alone(words, others):
    signature = rules.sign(key=KEY, words=tuple(words))

    assert rules.is_signed(key=KEY, words=tuple(words), signature=signature)
    assert rules.is_signed(key=KEY, words=tuple(others), signature=signature) == (words == others)
    assert not rules.is_signed(key=b"other", words=tuple(words), signature=signature)


@given(st.integers(0, 10**9))
def test_an_address_holds_for_a_quarter_of_an_hour_at_least(seconds):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    assert 15 * 60 < rules.expiry(at) - at.timestamp() <= 20 * 60
