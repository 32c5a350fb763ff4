"""Making quizzes over HTTP."""

from datetime import datetime
from uuid import uuid4

import pytest

from apps.assessments.models import ExtraTime, Question, Quiz
from apps.courses import api as courses
from learninghub.audit.models import AuditEntry
from tests.support.assessments import make_quiz, numbered, pass_quiz, right_answers
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

CHOICES = [{"text": "4", "is_correct": True, "feedback": "Yes"}, {"text": "5", "is_correct": False}]
SUM = {"kind": "single", "prompt": "2 + 2?", "choices": CHOICES}


@pytest.fixture
def quiz(author, lesson):
    return author.post("assessments/quizzes/", {"lesson_id": str(lesson)}).json


def questions_of(client, quiz_id):
    return client.get(f"assessments/quizzes/{quiz_id}/questions/").json["results"]


class TestAQuiz:
    def test_is_made_for_a_lesson_with_its_title(self, author, lesson, course):
        answer = author.post("assessments/quizzes/", {"lesson_id": str(lesson), "pass_percent": 75, "keep": "last"})
        assert answer.status == 201
        assert answer.json == {
            "id": str(Quiz.objects.get().id),
            "lesson_id": str(lesson),
            "course_id": str(course.id),
            "title": "Lesson 1.1",
            "pass_percent": 75,
            "is_required": True,
            "attempt_limit": None,
            "time_limit_s": None,
            "shuffle": False,
            "keep": "last",
            "partial_credit": True,
            "version": 1,
        }
        assert answer.headers["ETag"] == '"v1"'
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz

    def test_is_the_only_one_of_its_lesson(self, author, lesson, quiz):
        refused = author.post("assessments/quizzes/", {"lesson_id": str(lesson)})
        assert (refused.status, refused.json["code"]) == (409, "lesson_has_quiz")
        assert Quiz.objects.count() == 1

    @pytest.mark.parametrize(
        ("settings", "field"),
        [
            ({"pass_percent": 101}, "pass_percent"),
            ({"pass_percent": -1}, "pass_percent"),
            ({"attempt_limit": 0}, "attempt_limit"),
            ({"time_limit_s": 0}, "time_limit_s"),
            ({"keep": "worst"}, "keep"),
            ({"title": ""}, "title"),
            ({"lesson_id": "x"}, "lesson_id"),
        ],
    )
    def test_is_refused_with_nonsense(self, author, lesson, settings, field):
        refused = author.post("assessments/quizzes/", {"lesson_id": str(lesson), **settings})
        assert (refused.status, list(refused.json["errors"])) == (400, [field])
        assert not Quiz.objects.exists()

    def test_of_a_lesson_nobody_has_is_not_found(self, author):
        assert author.post("assessments/quizzes/", {"lesson_id": str(uuid4())}).status == 404

    def test_is_changed_by_who_has_read_it_last(self, author, quiz):
        path = f"assessments/quizzes/{quiz['id']}/"
        changed = author.patch(path, {"title": "Sums", "time_limit_s": 60}, headers={"If-Match": '"v1"'})
        assert (changed.status, changed.headers["ETag"], changed.json["title"]) == (200, '"v2"', "Sums")
        refused = author.patch(path, {"title": "Lost"}, headers={"If-Match": '"v1"'})
        assert (refused.status, refused.json["code"]) == (412, "lost_update")
        assert author.get(path).json["title"] == "Sums"

    def test_changed_to_what_it_is_stays_the_same_version(self, author, quiz):
        assert author.patch(f"assessments/quizzes/{quiz['id']}/", {"title": quiz["title"]}).headers["ETag"] == '"v1"'

    def test_cannot_change_its_lesson(self, author, quiz, course):
        author.patch(f"assessments/quizzes/{quiz['id']}/", {"lesson_id": str(lesson_ids(course.id)[1]), "version": 9})
        assert author.get(f"assessments/quizzes/{quiz['id']}/").json == quiz

    def test_is_removed_and_frees_its_lesson(self, author, lesson):
        quiz = make_quiz(lesson)
        assert courses.get_lesson(lesson_id=lesson).needs_quiz
        assert author.delete(f"assessments/quizzes/{quiz.id}/").status == 204
        assert author.get(f"assessments/quizzes/{quiz.id}/").status == 404
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz

    def test_is_listed_with_its_course(self, author, me, course):
        quizzes = [make_quiz(lesson_id) for lesson_id in lesson_ids(course.id)]
        for client in (author, me):
            page = client.get(f"assessments/courses/{course.id}/quizzes/", page_size=2).json
            assert [quiz["id"] for quiz in page["results"]] == [str(quiz.id) for quiz in quizzes[:2]]
            assert [quiz["id"] for quiz in client.get(page["next"]).json["results"]] == [str(quizzes[2].id)]


