"""Any order of steps by three learners and staff, against a model of a few lines: ratings equal a recount."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from apps.reviews import actions, queries
from apps.reviews.errors import AlreadyReported, AlreadyReviewed, OwnReview, ReviewNotFound
from apps.reviews.types import Reason
from tests.support.courses import make_course
from tests.support.enrollments import NOON, teacher_of
from tests.support.machines import RolledBackMachine
from tests.support.people import make_person
from tests.support.reviews import disagreements, make_learner, report, review
from tests.support.search import few

WHO = st.integers(min_value=0, max_value=3)
STARS = st.integers(min_value=1, max_value=5)


@dataclass
class Said:
    """What the model knows of one learner's review."""

    id: UUID
    rating: int
    is_withdrawn: bool = False
    is_hidden: bool = False
    reporters: frozenset[int] = frozenset()
    open_reports: int = 0

    @property
    def is_shown(self) -> bool:
        return not (self.is_withdrawn or self.is_hidden)


class Reviewing(RolledBackMachine):
    def __init__(self) -> None:
        super().__init__()
        self.course = make_course(lessons=1)
        self.people = [make_learner(self.course) for _ in range(4)]
        self.staff = make_person(roles={"staff"})
        self.said: dict[int, Said] = {}

    @rule(who=WHO, rating=STARS)
    def post(self, who: int, rating: int) -> None:
        known = self.said.get(who)
        if known and not known.is_withdrawn:
            with pytest.raises(AlreadyReviewed):
                review(self.people[who], self.course, rating=rating)
            return
        made = review(self.people[who], self.course, rating=rating)
        if known:
            assert made == known.id
            known.rating, known.is_withdrawn = rating, False
        else:
            self.said[who] = Said(made, rating)

    @precondition(lambda self: self.said)
    @rule(data=st.data(), rating=STARS)
    def edit(self, data: st.DataObject, rating: int) -> None:
        who, said = self.one_of(data)
        actions.edit_review(review_id=said.id, by=self.people[who].id, now=NOON, rating=rating)
        said.rating, said.is_withdrawn = rating, False

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        _, said = self.one_of(data)
        actions.withdraw_review(review_id=said.id, now=NOON)
        said.is_withdrawn = True

    @precondition(lambda self: self.said)
    @rule(data=st.data(), reporter=WHO)
    def report(self, data: st.DataObject, reporter: int) -> None:
        who, said = self.one_of(data)
        refusal: Any = None
        if not said.is_shown:
            refusal = ReviewNotFound
        elif who == reporter:
            refusal = OwnReview
        elif reporter in said.reporters:
            refusal = AlreadyReported
        if refusal:
            with pytest.raises(refusal):
                report(said.id, self.people[reporter])
            return
        report(said.id, self.people[reporter])
        said.reporters |= {reporter}
        said.open_reports += 1
        said.is_hidden = said.open_reports >= 3

    @precondition(lambda self: self.said)
    @rule(data=st.data(), reason=st.sampled_from([Reason.SPAM, Reason.ABUSE]))
    def hide(self, data: st.DataObject, reason: Reason) -> None:
        _, said = self.one_of(data)
        actions.hide_review(review_id=said.id, reason=reason, note="So.", by=self.staff.id, now=NOON)
        said.is_hidden, said.open_reports = True, 0

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        _, said = self.one_of(data)
        actions.restore_review(review_id=said.id, note="Not so.", by=self.staff.id, now=NOON)
        said.is_hidden, said.open_reports = False, 0

    @precondition(lambda self: any(said.is_shown for said in self.said.values()))
    @rule(data=st.data(), text=st.sampled_from(["Thanks.", "Thank you."]))
    def reply(self, data: st.DataObject, text: str) -> None:
        shown = [said for said in self.said.values() if said.is_shown]
        said = data.draw(st.sampled_from(shown))
        actions.reply(review_id=said.id, text=text, by=teacher_of(self.course).id, now=NOON)

    @invariant()
    def ratings_are_those_of_what_is_shown(self) -> None:
        shown = [said.rating for said in self.said.values() if said.is_shown]
        histogram = tuple(shown.count(stars) for stars in range(1, 6))
        summary = queries.get_summary(course_id=self.course.id)
        assert (summary.count, summary.sum, summary.histogram) == (len(shown), sum(shown), histogram)
        assert disagreements() == []

    def one_of(self, data: st.DataObject) -> tuple[int, Said]:
        return data.draw(st.sampled_from(sorted(self.said.items(), key=lambda item: item[0])))


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_ratings_equal_a_recount_whatever_happens():
    run_state_machine_as_test(Reviewing, settings=few(10, steps=20))
