"""What is not for others to see or touch."""

from decimal import Decimal

import pytest

from apps.assessments.models import Grade, Override
from apps.courses import api as courses
from tests.assessments.steps import score
from tests.support.assessments import make_quiz, right_answers
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


class TestOthers:
    def test_see_no_grades_and_change_none(self, client, as_user, course, learner, quiz, book, cell, me):
        score(me, quiz, 2)
        colleague = make_person(roles={"instructor"})
        make_course(author=colleague)
        stranger = make_person()
        paths = [
            ("GET", book, None),
            ("GET", f"assessments/courses/{course.id}/gradebook.csv", None),
            ("PUT", cell, {"score": "0", "reason": "Spite"}),
            ("DELETE", cell, None),
        ]
        for method, path, body in paths:
            assert client.request(method, path, json=body).status == 401
            for person in (learner, stranger, colleague):
                assert as_user(person).request(method, path, json=body).status == 404, (method, path)
        for person in (stranger, colleague):
            assert as_user(person).get(f"assessments/courses/{course.id}/grades/").status == 404
            assert as_user(person).get(f"assessments/courses/{course.id}/quizzes/").status == 404
        assert not Override.objects.exists()
        assert Grade.objects.get().score == Decimal(50)

    def test_staff_see_the_gradebook(self, as_user, book, learner, quiz):
        assert [row["user_id"] for row in as_user(make_person(roles={"staff"})).get(book).json["results"]] == [
            str(learner.id)
        ]


class TestAttemptsOfOthers:
    def test_are_neither_seen_nor_touched(self, client, as_user, me, quiz, course, lesson):
        attempt = me.post(f"assessments/quizzes/{quiz.id}/attempts/").json
        classmate, stranger, colleague = make_person(), make_person(), make_person(roles={"instructor"})
        enrol(classmate, course)
        path, body = f"assessments/attempts/{attempt['id']}/", {"answers": right_answers(quiz.id)}
        for person in (None, classmate, stranger, colleague, make_person(roles={"staff"})):
            denied = as_user(person) if person else client
            status = 404 if person else 401
            assert denied.get(path).status == status
            assert denied.patch(path, body).status == status
            assert denied.post(f"{path}submit/").status == status
        untouched = me.get(path).json
        assert untouched["state"] == "open"
        assert all(question["saved_at"] is None for question in untouched["questions"])
        assert as_user(classmate).get(f"assessments/quizzes/{quiz.id}/attempts/").json["results"] == []

    def test_are_seen_but_not_touched_by_the_instructor(self, author, me, quiz):
        attempt = me.post(f"assessments/quizzes/{quiz.id}/attempts/").json
        path = f"assessments/attempts/{attempt['id']}/"
        assert author.get(path).json["user_id"] == attempt["user_id"]
        assert author.patch(path, {"answers": right_answers(quiz.id)}).status == 404
        assert author.post(f"{path}submit/").status == 404
        assert me.get(path).json["state"] == "open"

    def test_start_with_access_alone(self, client, as_user, quiz, author):
        path = f"assessments/quizzes/{quiz.id}/attempts/"
        assert client.post(path).status == 401
        assert as_user(make_person()).post(path).status == 404
        assert author.post(path).status == 404
        assert as_user(make_person()).get(f"assessments/quizzes/{quiz.id}/").status == 404
        assert not Grade.objects.exists()

    def test_of_a_draft_course_cannot_be_started(self, as_user, teacher):
        draft = make_course(author=teacher, published=False)
        hidden = make_quiz(lesson_ids(draft.id)[0])
        assert courses.get_card(course_id=draft.id).state == "draft"
        assert as_user(make_person()).post(f"assessments/quizzes/{hidden.id}/attempts/").status == 404