class TestAQuestion:
    def test_is_put_at_the_end_and_makes_the_lesson_wait_for_the_quiz(self, author, quiz, lesson):
        path = f"assessments/quizzes/{quiz['id']}/questions/"
        first = author.post(path, {**SUM, "points": "2.50", "explanation": "<p>Count.</p>"})
        assert first.status == 201
        assert (
            author.post(path, {"kind": "numerical", "prompt": "Pi?", "answers": ["3.14"], "tolerance": "0.01"}).status
            == 201
        )
        one, two = questions_of(author, quiz["id"])
        assert one == first.json
        assert (one["position"], two["position"], one["points"], two["tolerance"]) == (1, 2, "2.50", "0.01")
        assert [(choice["text"], choice["is_correct"], choice["feedback"]) for choice in one["choices"]] == [
            ("4", True, "Yes"),
            ("5", False, ""),
        ]
        assert courses.get_lesson(lesson_id=lesson).needs_quiz
        assert author.get(f"assessments/quizzes/{quiz['id']}/").headers["ETag"] == '"v3"'

    @pytest.mark.parametrize(
        ("question", "field"),
        [
            ({**SUM, "choices": CHOICES[:1]}, "choices"),
            ({**SUM, "choices": [CHOICES[0], CHOICES[0]]}, "choices"),
            ({**SUM, "points": "0"}, "points"),
            ({**SUM, "points": "NaN"}, "points"),
            ({**SUM, "kind": "essay"}, "kind"),
            ({**SUM, "prompt": "<script>x</script>"}, "prompt"),
            ({"kind": "numerical", "prompt": "Pi?", "answers": ["pi"]}, "answers"),
            ({"kind": "numerical", "prompt": "Pi?", "answers": ["3"], "tolerance": "-1"}, "tolerance"),
            ({"kind": "short_text", "prompt": "Who?", "answers": ["*"]}, "answers"),
        ],
    )
    def test_that_cannot_be_graded_is_refused(self, author, quiz, question, field):
        refused = author.post(f"assessments/quizzes/{quiz['id']}/questions/", question)
        assert (refused.status, list(refused.json["errors"])) == (400, [field])
        assert not Question.objects.exists()

    def test_nobody_was_asked_is_changed_in_place(self, author, lesson):
        quiz = make_quiz(lesson, *numbered(1))
        question = questions_of(author, quiz.id)[0]
        changed = author.patch(f"assessments/questions/{question['id']}/", {"prompt": "3 + 1?", "points": "2"})
        assert (changed.status, changed.json["id"], changed.json["prompt"]) == (200, question["id"], "3 + 1?")
        assert changed.json["choices"] == question["choices"]

    def test_somebody_was_asked_is_replaced(self, author, me, lesson):
        quiz = make_quiz(lesson, *numbered(2))
        graded = pass_quiz(me, quiz.id)
        question = questions_of(author, quiz.id)[0]
        path = f"assessments/questions/{question['id']}/"
        assert author.patch(path, {"prompt": question["prompt"]}).json["id"] == question["id"]
        changed = author.patch(
            path, {"choices": [{**CHOICES[1], "is_correct": True}, {**CHOICES[0], "is_correct": False}]}
        )
        assert changed.json["id"] != question["id"]
        assert changed.json["position"] == question["position"]
        assert author.get(path).status == 404
        assert me.get(f"assessments/attempts/{graded['id']}/").json["questions"] == graded["questions"]

    def test_is_edited_under_the_quizs_version(self, author, quiz):
        path = f"assessments/quizzes/{quiz['id']}/questions/"
        question = author.post(path, SUM, headers={"If-Match": '"v1"'}).json
        for answer in (
            author.post(path, SUM, headers={"If-Match": '"v1"'}),
            author.patch(f"assessments/questions/{question['id']}/", {"prompt": "x"}, headers={"If-Match": '"v1"'}),
            author.delete(f"assessments/questions/{question['id']}/", headers={"If-Match": '"v1"'}),
        ):
            assert answer.status == 412
        assert questions_of(author, quiz["id"]) == [question]

    def test_is_removed_and_an_empty_quiz_frees_its_lesson(self, author, me, lesson):
        quiz = make_quiz(lesson, *numbered(2))
        pass_quiz(me, quiz.id)
        for question in questions_of(author, quiz.id):
            assert author.delete(f"assessments/questions/{question['id']}/").status == 204
        assert questions_of(author, quiz.id) == []
        assert Question.objects.count() == 2
        assert not courses.get_lesson(lesson_id=lesson).needs_quiz

    def test_order_is_changed_by_naming_each_once(self, author, lesson):
        quiz = make_quiz(lesson, *numbered(3))
        ids = [question["id"] for question in questions_of(author, quiz.id)]
        path = f"assessments/quizzes/{quiz.id}/reorder/"
        assert author.post(path, {"question_ids": ids[::-1]}).status == 204
        assert [question["id"] for question in questions_of(author, quiz.id)] == ids[::-1]
        for wrong in (ids[:2], [*ids, ids[0]], [ids[0], ids[1], str(uuid4())], [ids[0], ids[1], ids[1]]):
            refused = author.post(path, {"question_ids": wrong})
            assert (refused.status, refused.json["code"]) == (409, "order_mismatch")
        assert [question["id"] for question in questions_of(author, quiz.id)] == ids[::-1]

    def test_list_costs_the_same_for_3_and_30(self, author, course, queries_of):
        few, many = (
            make_quiz(lesson_id, *numbered(n)) for lesson_id, n in zip(lesson_ids(course.id), (3, 30), strict=False)
        )
        first, second = (
            queries_of(lambda quiz=quiz: author.get(f"assessments/quizzes/{quiz.id}/questions/", page_size=100))
            for quiz in (few, many)
        )
        assert first == second == 4  # two of the rule, questions, choices


