"""Every list of the API takes as many statements for thirty rows as for three."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from learninghub.http.checks import operations
from tests.support.assessments import make_quiz, numbered
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.http import Client
from tests.support.people import make_person
from tests.support.reviews import review

# Where each list is measured: by its app's own tests, or here.
MEASURED = {
    "auth/sessions/": "auth.test_sessions:test_the_list_costs_the_same_for_three_and_for_thirty",
    "courses/": "courses.test_reads:TestCost.test_of_a_page_is_one_statement_for_3_rows_and_for_30",
    "courses/teaching/": "performance.test_lists:test_a_list_costs_the_same_for_three_rows_and_for_thirty",
    "enrollments/": "enrollments.test_budgets:TestReads.test_my_enrollments_take_1",
    "enrollments/courses/<uuid:course_id>/roster/": "enrollments.test_budgets:TestReads.test_a_roster_takes_1",
    "notifications/": "notifications.test_inbox:TestTheList.test_costs_as_much_for_thirty_as_for_three",
    "content/lessons/<uuid:lesson_id>/versions/": (
        "performance.test_lists:test_a_list_costs_the_same_for_three_rows_and_for_thirty"
    ),
    "content/lessons/<uuid:lesson_id>/resources/": (
        "content.test_views:TestDownloads.test_cost_the_same_for_three_and_for_thirty"
    ),
    "assessments/quizzes/<uuid:quiz_id>/questions/": (
        "assessments.test_authoring:TestAQuestion.test_list_costs_the_same_for_3_and_30"
    ),
    "assessments/quizzes/<uuid:quiz_id>/extra-time/": (
        "performance.test_lists:test_a_list_costs_the_same_for_three_rows_and_for_thirty"
    ),
    "assessments/quizzes/<uuid:quiz_id>/attempts/": (
        "assessments.test_taking:TestAnAttempt.test_list_costs_the_same_for_3_and_30"
    ),
    "assessments/courses/<uuid:course_id>/quizzes/": (
        "assessments.test_grades:TestTheGradebook.test_costs_the_same_for_3_and_30_learners_and_quizzes"
    ),
    "assessments/courses/<uuid:course_id>/grades/": (
        "assessments.test_grades:TestTheGradebook.test_costs_the_same_for_3_and_30_learners_and_quizzes"
    ),
    "assessments/courses/<uuid:course_id>/gradebook/": (
        "assessments.test_grades:TestTheGradebook.test_costs_the_same_for_3_and_30_learners_and_quizzes"
    ),
    "payments/invoices/": "payments.test_bills_views:TestMyInvoices.test_cost_the_same_for_three_and_for_thirty",
    "gamification/rewards/": "gamification.test_rewards:TestTheShelf.test_costs_the_same_for_three_and_for_thirty",
    "gamification/redemptions/": (
        "gamification.test_rewards:TestMyRedemptions.test_cost_the_same_for_three_and_for_thirty"
    ),
    "reviews/": "reviews.test_reading:TestCost.test_of_the_list_is_one_statement_for_3_and_for_30",
    "reviews/mine/": "reviews.test_reading:TestOwn.test_costs_the_same_for_three_and_for_thirty",
    "reviews/reports/": "reviews.test_reading:TestTheQueue.test_costs_the_same_for_three_and_for_thirty",
    "reviews/<uuid:review_id>/history/": (
        "performance.test_lists:test_a_list_costs_the_same_for_three_rows_and_for_thirty"
    ),
    "reviews/courses/<uuid:course_id>/feedback/": (
        "reviews.test_reading:TestFeedback.test_costs_the_same_for_three_and_for_thirty"
    ),
    "payments/orders/": "payments.test_orders:test_the_list_costs_the_same_for_three_and_for_thirty",
    "media/": "media.test_holding:TestMyFiles.test_cost_the_same_for_three_and_for_thirty",
    "certificates/": "certificates.test_views:TestOwnCertificates.test_cost_the_same_for_three_and_for_thirty",
}

Add = Callable[[int], object]


def test_every_list_is_measured():
    lists = {
        route.removeprefix("/api/v1/")
        for method, route, view in operations()
        if getattr(getattr(view, method.lower()), "is_page", False)
    }
    assert lists == set(MEASURED)


@pytest.mark.parametrize("where", sorted(set(MEASURED.values())))
def test_each_measurement_is_there(where: str):
    module, _, name = where.partition(":")
    found: Any = import_module(f"tests.{module}")
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found)


def taught(teacher: Any, client: Client) -> tuple[str, Add]:
    return "courses/teaching/", lambda _: make_course(author=teacher, lessons=1)


def versions(teacher: Any, client: Client) -> tuple[str, Add]:
    (lesson,) = lesson_ids(make_course(author=teacher, lessons=1).id)
    path = f"content/lessons/{lesson}/"
    return f"{path}versions/", lambda number: client.put(path, {"source": f"Text {number}", "written_in": "markdown"})


def extra_time(teacher: Any, client: Client) -> tuple[str, Add]:
    course = make_course(author=teacher, lessons=1)
    path = f"assessments/quizzes/{make_quiz(lesson_ids(course.id)[0], *numbered(1), time_limit_s=600).id}/extra-time/"

    def add(_: int) -> None:
        learner = make_person()
        enrol(learner, course)
        assert client.put(f"{path}{learner.id}/", {"seconds": 60}).status == 200

    return path, add


def history(teacher: Any, client: Client) -> tuple[str, Add]:
    course = make_course(lessons=1)
    complete_course(enrol(teacher, course))
    path = f"reviews/{review(teacher, course)}/"
    # The review itself is the first entry.
    return f"{path}history/", lambda number: number and client.patch(path, {"text": f"Text {number}"})


@pytest.mark.django_db
@pytest.mark.parametrize("rows_of", [taught, versions, extra_time, history])
def test_a_list_costs_the_same_for_three_rows_and_for_thirty(
    rows_of: Callable[..., tuple[str, Add]], as_user: Callable[..., Client], queries_of: Callable[..., int]
):
    teacher = make_person(roles={"instructor"})
    client = as_user(teacher)
    path, add = rows_of(teacher, client)
    counts = []
    for old, reach in ((0, 3), (3, 30)):
        for number in range(old, reach):
            add(number)
        counts.append(queries_of(lambda: client.get(path, page_size=100)))
        assert len(client.get(path, page_size=100).json["results"]) == reach
    assert counts[0] == counts[1]
