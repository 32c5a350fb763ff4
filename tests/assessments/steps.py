"""What a learner does with a quiz, over HTTP."""

from datetime import timedelta

from django.db.models import F

from apps.assessments.models import Attempt
from tests.support.assessments import right_answers


def start(client, quiz):
    answer = client.post(f"assessments/quizzes/{quiz.id}/attempts/")
    assert answer.status in {200, 201}, answer.text
    return answer.json


def save(client, attempt, answers):
    return client.patch(f"assessments/attempts/{attempt['id']}/", {"answers": answers})


def submit(client, attempt):
    return client.post(f"assessments/attempts/{attempt['id']}/submit/")


def let_pass(attempt, **time):
    """The attempt as if it had been started so much earlier."""
    back = timedelta(**time)
    Attempt.objects.filter(id=attempt["id"]).update(
        started_at=F("started_at") - back, deadline_at=F("deadline_at") - back
    )


def score(client, quiz, right):
    """The learner takes the quiz with so many right answers."""
    attempt = client.post(f"assessments/quizzes/{quiz.id}/attempts/").json
    if right:
        client.patch(f"assessments/attempts/{attempt['id']}/", {"answers": right_answers(quiz.id)[:right]})
    return client.post(f"assessments/attempts/{attempt['id']}/submit/").json["score"]


def own(client, course):
    return client.get(f"assessments/courses/{course.id}/grades/").json["results"]
