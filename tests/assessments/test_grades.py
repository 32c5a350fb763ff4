"""Gradebook, its file, and the learner's own grades."""

import csv
import io

import pytest

from apps.assessments.models import Quiz
from apps.enrollments import api as enrollments
from tests.assessments.steps import own, score
from tests.support.assessments import make_quiz, numbered
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


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
