"""The demo: loaded once, in one piece, and worth a look."""

import re
from collections.abc import Callable

import pytest
from django.apps import apps
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


def names_who_to_log_in_as(demo: str, client: Client) -> None:
    for person in people.LOGINS:
        assert person.email in demo
        answer = client.post("auth/token/", {"email": person.email, "password": people.PASSWORD})
        assert answer.status == 200


def has_courses_with_lessons_and_quizzes(client: Client) -> None:
    results = client.get("courses/").json["results"]
    assert sorted(course["title"] for course in results) == [
        "Deutsch im Alltag",
        "Git without fear",
        "Learning to learn",
        "Statistics by eye",
    ]
    for course in results:
        outline = courses.get_outline(course_id=course["id"])
        statuses = {lesson.id: client.get(f"content/lessons/{lesson.id}/").status for lesson in outline.lessons}
        assert statuses == {lesson.id: 200 if lesson.is_preview else 401 for lesson in outline.lessons}
        assert assessments.find_quizzes(lesson_ids=list(statuses))


def has_covers_and_downloads(client: Client, as_user: Callable[..., Client]) -> None:
    results = client.get("courses/").json["results"]
    assert [course["title"] for course in results if not course["cover_url"]] == []
    learner = as_user(users.find_by_email(email=people.LEARNER.email))
    [course] = [course for course in results if course["title"] == "Learning to learn"]
    lessons = courses.get_outline(course_id=course["id"]).lessons
    offered = [learner.get(f"content/lessons/{lesson.id}/resources/").json["results"] for lesson in lessons]
    assert [resource["title"] for resources in offered for resource in resources] == ["A plan to print"]


def has_a_certificate_whose_page_is_named(demo: str, client: Client, as_user: Callable[..., Client]) -> None:
    learner = users.find_by_email(email=people.LEARNER.email)
    [certificate] = as_user(learner).get("certificates/").json["results"]
    assert as_user(learner).get(f"certificates/{certificate['id']}/pdf/").body.startswith(b"%PDF-")
    [code] = re.findall(r"\{site\}/verify/(\S+)/", demo)
    assert people.LEARNER.display_name in client.get(f"/verify/{code}/").text


def has_learners_at_different_points() -> None:
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
    assert found["Amira Haddad"] == [50]
    assert len({percent for percents in found.values() for percent in percents}) >= 3


def has_reviews_that_the_catalogue_follows(client: Client) -> None:
    best = client.get("courses/", sort="rating").json["results"][0]
    said = client.get("reviews/", course_id=best["id"]).json["results"]
    assert (best["rating"], best["rating_count"], len(said)) == (4.33, 3, 3)
    assert [row["reply"] != "" for row in said].count(True) == 1


def has_rewards_that_the_learner_can_afford(client: Client) -> None:
    shelf = client.get("gamification/rewards/").json["results"]
    assert [(reward["cost"], reward["left"]) for reward in shelf] == [(50, None), (150, 5), (300, 25)]
    assert shelf[1]["cost"] <= client.get("gamification/me/").json["balance"]


def rows_of_everything() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_models()}


def test_the_demo_is_worth_a_look_and_loaded_once(
    demo: str, client: Client, as_user: Callable[..., Client], capsys: pytest.CaptureFixture[str]
):
    names_who_to_log_in_as(demo, client)
    has_courses_with_lessons_and_quizzes(client)
    has_covers_and_downloads(client, as_user)
    has_a_certificate_whose_page_is_named(demo, client, as_user)
    has_learners_at_different_points()
    has_reviews_that_the_catalogue_follows(client)
    has_rewards_that_the_learner_can_afford(as_user(users.find_by_email(email=people.LEARNER.email)))
    before = rows_of_everything()
    call_command("load_demo")
    assert rows_of_everything() == before
    assert "here already" in capsys.readouterr().out
