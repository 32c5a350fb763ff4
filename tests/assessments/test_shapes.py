"""Which questions and quizzes can be asked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.assessments.rules.shapes import question_problems, quiz_problems
from apps.assessments.types import Choice, QuestionKind, QuestionSpec, QuizSpec

RIGHT, WRONG = Choice("4", is_correct=True), Choice("5", is_correct=False)
SINGLE = QuestionSpec(QuestionKind.SINGLE, "<p>2 + 2?</p>", Decimal(1), choices=(RIGHT, WRONG))
NUMBER = QuestionSpec(QuestionKind.NUMERICAL, "Pi?", Decimal(1), answers=("3.14",), tolerance=Decimal("0.01"))
QUIZ = QuizSpec("Sums", (SINGLE, NUMBER))


@pytest.mark.parametrize(
    "question",
    [
        SINGLE,
        NUMBER,
        replace(SINGLE, kind=QuestionKind.TRUE_FALSE),
        replace(SINGLE, kind=QuestionKind.MULTIPLE, choices=(RIGHT, RIGHT)),
        replace(NUMBER, kind=QuestionKind.SHORT_TEXT, answers=("a*", "b")),
        replace(SINGLE, points=Decimal("0.25")),
    ],
)
def test_a_whole_question_has_no_problems(question):
    assert question_problems(question) == {}


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        (replace(SINGLE, prompt="  "), {"prompt"}),
        (replace(SINGLE, points=Decimal(0)), {"points"}),
        (replace(SINGLE, points=Decimal(-1)), {"points"}),
        (replace(SINGLE, points=Decimal("1000.01")), {"points"}),
        (replace(SINGLE, points=Decimal("0.001")), {"points"}),
        (replace(SINGLE, points=Decimal("NaN")), {"points"}),
        (replace(SINGLE, choices=(RIGHT,)), {"choices"}),
        (replace(SINGLE, choices=(RIGHT, RIGHT)), {"choices"}),
        (replace(SINGLE, choices=(WRONG, WRONG)), {"choices"}),
        (replace(SINGLE, choices=(RIGHT, Choice(" ", is_correct=False))), {"choices"}),
        (replace(SINGLE, choices=(RIGHT, *[WRONG] * 50)), {"choices"}),
        (replace(SINGLE, kind=QuestionKind.TRUE_FALSE, choices=(RIGHT, WRONG, WRONG)), {"choices"}),
        (replace(SINGLE, kind=QuestionKind.MULTIPLE, choices=(WRONG, WRONG)), {"choices"}),
        (replace(SINGLE, answers=("4",)), {"answers"}),
        (replace(NUMBER, answers=("pi",)), {"answers"}),
        (replace(NUMBER, answers=()), {"answers"}),
        (replace(NUMBER, choices=(RIGHT, WRONG)), {"choices"}),
        (replace(NUMBER, tolerance=Decimal(-1)), {"tolerance"}),
        (replace(NUMBER, tolerance=Decimal("Infinity")), {"tolerance"}),
        (replace(NUMBER, kind=QuestionKind.SHORT_TEXT, answers=("*",)), {"answers"}),
        (replace(NUMBER, kind=QuestionKind.SHORT_TEXT, answers=("ok", " ")), {"answers"}),
    ],
)
def test_a_question_that_cannot_be_graded_is_named_by_its_field(question, fields):
    assert set(question_problems(question)) == fields


@pytest.mark.parametrize(
    ("quiz", "fields"),
    [
        (QUIZ, set()),
        (replace(QUIZ, questions=()), set()),
        (replace(QUIZ, title=" "), {"title"}),
        (replace(QUIZ, pass_percent=101), {"pass_percent"}),
        (replace(QUIZ, pass_percent=-1), {"pass_percent"}),
        (replace(QUIZ, attempt_limit=0), {"attempt_limit"}),
        (replace(QUIZ, time_limit_s=0), {"time_limit_s"}),
        (replace(QUIZ, questions=(SINGLE, replace(NUMBER, answers=()))), {"questions.1.answers"}),
        (replace(QUIZ, questions=(replace(SINGLE, source_key="a"),) * 2), {"questions"}),
    ],
)
def test_a_quizs_problems_are_named_with_the_questions_place(quiz, fields):
    assert set(quiz_problems(quiz)) == fields
