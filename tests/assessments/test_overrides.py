"""Grades that people decide."""

from decimal import Decimal
from uuid import uuid4

import pytest

from apps.assessments.models import Grade, Override
from apps.enrollments import api as enrollments
from learninghub import audit
from learninghub.audit.models import AuditEntry
from tests.assessments.steps import own, score
from tests.support.assessments import make_quiz, pass_quiz
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


class TestAnOverride:
    def test_counts_instead_and_keeps_the_computed_score(self, author, me, cell, quiz, course, learner, teacher):
        score(me, quiz, 1)
        answer = author.put(cell, {"score": "80", "reason": "Oral exam"})
        assert answer.status == 200
        assert (answer.json["score"], answer.json["computed_score"]) == ("80.00", "25.00")
        assert (answer.json["is_passed"], answer.json["is_overridden"]) == (True, True)
        assert [(grade["score"], grade["override_reason"]) for grade in own(me, course)] == [("80.00", "Oral exam")]
        entry = AuditEntry.objects.get(action="assessments.grade_overridden")
        assert (entry.actor_id, entry.subject_id, entry.reason) == (teacher.id, learner.id, "Oral exam")
        assert entry.details == {"quiz_id": str(quiz.id), "score": "80.00", "computed_score": "25.00", "before": None}

    def test_opens_the_lesson(self, author, me, cell, learner, course, lesson, deliver_all):
        deliver_all()
        enrollment = enrollments.find_enrollment(user_id=learner.id, course_id=course.id)
        path = f"enrollments/{enrollment.id}/lessons/{lesson}/"
        assert me.put(path, {"completed": True}).status == 409
        author.put(cell, {"score": "60", "reason": "Paper test"})
        assert me.put(path, {"completed": True}).status == 200

    def test_stands_while_more_attempts_are_made(self, author, me, cell, quiz, course):
        author.put(cell, {"score": "10.5", "reason": "Copied"})
        assert score(me, quiz, 4) == "100.00"
        (grade,) = own(me, course)
        assert (grade["score"], grade["computed_score"], grade["is_passed"]) == ("10.50", "100.00", False)

    def test_the_same_again_changes_nothing_another_replaces_it(self, author, cell):
        for _ in range(2):
            author.put(cell, {"score": "80", "reason": "Oral exam"})
        assert Override.objects.count() == AuditEntry.objects.count() == 1
        assert author.put(cell, {"score": "90", "reason": "Misread"}).json["score"] == "90.00"
        assert [(o.score, o.withdrawn_at is None) for o in Override.objects.order_by("id")] == [(80, False), (90, True)]
        assert AuditEntry.objects.order_by("-id").first().details["before"] == "80.00"

    def test_is_withdrawn_and_the_computed_score_counts_again(self, author, me, cell, quiz, course):
        score(me, quiz, 1)
        author.put(cell, {"score": "80", "reason": "Oral exam"})
        answer = author.delete(cell)
        assert (answer.status, answer.json["score"], answer.json["is_overridden"]) == (200, "25.00", False)
        refused = author.delete(cell)
        assert (refused.status, refused.json["code"]) == (404, "not_overridden")
        assert Override.objects.count() == 1
        assert audit.verify() is None
        assert AuditEntry.objects.filter(action="assessments.override_withdrawn").count() == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"score": "100.01", "reason": "x"}, "score"),
            ({"score": "-1", "reason": "x"}, "score"),
            ({"score": "NaN", "reason": "x"}, "score"),
            ({"score": "1.234", "reason": "x"}, "score"),
            ({"score": "50", "reason": "  "}, "reason"),
            ({"score": "50"}, "reason"),
            ({"reason": "x"}, "score"),
        ],
    )
    def test_is_refused_without_sense_or_reason(self, author, cell, body, field):
        refused = author.put(cell, body)
        assert (refused.status, list(refused.json["errors"])) == (400, [field])
        assert not Override.objects.exists()

    def test_is_for_who_takes_the_course_and_for_its_quizzes(self, author, course, quiz, learner, book, teacher):
        other = make_course(author=teacher)
        foreign = make_quiz(lesson_ids(other.id)[0])
        body = {"score": "50", "reason": "x"}
        for path, code in (
            (f"{book}{make_person().id}/{quiz.id}/", "learner_not_found"),
            (f"{book}{learner.id}/{foreign.id}/", "quiz_not_found"),
            (f"{book}{learner.id}/{uuid4()}/", "quiz_not_found"),
        ):
            refused = author.put(path, body)
            assert (refused.status, refused.json["code"]) == (404, code)
        assert not Override.objects.exists()
        assert not Grade.objects.exists()


class TestOnesOwnGrade:
    def test_is_not_decided_by_oneself(self, author, as_user, course, quiz, teacher, book):
        enrol(teacher, course)
        pass_quiz(author, quiz.id)
        for answer in (
            author.put(f"{book}{teacher.id}/{quiz.id}/", {"score": "100", "reason": "I am good"}),
            author.delete(f"{book}{teacher.id}/{quiz.id}/"),
        ):
            assert (answer.status, answer.json["code"]) == (403, "own_grade")
        assert not Override.objects.exists()
        assert Grade.objects.get().score == Decimal(100)

    def test_is_not_decided_by_a_learner_either(self, me, cell):
        assert me.put(cell, {"score": "100", "reason": "Please"}).status == 404
        assert not Override.objects.exists()
