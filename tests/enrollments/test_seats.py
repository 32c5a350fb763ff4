"""Seats held for those who pay, and courses taken back."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from apps.courses import api as courses
from apps.courses.errors import CourseNotFound
from apps.courses.types import CourseCard
from apps.enrollments import actions
from apps.enrollments import api as enrollments
from apps.enrollments.actions import seats
from apps.enrollments.errors import AlreadyEnrolled, CourseNotOpen, SeatsExhausted
from apps.enrollments.events import AccessRevoked
from apps.enrollments.models import SeatHold, TrackedCourse
from apps.enrollments.types import EnrollmentState, Source, TakenBack
from apps.users.types import Person
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import NOON, complete_course, complete_lesson, disagreements, enrol
from tests.support.facts import published
from tests.support.load import gathered
from tests.support.people import make_person

LATER = NOON + timedelta(minutes=30)


def hold(person: Person, course: CourseCard) -> None:
    enrollments.hold_seat(user_id=person.id, course_id=course.id, until=LATER, now=NOON)


def buy(person: Person, course: CourseCard) -> Any:
    return enrol(person, course, source=Source.PURCHASE)


def counts(course: CourseCard) -> tuple[int, int]:
    tracked = TrackedCourse.objects.get(pk=course.id)
    return tracked.taken, tracked.held


@pytest.mark.django_db
class TestAHeldSeat:
    def test_counts_as_taken_for_everyone_else(self) -> None:
        course = make_course(capacity=1, price_amount=900)
        hold(make_person(), course)
        with pytest.raises(SeatsExhausted):
            buy(make_person(), course)
        assert counts(course) == (0, 1)

    def test_is_one_however_often_it_is_held(self) -> None:
        course, buyer = make_course(capacity=2, price_amount=900), make_person()
        hold(buyer, course)
        hold(buyer, course)
        assert counts(course) == (0, 1)

    def test_becomes_the_buyers(self) -> None:
        course, buyer = make_course(capacity=1, price_amount=900), make_person()
        hold(buyer, course)
        buy(buyer, course)
        assert counts(course) == (1, 0)
        assert not SeatHold.objects.exists()
        assert disagreements() == []

    def test_becomes_the_buyers_who_left_before(self) -> None:
        course, buyer = make_course(capacity=1, price_amount=900), make_person()
        actions.withdraw(enrollment_id=buy(buyer, course).id, by=buyer.id)
        hold(buyer, course)
        buy(buyer, course)
        assert counts(course) == (1, 0)
        assert disagreements() == []

    def test_is_let_go_by_word_and_only_once(self) -> None:
        course, buyer = make_course(capacity=1, price_amount=900), make_person()
        hold(buyer, course)
        for _ in range(2):
            enrollments.release_seat(user_id=buyer.id, course_id=course.id)
        assert counts(course) == (0, 0)

    def test_is_let_go_when_its_time_is_over_and_not_before(self) -> None:
        course = make_course(capacity=1, price_amount=900)
        hold(make_person(), course)
        actions.release_lapsed(now=LATER - timedelta(seconds=1))
        assert counts(course) == (0, 1)
        actions.release_lapsed(now=LATER)
        assert counts(course) == (0, 0)
        assert disagreements() == []

    def test_is_refused_where_none_is_left_and_nothing_stays(self) -> None:
        course = make_course(capacity=1, price_amount=900)
        buy(make_person(), course)
        with pytest.raises(SeatsExhausted):
            hold(make_person(), course)
        assert counts(course) == (1, 0)
        assert not SeatHold.objects.exists()

    def test_is_refused_to_who_is_in_and_where_nobody_may_come(self) -> None:
        course, buyer = make_course(price_amount=900), make_person()
        buy(buyer, course)
        with pytest.raises(AlreadyEnrolled):
            hold(buyer, course)
        with pytest.raises(CourseNotFound):
            hold(buyer, make_course(published=False))
        archived = make_course()
        courses.archive_course(course_id=archived.id, by=archived.author_id, now=NOON)
        with pytest.raises(CourseNotOpen):
            hold(buyer, archived)
        assert not SeatHold.objects.exists()


@pytest.mark.django_db
class TestTakingBack:
    @pytest.mark.parametrize("reason", TakenBack)
    def test_ends_access_frees_the_seat_and_is_told_once(self, reason: TakenBack) -> None:
        course, buyer = make_course(capacity=1, lessons=2), make_person()
        bought = buy(buyer, course)
        complete_lesson(bought, lesson_ids(course.id)[0])
        for _ in range(2):
            enrollments.take_back(user_id=buyer.id, course_id=course.id, reason=reason)
        assert not enrollments.has_access(user_id=buyer.id, course_id=course.id)
        assert counts(course) == (0, 0)
        assert [(fact.user_id, fact.reason) for fact in published(AccessRevoked)] == [(buyer.id, reason.value)]
        assert disagreements() == []

    def test_takes_a_completed_course_too_and_it_stays_completed(self) -> None:
        course, buyer = make_course(lessons=1), make_person()
        complete_course(buy(buyer, course))
        enrollments.take_back(user_id=buyer.id, course_id=course.id, reason=TakenBack.REFUND)
        found = enrollments.find_enrollment(user_id=buyer.id, course_id=course.id)
        assert found
        assert (found.state, found.completed_at) == (EnrollmentState.REVOKED, NOON)
        assert disagreements() == []
        buy(buyer, course)
        assert enrollments.get_enrollment(enrollment_id=found.id).state == EnrollmentState.COMPLETED
        assert disagreements() == []

    def test_leaves_what_was_not_bought(self) -> None:
        course, learner = make_course(), make_person()
        enrol(learner, course, source=Source.GRANT)
        enrollments.take_back(user_id=learner.id, course_id=course.id, reason=TakenBack.REFUND)
        enrollments.take_back(user_id=make_person().id, course_id=course.id, reason=TakenBack.REFUND)
        assert enrollments.has_access(user_id=learner.id, course_id=course.id)
        assert published(AccessRevoked) == []

    def test_bars_the_way_back_to_who_had_left(self) -> None:
        course, buyer = make_course(price_amount=900), make_person()
        actions.withdraw(enrollment_id=buy(buyer, course).id, by=buyer.id)
        enrollments.take_back(user_id=buyer.id, course_id=course.id, reason=TakenBack.REFUND)
        found = enrollments.find_enrollment(user_id=buyer.id, course_id=course.id)
        assert found
        assert found.state == EnrollmentState.REVOKED
        assert [fact.reason for fact in published(AccessRevoked)] == ["withdrawn"]


@pytest.mark.django_db(transaction=True)
class TestTheLastSeat:
    SEAT = "tracked.taken + tracked.held < %(capacity)s::integer"
    SEAT_AS_SEEN = (
        "(select taken + held from enrollments_trackedcourse where course_id = held.course_id) < %(capacity)s::integer"
    )

    def hold_it(self, race: Any, monkeypatch: pytest.MonkeyPatch, statement: str) -> Counter[Any]:
        course, people = make_course(capacity=1, price_amount=900), [make_person() for _ in range(20)]
        actions.follow_outline(course_id=course.id)
        with gathered(20) as all_of_them:
            meeting = statement.replace(
                "from enrollments_trackedcourse\n", f"from {all_of_them}, enrollments_trackedcourse\n", 1
            )
            assert meeting != statement
            monkeypatch.setattr(seats, "_HOLD", meeting)
            results = race(lambda number: hold(people[number], course), 20)
        return Counter(type(result).__name__ for result in results)

    def test_is_held_for_one(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        results = self.hold_it(race, monkeypatch, seats._HOLD)
        assert results == {"NoneType": 1, "SeatsExhausted": 19}
        assert disagreements() == []

    def test_would_be_held_for_several_if_it_were_looked_up_first(
        self, race: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert self.SEAT in seats._HOLD
        results = self.hold_it(race, monkeypatch, seats._HOLD.replace(self.SEAT, self.SEAT_AS_SEEN))
        assert results["NoneType"] > 1
