"""A new name while a review is written, with a control that fails with the lock taken away."""

from typing import Any

import pytest

from apps.reviews import actions
from apps.reviews.actions import writing
from apps.reviews.models import Review
from apps.users.models import User
from tests.support.courses import make_course
from tests.support.enrollments import NOON
from tests.support.meeting import begin
from tests.support.reviews import make_learner, review

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The review is read, its author takes another name, and then it is written; the name that stands above it."""

    def edit() -> tuple[str, str]:
        course = make_course(lessons=1)
        learner = make_learner(course)
        review_id = review(learner, course, rating=5)
        User.objects.filter(id=learner.id).update(display_name="Ada")
        write, ends = writing.write, []

        def write_after_the_news(*given: Any, **named: Any) -> None:
            ends.append(begin(lambda: actions.rename_author(user_id=learner.id)))
            write(*given, **named)

        monkeypatch.setattr(writing, "write", write_after_the_news)
        actions.edit_review(review_id=review_id, by=learner.id, now=NOON, text="Changed.")
        assert [end() for end in ends] == [None]
        kept = Review.objects.get(id=review_id)
        return kept.text, kept.author_name

    return edit


def test_a_new_name_and_new_words_both_stay(edit: Any) -> None:
    assert edit() == ("Changed.", "Ada")


def test_would_lose_the_name_without_the_lock(edit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "lock_courses", lambda _: None)
    text, name = edit()
    assert text == "Changed."
    assert name != "Ada"
