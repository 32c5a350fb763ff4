"""Gradebook, its file, overrides, and the learner's own grades."""

import csv
import io
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.assessments.models import Grade, Override, Quiz
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from learninghub import audit
from learninghub.audit.models import AuditEntry
from tests.support.assessments import make_quiz, numbered, pass_quiz, right_answers
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz(lesson):
    return make_quiz(lesson, *numbered(4), title="Sums")


@pytest.fixture
def book(course):
    return f"assessments/courses/{course.id}/gradebook/"


@pytest.fixture
def cell(course, learner, quiz):
    return f"assessments/courses/{course.id}/gradebook/{learner.id}/{quiz.id}/"


def score(client, quiz, right):
    """The learner takes the quiz with so many right answers."""
    attempt = client.post(f"assessments/quizzes/{quiz.id}/attempts/").json
    if right:
        client.patch(f"assessments/attempts/{attempt['id']}/", {"answers": right_answers(quiz.id)[:right]})
    return client.post(f"assessments/attempts/{attempt['id']}/submit/").json["score"]


def own(client, course):
    return client.get(f"assessments/courses/{course.id}/grades/").json["results"]


class TestTheScoreThatCounts:
    @pytest.mark.parametrize(("keep", "counts"), [("best", "75.00"), ("last", "25.00")])
    def test_is_the_best_or_the_last(self, me, lesson, course, keep, counts):
        quiz = make_quiz(lesson, *numbered(4), keep=keep)
        assert [score(me, quiz, right) for right in (2, 3, 1)] == ["50.00", "75.00", "25.00"]
        assert [(grade["score"], grade["attempts"]) for grade in own(me, course)] == [(counts, 3)]

    def test_of_an_attempt_under_way_is_not_there_yet(self, me, quiz, course):
        me.post(f"assessments/quizzes/{quiz.id}/attempts/")
        assert own(me, course) == [
            {
                "quiz_id": str(quiz.id),
                "title": "Sums",
                "attempts": 1,
                "attempt_limit": None,
                "computed_score": None,
                "score": None,
                "is_passed": False,
                "is_overridden": False,
                "override_reason": "",
            }
        ]


class TestAskingForSomethingElse:
    def test_lets_pass_who_now_passes(self, author, me, quiz, course, learner, lesson, deliver_all):
        deliver_all()
        assert score(me, quiz, 2) == "50.00"
        enrollment = enrollments.find_enrollment(user_id=learner.id, course_id=course.id)
        path = f"enrollments/{enrollment.id}/lessons/{lesson}/"
        assert me.put(path, {"completed": True}).status == 409
        author.patch(f"assessments/quizzes/{quiz.id}/", {"pass_percent": 50})
        deliver_all()
        assert [grade["is_passed"] for grade in own(me, course)] == [True]
        assert me.put(path, {"completed": True}).status == 200

    def test_counts_the_attempts_anew(self, author, me, quiz, course, deliver_all):
        for right in (2, 3, 1):
            score(me, quiz, right)
        for keep, counts in (("last", "25.00"), ("best", "75.00")):
            author.patch(f"assessments/quizzes/{quiz.id}/", {"keep": keep})
            deliver_all()
            assert [grade["score"] for grade in own(me, course)] == [counts]


class TestTheGradebook:
    def test_has_a_row_for_each_learner_and_a_column_for_each_quiz_in_lesson_order(
        self, author, me, as_user, learner, course, book
    ):
        first, _, third = lesson_ids(course.id)
        late, early = make_quiz(third, *numbered(2), title="Late"), make_quiz(first, *numbered(2), title="Early")
        idle = make_person(display_name="Ida Idle")
        enrol(idle, course)
        score(me, early, 2)
        score(me, late, 1)
        rows = author.get(book).json["results"]
        assert [row["display_name"] for row in rows] == ["Lea Learner", "Ida Idle"]
        assert [[grade["title"] for grade in row["grades"]] for row in rows] == [["Early", "Late"]] * 2
        assert [[grade["score"] for grade in row["grades"]] for row in rows] == [["100.00", "50.00"], [None, None]]
        assert [grade["is_passed"] for grade in rows[0]["grades"]] == [True, False]

    def test_pages_by_learner_in_both_directions(self, author, course, quiz, book):
        people = [make_person() for _ in range(5)]
        for person in people:
            enrol(person, course)
        pages, path = [], f"{book}?page_size=2"
        while path:
            page = author.get(path).json
            pages.append([row["user_id"] for row in page["results"]])
            before, path = page["previous"], page["next"]
        assert [user_id for page in pages for user_id in page] == sorted(str(person.id) for person in people)
        assert [len(page) for page in pages] == [2, 2, 1]
        assert [row["user_id"] for row in author.get(before).json["results"]] == pages[1]

    def test_refuses_a_cursor_of_another_list(self, author, course, quiz, book):
        assert author.get(book, cursor="abc").status == 400

    def test_costs_the_same_for_3_and_30_learners_and_quizzes(self, author, as_user, queries_of, teacher):
        course = make_course(author=teacher, lessons=30)
        lessons, learners = lesson_ids(course.id), [make_person() for _ in range(30)]

        def cost(number):
            for lesson_id, learner in zip(lessons[:number], learners[:number], strict=True):
                Quiz.objects.get_or_create(lesson_id=lesson_id, course_id=course.id, title="Quiz")
                enrol(learner, course)
            base, size = f"assessments/courses/{course.id}", {"page_size": 100}
            return [
                queries_of(lambda: author.get(f"{base}/gradebook/", **size)),
                queries_of(lambda: author.get(f"{base}/gradebook.csv")),
                queries_of(lambda: author.get(f"{base}/quizzes/", **size)),
                queries_of(lambda: as_user(learners[0]).get(f"{base}/grades/", **size)),
            ]

        few = cost(3)
        assert few == cost(30)
        assert max(few) <= 8

    def test_file_names_learners_and_scores_and_runs_no_formula(self, author, course, lesson, as_user, me):
        quiz = make_quiz(lesson, *numbered(4), title="=HYPERLINK(1)")
        evil = make_person(display_name='@SUM(1+1)*cmd|" /C calc"!A0')
        enrol(evil, course)
        score(me, quiz, 3)
        answer = author.get(f"assessments/courses/{course.id}/gradebook.csv")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="gradebook-{course.id}.csv"'
        header, *rows = csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))
        assert header == ["Learner", "Id", "'=HYPERLINK(1)"]
        assert sorted((row[0], row[2]) for row in rows) == [
            ('\'@SUM(1+1)*cmd|" /C calc"!A0', ""),
            ("Lea Learner", "75.00"),
        ]


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