class TestExtraTime:
    def test_is_given_to_one_learner_for_attempts_to_come(self, author, me, learner, lesson):
        quiz = make_quiz(lesson, time_limit_s=60)
        path = f"assessments/quizzes/{quiz.id}/extra-time/{learner.id}/"
        assert author.put(path, {"seconds": 30}).json == {"user_id": str(learner.id), "seconds": 30}
        listed = author.get(f"assessments/quizzes/{quiz.id}/extra-time/").json["results"]
        assert listed == [{"user_id": str(learner.id), "seconds": 30}]
        attempt = me.post(f"assessments/quizzes/{quiz.id}/attempts/").json
        assert _seconds(attempt) == 90
        assert author.put(path, {"seconds": 0}).status == 200
        assert not ExtraTime.objects.exists()
        entries = AuditEntry.objects.filter(action="assessments.extra_time_given").order_by("id")
        assert [entry.details["seconds"] for entry in entries] == [30, 0]

    def test_puts_off_the_open_attempt_and_never_hastens_it(self, author, me, learner, lesson):
        quiz = make_quiz(lesson, time_limit_s=60)
        attempt = me.post(f"assessments/quizzes/{quiz.id}/attempts/").json
        path = f"assessments/quizzes/{quiz.id}/extra-time/{learner.id}/"
        for seconds, now_has in ((600, 660), (10, 660), (0, 660), (900, 960)):
            author.put(path, {"seconds": seconds})
            assert _seconds(me.get(f"assessments/attempts/{attempt['id']}/").json) == now_has

    def test_is_not_given_to_who_does_not_take_the_course_or_to_oneself(self, author, teacher, lesson, course):
        quiz = make_quiz(lesson, time_limit_s=60)
        stranger = make_person()
        refused = author.put(f"assessments/quizzes/{quiz.id}/extra-time/{stranger.id}/", {"seconds": 30})
        assert (refused.status, refused.json["code"]) == (404, "learner_not_found")
        refused = author.put(f"assessments/quizzes/{quiz.id}/extra-time/{teacher.id}/", {"seconds": 30})
        assert (refused.status, refused.json["code"]) == (403, "own_grade")
        assert not ExtraTime.objects.exists()


class TestOthers:
    """Whoever does not teach the course can neither read what is right nor change anything."""

    def test_are_denied_and_nothing_changes(self, client, as_user, lesson, learner):
        quiz = make_quiz(lesson, *numbered(2))
        question_id = right_answers(quiz.id)[0]["question_id"]
        colleague = make_person(roles={"instructor"})
        make_course(author=colleague)
        other_learner = make_person()
        enrol(other_learner, make_course())
        calls = [
            ("GET", f"assessments/quizzes/{quiz.id}/questions/", None),
            ("POST", f"assessments/quizzes/{quiz.id}/questions/", SUM),
            ("POST", f"assessments/quizzes/{quiz.id}/reorder/", {"question_ids": []}),
            ("PATCH", f"assessments/quizzes/{quiz.id}/", {"pass_percent": 0}),
            ("DELETE", f"assessments/quizzes/{quiz.id}/", None),
            ("GET", f"assessments/questions/{question_id}/", None),
            ("PATCH", f"assessments/questions/{question_id}/", {"prompt": "x"}),
            ("DELETE", f"assessments/questions/{question_id}/", None),
            ("GET", f"assessments/quizzes/{quiz.id}/extra-time/", None),
            ("PUT", f"assessments/quizzes/{quiz.id}/extra-time/{learner.id}/", {"seconds": 60}),
        ]
        before = (list(Quiz.objects.values()), list(Question.objects.order_by("id").values()))
        for method, path, body in calls:
            assert client.request(method, path, json=body).status == 401
            for person in (learner, other_learner, colleague):
                assert as_user(person).request(method, path, json=body).status == 404, (person, method, path)
        assert before == (list(Quiz.objects.values()), list(Question.objects.order_by("id").values()))
        assert not ExtraTime.objects.exists()

    def test_make_no_quiz_in_the_course(self, client, as_user, lesson, learner):
        body = {"lesson_id": str(lesson)}
        assert client.post("assessments/quizzes/", body).status == 401
        assert as_user(learner).post("assessments/quizzes/", body).status == 403
        colleague = as_user(make_person(roles={"instructor"}))
        assert colleague.post("assessments/quizzes/", body).status == 404
        assert not Quiz.objects.exists()


def _seconds(attempt):
    return (
        datetime.fromisoformat(attempt["deadline_at"]) - datetime.fromisoformat(attempt["started_at"])
    ).total_seconds()
