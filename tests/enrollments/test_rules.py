"""The rules of progress, by property."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apps.enrollments.rules import is_complete, percent, resume_point, sort_key
from apps.enrollments.types import LessonMark, ResumePoint

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
counts = st.integers(min_value=0, max_value=2_000)


def mark(number: int, *, done: bool = False, position: int = 0) -> LessonMark:
    return LessonMark(
        lesson_id=UUID(int=number),
        is_required=True,
        needs_quiz=False,
        is_quiz_passed=False,
        position_seconds=position,
        completed_at=NOON if done else None,
    )


class TestPercent:
    @given(done=counts, total=counts)
    def test_stays_within_0_and_100(self, done: int, total: int) -> None:
        assert 0 <= percent(done=done, total=total) <= 100

    @given(done=counts, total=counts)
    def test_is_100_exactly_when_the_course_is_complete(self, done: int, total: int) -> None:
        assert (percent(done=done, total=total) == 100) == is_complete(done=done, required=total)

    @given(done=counts, total=counts)
    def test_never_falls_when_one_more_is_done(self, done: int, total: int) -> None:
        assert percent(done=done, total=total) <= percent(done=done + 1, total=total)

    def test_rounds_down(self) -> None:
        assert [percent(done=done, total=3) for done in range(5)] == [0, 33, 66, 100, 100]

    def test_of_nothing_is_0(self) -> None:
        assert percent(done=0, total=0) == 0


class TestIsComplete:
    def test_asks_for_every_required_lesson(self) -> None:
        assert not is_complete(done=2, required=3)
        assert is_complete(done=3, required=3)

    def test_is_never_so_where_nothing_is_required(self) -> None:
        assert not is_complete(done=0, required=0)


class TestResumePoint:
    def test_is_the_first_lesson_at_the_start(self) -> None:
        marks = [mark(1), mark(2)]
        assert resume_point(marks, last_lesson_id=None) == ResumePoint(lesson_id=UUID(int=1), position_seconds=0)

    def test_is_the_last_lesson_worked_on_and_how_far_into_it(self) -> None:
        marks = [mark(1), mark(2, position=95), mark(3)]
        resumed = resume_point(marks, last_lesson_id=UUID(int=2))
        assert resumed == ResumePoint(lesson_id=UUID(int=2), position_seconds=95)

    def test_is_the_next_unfinished_lesson_after_a_finished_one(self) -> None:
        marks = [mark(1), mark(2, done=True), mark(3, done=True), mark(4)]
        resumed = resume_point(marks, last_lesson_id=UUID(int=2))
        assert resumed == ResumePoint(lesson_id=UUID(int=4), position_seconds=0)

    def test_turns_back_to_what_was_left_out(self) -> None:
        marks = [mark(1), mark(2, done=True)]
        resumed = resume_point(marks, last_lesson_id=UUID(int=2))
        assert resumed == ResumePoint(lesson_id=UUID(int=1), position_seconds=0)

    def test_starts_over_when_the_last_lesson_was_taken_out(self) -> None:
        resumed = resume_point([mark(1), mark(2)], last_lesson_id=UUID(int=9))
        assert resumed == ResumePoint(lesson_id=UUID(int=1), position_seconds=0)

    def test_is_none_when_nothing_is_left(self) -> None:
        assert resume_point([mark(1, done=True)], last_lesson_id=UUID(int=1)) is None
        assert resume_point([], last_lesson_id=None) is None

    @given(done=st.lists(st.booleans(), max_size=12), last=st.integers(min_value=0, max_value=13))
    def test_is_always_an_unfinished_lesson_while_there_is_one(self, done: list[bool], last: int) -> None:
        marks = [mark(number, done=is_done) for number, is_done in enumerate(done, start=1)]
        resumed = resume_point(marks, last_lesson_id=UUID(int=last))
        unfinished = {each.lesson_id for each in marks if each.completed_at is None}
        assert (resumed.lesson_id in unfinished) if resumed else not unfinished


class TestSortKey:
    def test_sets_case_accents_and_spaces_aside(self) -> None:
        assert sort_key("  Émile   ÅNGSTRÖM ") == "emile angstrom"

    def test_keeps_other_scripts(self) -> None:
        assert sort_key("Ωμέγα 山田") == "ωμεγα 山田"

    @given(st.text(max_size=60))
    def test_changes_nothing_the_second_time(self, name: str) -> None:
        assert sort_key(sort_key(name)) == sort_key(name)
