"""What is mine given to what is another's: a parent of one's own opens no child of somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.permissions.test_matrix import rows_written
from tests.permissions.world import World
from tests.support.assessments import make_quiz, numbered
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.enrollments import enrol
from tests.support.http import Client
from tests.support.media import make_asset
from tests.support.people import access_token

# What the colleague tries: `my_` is their own, all else is the teacher's or the learner's.
CROSSED = [
    (404, "DELETE", "content/lessons/{my_lesson}/resources/{download}/", None),
    (400, "POST", "content/lessons/{my_lesson}/resources/", {"asset_id": "{private}", "title": "Theirs"}),
    (400, "POST", "content/imports/", {"asset_id": "{private}"}),
    (409, "POST", "courses/{my_course}/reorder/", {"modules": [{"id": "{module}", "lessons": ["{lesson}"]}]}),
    (409, "POST", "courses/{my_course}/reorder/", {"modules": [{"id": "{my_module}", "lessons": ["{lesson}"]}]}),
    (400, "PATCH", "courses/{my_course}/", {"cover_id": "{private}"}),
    (400, "PATCH", "users/me/", {"avatar_id": "{private}"}),
    (404, "POST", "assessments/quizzes/", {"lesson_id": "{lesson}"}),
    (400, "POST", "assessments/quizzes/{my_quiz}/reorder/", {"questions": ["{question}"]}),
    (404, "PUT", "assessments/quizzes/{my_quiz}/extra-time/{learner_id}/", {"seconds": 60}),
    (404, "PUT", "assessments/courses/{my_course}/gradebook/{learner_id}/{quiz}/", {"score": "80", "reason": "Mine"}),
    (404, "DELETE", "assessments/courses/{my_course}/gradebook/{learner_id}/{quiz}/", None),
    (404, "PUT", "enrollments/{my_enrollment}/lessons/{my_lesson}/", {"completed": True, "position_seconds": 1}),
]


@pytest.fixture
def crossed(world: World) -> World:
    """The world, and in it things of the colleague's own."""
    me = world.people["colleague"]
    course = make_course(author=me, lessons=1)
    (lesson,) = lesson_ids(course.id)
    mine = {
        "my_course": course.id,
        "my_module": module_ids(course.id)[0],
        "my_lesson": lesson,
        "my_quiz": make_quiz(lesson, *numbered(1)).id,
        "my_enrollment": enrol(me, make_course(lessons=1)).id,
        "private": make_asset(owner_id=world.people["teacher"].id, content=b"Theirs.", filename="theirs.txt").id,
    }
    return World(world.people, world.ids | {name: str(value) for name, value in mine.items()})


def test_what_is_crossed_is_refused_and_changes_nothing(crossed: World, application: Callable[..., Any]):
    client = Client(application, token=access_token(crossed.people["colleague"]))
    answers = []
    for _, method, path, body in CROSSED:
        with transaction.atomic():
            before = rows_written()
            answer = client.request(method, crossed.fill(path), json=crossed.fill(body))
            answers.append((answer.status, method, path, rows_written() - before))
            transaction.set_rollback(True)
    assert answers == [(status, method, path, 0) for status, method, path, _ in CROSSED]


def test_a_lesson_takes_no_file_of_another_person(crossed: World, application: Callable[..., Any]):
    client = Client(application, token=access_token(crossed.people["colleague"]))
    lesson = f"content/lessons/{crossed.ids['my_lesson']}/"
    source = f'<a href="media:{crossed.ids["private"]}">theirs</a>'
    answer = client.put(lesson, {"source": source, "written_in": "html"})
    assert (answer.status, answer.json["code"]) == (400, "file_not_usable")
    assert client.get(f"{lesson}versions/").json["results"] == []
