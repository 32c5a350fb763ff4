"""A new name while someone edits the author's courses one after another, with a control in another order."""

from typing import Any

import pytest
from django.db import OperationalError, transaction

from apps.courses.actions import copies
from apps.courses.models import Course, CourseInstructor, CourseQuery
from apps.users.models import User
from tests.support.courses import make_course
from tests.support.meeting import begin
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def meet() -> Any:
    """Someone holds the first course, and wants the second one while the name above both changes; what they get."""
    author = make_person(roles={"instructor"})
    first, second = sorted(make_course(author=author).id for _ in range(2))
    User.objects.filter(id=author.id).update(display_name="Ada")
    with transaction.atomic():
        Course.objects.select_for_update().get(id=first)
        end = begin(lambda: copies.refresh_name(user_id=author.id))
        try:
            Course.objects.select_for_update(nowait=True).get(id=second)
        except OperationalError as error:
            taken: Any = error
        else:
            taken = None
    assert end() is None
    return taken


def test_nobody_holds_the_second_course_who_waits_for_the_first() -> None:
    assert meet() is None
    assert set(Course.objects.values_list("author_name", flat=True)) == {"Ada"}
    assert set(CourseInstructor.objects.values_list("name", flat=True)) == {"Ada"}


def test_would_hold_it_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = CourseQuery.order_by
    monkeypatch.setattr(CourseQuery, "order_by", lambda rows, *_: in_order(rows, "-id"))
    assert isinstance(meet(), OperationalError)
