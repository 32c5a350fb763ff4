"""Quizzes for other tests, made through the door, and answers that pass or fail them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.assessments import api as assessments
from apps.assessments.models import Quiz
from apps.assessments.types import Choice, QuestionKind, QuestionSpec, QuizCard, QuizSpec
from apps.courses import api as courses
from learninghub.clock import now

SINGLE = QuestionSpec(
    QuestionKind.SINGLE,
    "<p>What is 2 + 2?</p>",
    Decimal(1),
    choices=(Choice("4", True, "Yes."), Choice("5", False, "One too many."), Choice("22", False)),
    explanation="<p>Two and two are four.</p>",
    source_key="sum",
)
MULTIPLE = QuestionSpec(
    QuestionKind.MULTIPLE,
    "<p>Which are prime?</p>",
    Decimal(3),
    choices=(Choice("2", True), Choice("3", True), Choice("5", True), Choice("4", False), Choice("9", False)),
    source_key="primes",
)
TRUE_FALSE = QuestionSpec(
    QuestionKind.TRUE_FALSE,
    "<p>The earth is round.</p>",
    Decimal(1),
    choices=(Choice("True", True), Choice("False", False)),
    source_key="earth",
)
NUMERICAL = QuestionSpec(
    QuestionKind.NUMERICAL,
    "<p>How much is pi?</p>",
    Decimal(2),
    answers=("3.14159",),
    tolerance=Decimal("0.01"),
    source_key="pi",
)
SHORT_TEXT = QuestionSpec(
    QuestionKind.SHORT_TEXT,
    "<p>Which state has Ann Arbor?</p>",
    Decimal(3),
    answers=("Michigan", "the state of michigan"),
    source_key="state",
)
ALL_KINDS = (SINGLE, MULTIPLE, TRUE_FALSE, NUMERICAL, SHORT_TEXT)  # ten points


def make_quiz(lesson_id: UUID, *questions: QuestionSpec, title: str = "Quiz", **settings: Any) -> QuizCard:
    """The lesson's quiz, by its course's author; a question of every kind (10 points) unless others are given."""
    spec = QuizSpec(title, questions or ALL_KINDS, **settings)
    assessments.sync_quiz(lesson_id=lesson_id, spec=spec, by=_author_id(lesson_id), now=now())
    card = assessments.find_quiz(lesson_id=lesson_id)
    assert card is not None
    return card


def numbered(count: int) -> tuple[QuestionSpec, ...]:
    """So many questions of one point each, all answered by 4."""
    return tuple(replace(SINGLE, source_key=f"sum-{number}", prompt=f"{number}: 2 + 2?") for number in range(count))


def right_answers(quiz_id: UUID) -> list[dict[str, Any]]:
    """What a learner who knows everything sends to `PATCH assessments/attempts/{id}/` as `answers`."""
    return [_answer(question, is_right=True) for question in _questions(quiz_id)]


def wrong_answers(quiz_id: UUID) -> list[dict[str, Any]]:
    """What a learner sends who knows nothing."""
    return [_answer(question, is_right=False) for question in _questions(quiz_id)]


def pass_quiz(client: Any, quiz_id: UUID) -> Any:
    """Takes the whole quiz over HTTP, all right; the graded attempt as JSON."""
    attempt = client.post(f"assessments/quizzes/{quiz_id}/attempts/").json
    saved = client.patch(f"assessments/attempts/{attempt['id']}/", {"answers": right_answers(quiz_id)})
    assert saved.status == 200, saved.text
    graded = client.post(f"assessments/attempts/{attempt['id']}/submit/")
    assert graded.json["is_passed"], graded.text
    return graded.json


def _author_id(lesson_id: UUID) -> UUID:
    return courses.get_card(course_id=courses.get_lesson(lesson_id=lesson_id).course_id).author_id


def _questions(quiz_id: UUID) -> list[Any]:
    return list(Quiz.objects.get(id=quiz_id).questions.live().order_by("position").prefetch_related("choices"))


def _answer(question: Any, *, is_right: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {"question_id": str(question.id)}
    if question.choices.all():
        answer["chosen"] = [str(choice.id) for choice in question.choices.all() if choice.is_correct == is_right]
        if question.kind != QuestionKind.MULTIPLE:
            answer["chosen"] = answer["chosen"][:1]
    elif question.kind == QuestionKind.NUMERICAL:
        answer["text"] = question.answers[0] if is_right else "-999999"
    else:
        answer["text"] = question.answers[0].replace("*", "") if is_right else "no idea"
    return answer
