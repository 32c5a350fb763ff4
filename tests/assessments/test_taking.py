"""Taking a quiz over HTTP."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from urllib.parse import urlsplit

import orjson
import pytest

from apps.assessments.events import AttemptGraded
from apps.assessments.models import Attempt, Question
from apps.assessments.queries.sheets import get_sheet
from apps.assessments.serializers import AttemptOut
from apps.enrollments import api as enrollments
from learninghub.clock import now
from tests.assessments.steps import save, start, submit
from tests.support.assessments import ALL_KINDS, SINGLE, make_quiz, numbered, right_answers, wrong_answers
from tests.support.media import make_asset

pytestmark = pytest.mark.django_db


class TestAnAttempt:
    def test_exists_from_its_start_with_every_question_and_no_hint(self, me, lesson):
        quiz = make_quiz(lesson)
        answer = me.post(f"assessments/quizzes/{quiz.id}/attempts/")
        assert answer.status == 201
        attempt = answer.json
        assert (attempt["number"], attempt["state"], attempt["deadline_at"], attempt["score"]) == (
            1,
            "open",
            None,
            None,
        )
        assert attempt["possible_points"] == "10.00"
        assert [question["kind"] for question in attempt["questions"]] == [spec.kind for spec in ALL_KINDS]
        for question in attempt["questions"]:
            assert (
                question["explanation"]
                is question["right_answers"]
                is question["is_right"]
                is question["earned"]
                is None
            )
            assert all(choice["is_correct"] is choice["feedback"] is None for choice in question["choices"])
        assert "Two and two are four" not in answer.text
        assert "Michigan" not in answer.text
        assert "3.14159" not in answer.text
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["questions"] == attempt["questions"]

    def test_is_answered_in_the_shape_that_is_described(self, me, learner, lesson):
        quiz = make_quiz(lesson)
        attempt = start(me, quiz)
        save(me, attempt, right_answers(quiz.id))
        for look in (lambda: me.get(f"assessments/attempts/{attempt['id']}/"), lambda: submit(me, attempt)):
            answer = look()
            sheet = get_sheet(attempt_id=attempt["id"], reader_id=learner.id, now=now())
            described = orjson.loads(orjson.dumps(AttemptOut(sheet).data, default=str))
            assert {**answer.json, "clock": None} == {**described, "clock": None}

    def test_is_gone_on_with_when_started_again(self, me, lesson):
        quiz = make_quiz(lesson, attempt_limit=1)
        first = start(me, quiz)
        again = me.post(f"assessments/quizzes/{quiz.id}/attempts/")
        assert (again.status, again.json["id"]) == (200, first["id"])
        assert Attempt.objects.count() == 1

    def test_all_right_earns_everything_and_explains_itself(self, me, lesson, learner, course, published):
        quiz = make_quiz(lesson)
        attempt = start(me, quiz)
        assert save(me, attempt, right_answers(quiz.id)).status == 200
        graded = submit(me, attempt)
        assert graded.status == 200
        assert (graded.json["state"], graded.json["points"], graded.json["score"]) == ("submitted", "10.0000", "100.00")
        assert graded.json["is_passed"] is True
        first, *_, last = graded.json["questions"]
        assert first["explanation"] == "<p>Two and two are four.</p>"
        assert [choice["feedback"] for choice in first["choices"]] == ["Yes.", "One too many.", ""]
        assert last["right_answers"] == ["Michigan", "the state of michigan"]
        assert published(AttemptGraded) == [
            AttemptGraded(
                attempt_id=Attempt.objects.get().id,
                quiz_id=quiz.id,
                user_id=learner.id,
                course_id=course.id,
                lesson_id=lesson,
                passed=True,
                score=Decimal("100.00"),
            )
        ]

    def test_partly_right_earns_its_part(self, me, lesson):
        quiz = make_quiz(lesson)
        attempt = start(me, quiz)
        answers = right_answers(quiz.id)
        answers[1]["chosen"] = answers[1]["chosen"][:2]
        answers[3]["text"] = "3,149"
        answers[4]["text"] = "  MICHIGAN "
        save(me, attempt, answers)
        graded = submit(me, attempt).json
        assert [question["earned"] for question in graded["questions"]] == [
            "1.0000",
            "2.0000",
            "1.0000",
            "2.0000",
            "3.0000",
        ]
        assert (graded["points"], graded["score"]) == ("9.0000", "90.00")

    def test_all_wrong_earns_nothing_and_does_not_open_the_lesson(
        self, me, lesson, learner, course, published, deliver_all
    ):
        quiz = make_quiz(lesson)
        deliver_all()
        attempt = start(me, quiz)
        save(me, attempt, wrong_answers(quiz.id))
        graded = submit(me, attempt).json
        assert (graded["points"], graded["score"], graded["is_passed"]) == ("0.0000", "0.00", False)
        assert [fact.passed for fact in published(AttemptGraded)] == [False]
        enrollment = enrollments.find_enrollment(user_id=learner.id, course_id=course.id)
        path = f"enrollments/{enrollment.id}/lessons/{lesson}/"
        refused = me.put(path, {"completed": True})
        assert (refused.status, refused.json["code"]) == (409, "quiz_not_passed")
        attempt = start(me, quiz)
        save(me, attempt, right_answers(quiz.id))
        submit(me, attempt)
        assert me.put(path, {"completed": True}).status == 200

    def test_nothing_saved_is_graded_as_nothing(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(3))
        assert submit(me, start(me, quiz)).json["score"] == "0.00"

    def test_is_handed_in_once_and_answered_alike_ever_after(self, me, lesson, published):
        quiz = make_quiz(lesson)
        attempt = start(me, quiz)
        save(me, attempt, right_answers(quiz.id))
        first, second = submit(me, attempt), submit(me, attempt)
        assert second.status == 200
        assert {**second.json, "clock": None} == {**first.json, "clock": None}
        assert len(published(AttemptGraded)) == 1

    def test_is_done_in_four_statements_of_its_own(self, me, lesson, queries_of):
        quiz = make_quiz(lesson, *numbered(30))
        attempt = start(me, quiz)
        save(me, attempt, right_answers(quiz.id))
        assert queries_of(lambda: submit(me, attempt)) <= 5  # the fifth is the door of enrollments

    def test_handed_in_under_a_key_is_answered_with_the_stored_answer(self, me, lesson, published):
        quiz = make_quiz(lesson, *numbered(1))
        attempt = start(me, quiz)
        path, key = f"assessments/attempts/{attempt['id']}/submit/", {"Idempotency-Key": "tab-1"}
        first, second = (me.post(path, headers=key) for _ in range(2))
        assert (first.status, first.body) == (second.status, second.body)
        assert first.json["state"] == "submitted"
        assert len(published(AttemptGraded)) == 1

    def test_list_costs_the_same_for_3_and_30(self, me, lesson, learner, queries_of):
        quiz = make_quiz(lesson, *numbered(1))
        path = f"assessments/quizzes/{quiz.id}/attempts/"

        def cost(first, last):
            Attempt.objects.bulk_create(
                Attempt(
                    quiz_id=quiz.id,
                    user_id=learner.id,
                    number=number,
                    state="submitted",
                    seed=1,
                    started_at=now(),
                    closed_at=now(),
                    possible_points=1,
                )
                for number in range(first, last + 1)
            )
            return queries_of(lambda: me.get(path, page_size=100))

        assert cost(1, 3) == cost(4, 30) == 1

    def test_lists_what_was_tried_newest_first(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(1))
        for _ in range(3):
            submit(me, start(me, quiz))
        listed = me.get(f"assessments/quizzes/{quiz.id}/attempts/", page_size=2).json
        assert [attempt["number"] for attempt in listed["results"]] == [3, 2]
        assert [attempt["number"] for attempt in me.get(listed["next"]).json["results"]] == [1]


class TestTheLimit:
    def test_of_attempts_is_kept(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(1), attempt_limit=2)
        for _ in range(2):
            submit(me, start(me, quiz))
        refused = me.post(f"assessments/quizzes/{quiz.id}/attempts/")
        assert (refused.status, refused.json["code"]) == (409, "no_attempts_left")
        assert Attempt.objects.count() == 2

    def test_an_empty_quiz_cannot_be_taken(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(1))
        Question.objects.all().delete()
        refused = me.post(f"assessments/quizzes/{quiz.id}/attempts/")
        assert (refused.status, refused.json["code"]) == (409, "quiz_is_empty")
        assert not Attempt.objects.exists()


class TestPictures:
    def test_of_a_question_come_by_addresses_that_open_them(self, me, client, lesson, teacher, deliver_all):
        picture = make_asset(owner_id=teacher.id)
        deliver_all()
        quiz = make_quiz(lesson, replace(SINGLE, prompt=f'<p>What is this? <img src="media:{picture.id}" alt="?"></p>'))
        prompt = start(me, quiz)["questions"][0]["prompt"]
        address = unescape(re.search('src="([^"]+)"', prompt)[1])
        assert client.get(urlsplit(address).path + "?" + urlsplit(address).query).status == 200


class TestShuffling:
    def test_is_fixed_with_the_attempt(self, me, lesson):
        quiz = make_quiz(lesson, *numbered(30), shuffle=True)
        attempt = start(me, quiz)
        prompts = [question["prompt"] for question in attempt["questions"]]
        assert prompts != [spec.prompt for spec in numbered(30)]
        assert sorted(prompts) == sorted(spec.prompt for spec in numbered(30))
        assert me.get(f"assessments/attempts/{attempt['id']}/").json["questions"] == attempt["questions"]
        assert len({tuple(choice["text"] for choice in question["choices"]) for question in attempt["questions"]}) > 1
        save(me, attempt, right_answers(quiz.id))
        assert submit(me, attempt).json["score"] == "100.00"
