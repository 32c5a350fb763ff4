"""Learning while the course changes, against a model of forty lines: any order of steps, told of late or at once."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.courses import api as courses
from apps.enrollments import actions
from apps.enrollments import api as enrollments
from apps.enrollments.errors import AlreadyCompleted, EnrollmentEnded, LessonNotInCourse
from apps.enrollments.events import CourseCompleted
from apps.enrollments.types import EnrollmentState, Source
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.enrollments import NOON, complete_lesson, disagreements
from tests.support.facts import published
from tests.support.machines import RolledBackMachine
from tests.support.people import make_person
from tests.support.search import few

LEARNERS = st.integers(min_value=0, max_value=1)
PICKS = st.integers(min_value=0, max_value=5)


@dataclass
class Learner:
    """What the model knows: what they did, what was asked of them when they were last counted."""

    state: EnrollmentState | None = None
    done: set[UUID] = field(default_factory=set)
    asked: frozenset[UUID] = frozenset()

    def count(self, asked: frozenset[UUID]) -> None:
        if self.state == EnrollmentState.ACTIVE:
            self.asked = asked
            if asked and asked <= self.done:
                self.state = EnrollmentState.COMPLETED

    @property
    def figures(self) -> tuple[int, int, int]:
        is_completed = self.state == EnrollmentState.COMPLETED
        done = len(self.asked) if is_completed else len(self.asked & self.done)
        return (100 * done // len(self.asked) if self.asked else 0), done, len(self.asked)


class Learning(RolledBackMachine):
    def __init__(self) -> None:
        super().__init__()
        self.course = make_course(lessons=1)
        self.people = [make_person() for _ in range(2)]
        self.learners = [Learner() for _ in range(2)]
        self.live = dict.fromkeys(lesson_ids(self.course.id), True)
        self.known: dict[UUID, bool] = {}
        self.gone: list[UUID] = []

    @property
    def required(self) -> frozenset[UUID]:
        return frozenset(lesson for lesson, is_required in self.known.items() if is_required)

    @initialize()
    def come(self) -> None:
        self.enrol(0)

    @rule(number=LEARNERS)
    def enrol(self, number: int) -> None:
        learner = self.learners[number]
        enrollments.enrol(user_id=self.people[number].id, course_id=self.course.id, source=Source.FREE, now=NOON)
        self.known = self.known or dict(self.live)
        if learner.state in {None, EnrollmentState.WITHDRAWN}:
            learner.state = EnrollmentState.ACTIVE
            learner.count(self.required)

    @precondition(lambda self: self.known)
    @rule(picks=st.lists(st.tuples(LEARNERS, PICKS), min_size=1, max_size=3))
    def complete(self, picks: list[tuple[int, int]]) -> None:
        for number, pick in picks:
            lessons = [*self.live, *self.gone]
            self.complete_one(number, lessons[pick % len(lessons)])

    def complete_one(self, number: int, lesson: UUID) -> None:
        learner = self.learners[number]
        if learner.state is None:
            return
        if learner.state == EnrollmentState.WITHDRAWN:
            with pytest.raises(EnrollmentEnded):
                complete_lesson(self.enrollment(number), lesson)
        elif lesson not in self.known and lesson not in self.live:
            with pytest.raises(LessonNotInCourse):
                complete_lesson(self.enrollment(number), lesson)
        elif lesson in self.live or learner.asked == self.required:
            self.known = self.known if lesson in self.known else dict(self.live)
            complete_lesson(self.enrollment(number), lesson)
            learner.count(self.required)
            learner.done.add(lesson)
            learner.count(self.required)

    @precondition(lambda self: self.known)
    @rule(number=LEARNERS)
    def withdraw(self, number: int) -> None:
        learner = self.learners[number]
        if learner.state is None:
            return
        asked = {"enrollment_id": self.enrollment(number).id, "by": self.people[number].id}
        if learner.state == EnrollmentState.COMPLETED:
            with pytest.raises(AlreadyCompleted):
                actions.withdraw(**asked)
        else:
            actions.withdraw(**asked)
            learner.state = EnrollmentState.WITHDRAWN

    @rule(is_required=st.booleans())
    def add_lesson(self, is_required: bool) -> None:
        lesson = courses.add_lesson(
            module_id=module_ids(self.course.id)[0],
            title="Later",
            is_required=is_required,
            by=self.course.author_id,
            now=NOON,
        )
        self.live[lesson] = is_required

    @precondition(lambda self: len(self.live) > 1)
    @rule(pick=PICKS)
    def remove_lesson(self, pick: int) -> None:
        lesson = list(self.live)[pick % len(self.live)]
        courses.remove_lesson(lesson_id=lesson, by=self.course.author_id, now=NOON)
        del self.live[lesson]
        self.gone.append(lesson)

    @rule(pick=PICKS)
    def require_otherwise(self, pick: int) -> None:
        lesson = list(self.live)[pick % len(self.live)]
        self.live[lesson] = not self.live[lesson]
        courses.edit_lesson(lesson_id=lesson, is_required=self.live[lesson], by=self.course.author_id, now=NOON)

    @rule()
    def hear_of_the_outline(self) -> None:
        actions.follow_outline(course_id=self.course.id)
        self.known = dict(self.live)

    @precondition(lambda self: self.known)
    @rule()
    def count_again(self) -> None:
        assert not actions.recount_batch(course_id=self.course.id, now=NOON)
        for learner in self.learners:
            learner.count(self.required)
        assert disagreements() == []

    @invariant()
    def all_is_as_the_model_has_it(self) -> None:
        for number, learner in enumerate(self.learners):
            found = enrollments.find_enrollment(user_id=self.people[number].id, course_id=self.course.id)
            if learner.state is None:
                assert found is None
                continue
            assert found
            assert found.state == learner.state
            if learner.state != EnrollmentState.WITHDRAWN:
                assert (found.percent, found.completed_lessons, found.required_lessons) == learner.figures

    @invariant()
    def every_completion_is_told_once(self) -> None:
        completed = {
            self.people[number].id
            for number, learner in enumerate(self.learners)
            if learner.state == EnrollmentState.COMPLETED
        }
        told = [fact.user_id for fact in published(CourseCompleted)]
        assert sorted(told) == sorted(completed)

    def enrollment(self, number: int) -> enrollments.Enrollment:
        found = enrollments.find_enrollment(user_id=self.people[number].id, course_id=self.course.id)
        assert found
        return found


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_learning_goes_as_the_model_says() -> None:
    run_state_machine_as_test(Learning, settings=few(25, steps=25))
