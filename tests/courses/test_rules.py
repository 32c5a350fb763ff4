"""Pure rules of the catalogue, over many inputs."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.courses import rules
from apps.courses.errors import CourseHasNoLessons, CourseHasNoSummary, CourseHasNoTitle
from learninghub.errors import Invalid

ids = st.lists(st.integers(0, 99).map(lambda number: UUID(int=number)), unique=True, max_size=6)


def test_the_fold_gives_one_plain_letter_for_each_accented_one():
    assert len(rules.ACCENTED) == len(rules.PLAIN) == len(set(rules.ACCENTED))
    assert rules.PLAIN.isascii()


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text):
    assert rules.fold(rules.fold(text)) == rules.fold(text)


@given(st.text(max_size=200))
def test_words_hold_no_operators_and_are_not_too_many(text):
    words = rules.words(text)

    assert len(words) <= rules.QUERY_WORDS
    assert all(word.isalnum() or all(char.isalnum() for char in word) for word in words)


@given(st.text(max_size=80))
def test_cleaned_lines_are_one_line_and_stay_as_they_are(text):
    line = rules.clean(text)

    assert rules.clean(line) == line == line.strip()
    assert not any(char in line for char in "\n\r\t\x00")


@given(ids, ids)
def test_a_shuffled_order_is_whole_and_a_shorter_or_longer_one_is_not(modules, lessons):
    order = [(module, lessons if place == 0 else []) for place, module in enumerate(reversed(modules))]
    lessons = lessons if modules else []

    assert rules.is_whole_order(modules=modules, lessons=lessons, order=order)
    assert not rules.is_whole_order(modules=[*modules, UUID(int=100)], lessons=lessons, order=order)
    assert not rules.is_whole_order(modules=modules, lessons=[*lessons, UUID(int=100)], order=order)
    if order:
        assert not rules.is_whole_order(modules=modules, lessons=lessons, order=[*order, order[0]])


def test_what_a_course_lacks_is_named_one_at_a_time():
    lacks = rules.publishing_gap

    assert isinstance(lacks(title="", summary="", has_lessons=False), CourseHasNoTitle)
    assert isinstance(lacks(title="A", summary="", has_lessons=False), CourseHasNoSummary)
    assert isinstance(lacks(title="A", summary="B", has_lessons=False), CourseHasNoLessons)
    assert lacks(title="A", summary="B", has_lessons=True) is None


def test_every_field_at_fault_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        rules.check_fields({"title": "", "price_amount": -1, "currency": "EUR", "capacity": None})

    assert refused.value.extras["errors"].keys() == {"title", "price_amount"}
