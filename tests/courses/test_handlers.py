"""Copies that facts of other apps keep: names and numbers."""

import pytest
from django.db import transaction

from apps.courses import handlers
from apps.courses.models import Course
from apps.enrollments.events import AccessRevoked, LearnerEnrolled
from apps.reviews.events import RatingChanged
from apps.users.events import ProfileChanged
from apps.users.models import User
from learninghub.db import uuid7
from learninghub.outbox import publish
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def enrolled(course, enrollment_id):
    return LearnerEnrolled(enrollment_id=enrollment_id, user_id=uuid7(), course_id=course.id, source="free")


def left(course, enrollment_id):
    return AccessRevoked(enrollment_id=enrollment_id, user_id=uuid7(), course_id=course.id, reason="withdrawn")


def test_learners_are_counted_as_they_come_and_go(client, as_user, deliver_all):
    course, other = make_course(), make_course()
    first, second = make_person(), make_person()
    enrollment = enrol(first, course)
    enrol(second, course)
    assert as_user(first).post(f"enrollments/{enrollment.id}/withdraw/").status == 200

    deliver_all()
    deliver_all()

    assert client.get(f"courses/{course.id}/").json["learners"] == 1
    assert client.get(f"courses/{other.id}/").json["learners"] == 0


def test_the_count_is_the_same_in_any_order():
    course = make_course()
    enrollment_id = uuid7()

    handlers.count_one_less(left(course, enrollment_id))
    handlers.count_one_more(enrolled(course, enrollment_id))

    assert Course.objects.get(id=course.id).learners == 0


def test_a_count_changes_no_version_so_nobody_loses_an_edit(as_user, author, deliver_all):
    course = make_course(author=author)
    tag = as_user(author).get(f"courses/{course.id}/").headers["ETag"]
    enrol(make_person(), course)
    deliver_all()

    answer = as_user(author).patch(f"courses/{course.id}/", {"title": "Mine"}, headers={"If-Match": tag})

    assert (answer.status, answer.json["learners"]) == (200, 1)


def test_a_new_name_of_an_instructor_is_taken_over_everywhere(
    client, author, deliver_all, django_capture_on_commit_callbacks
):
    mine = make_course(author=author)
    other = make_course()
    before = client.get("courses/")
    User.objects.filter(id=author.id).update(display_name="Ada Lovelace")

    with transaction.atomic():
        publish(ProfileChanged(user_id=author.id, display_name="A name long out of date", avatar_id=None))
    with django_capture_on_commit_callbacks(execute=True):
        deliver_all()

    course = client.get(f"courses/{mine.id}/").json
    assert (course["author_name"], course["instructors"]) == (
        "Ada Lovelace",
        [{"id": str(author.id), "name": "Ada Lovelace"}],
    )
    assert client.get(f"courses/{other.id}/").json["author_name"] == other.author_name
    assert client.get("courses/", headers={"If-None-Match": before.headers["ETag"]}).status == 200


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 2, 1)], ids=str)
def test_a_rating_is_the_latest_told_in_any_order(client, order, django_capture_on_commit_callbacks):
    course = make_course()
    before = client.get(f"courses/{course.id}/")
    facts = {
        1: RatingChanged(course_id=course.id, sum=5, count=1, version=1),
        2: RatingChanged(course_id=course.id, sum=8, count=2, version=2),
    }

    with django_capture_on_commit_callbacks(execute=True):
        for version in order:
            handlers.take_over_the_rating(facts[version])

    after = client.get(f"courses/{course.id}/", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status, after.json["rating"], after.json["rating_count"]) == (200, 4.0, 2)
    assert after.json["version"] == before.json["version"]
