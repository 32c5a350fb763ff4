"""The demo: loaded once, in one piece, and worth a look."""

from collections.abc import Callable

import pytest
from django.core.management import call_command

from apps.assessments import api as assessments
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.users import api as users
from config.demo import people
from tests.support.http import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(deliver_all: Callable[[], int], capsys: pytest.CaptureFixture[str]) -> str:
    call_command("load_demo")
    deliver_all()
    return capsys.readouterr().out


def test_it_names_who_to_log_in_as_and_they_can(demo: str, client: Client):
    for person in people.LOGINS:
        assert person.email in demo
        answer = client.post("auth/token/", {"email": person.email, "password": people.PASSWORD})
        assert answer.status == 200


def test_the_catalogue_has_its_courses_with_lessons_and_quizzes(demo: str, client: Client):
    results = client.get("courses/").json["results"]
    assert sorted(course["title"] for course in results) == [
        "Deutsch im Alltag",
        "Git without fear",
        "Learning to learn",
        "Statistics by eye",
    ]
    for course in results:
        outline = courses.get_outline(course_id=course["id"])
        assert all(
            client.get(f"content/lessons/{lesson.id}/").status == (200 if lesson.is_preview else 404)
            for lesson in outline.lessons
        )
        assert assessments.find_quizzes(lesson_ids=[lesson.id for lesson in outline.lessons])


def test_its_learners_stand_at_different_points(demo: str):
    amira, jonas, seun = (users.find_by_email(email=person.email) for person in people.OTHERS)
    taught = courses.list_taught(user_id=users.find_by_email(email=people.INSTRUCTOR.email).id)
    found = {
        person.display_name: sorted(
            enrollment.percent
            for course_id in taught
            if (enrollment := enrollments.find_enrollment(user_id=person.id, course_id=course_id))
        )
        for person in (amira, jonas, seun)
    }
    assert {name: len(percents) for name, percents in found.items()} == {
        "Amira Haddad": 1,
        "Jonas Weber": 2,
        "Oluwaseun Adeyemi": 3,
    }
    assert len({percent for percents in found.values() for percent in percents}) >= 3


def test_a_second_time_changes_nothing(demo: str, capsys: pytest.CaptureFixture[str], queries_of: Callable[..., int]):
    assert queries_of(lambda: call_command("load_demo")) == 1
    assert "here already" in capsys.readouterr().out
