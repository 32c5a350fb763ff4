"""What a question or a quiz must be before it can be asked and graded."""

from collections.abc import Set as AbstractSet
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from apps.assessments.rules.scoring import CHOSEN_KINDS, Response
from apps.assessments.rules.written import is_catch_all, read_number
from apps.assessments.types import QuestionKind, QuestionSpec, QuizSpec

MOST_CHOICES = 50
MOST_ANSWERS = 50
MOST_POINTS = Decimal(1000)
MOST_TOLERANCE = Decimal(10) ** 18
MOST_ATTEMPTS = 1000
LONGEST_TIME = timedelta(days=30)
_MOST_SECONDS = int(LONGEST_TIME.total_seconds())


def question_problems(spec: QuestionSpec) -> dict[str, list[str]]:
    """What is wrong with a question as stated, by field; nothing when it can be asked and graded."""
    problems: dict[str, list[str]] = {}
    for field, is_wrong, words in (
        ("prompt", not spec.prompt.strip(), "A question needs words."),
        ("source_key", len(spec.source_key) > 200, "A source key has at most 200 characters."),
        (
            "points",
            not (spec.points.is_finite() and 0 < spec.points <= MOST_POINTS),
            f"Points are more than 0 and at most {MOST_POINTS}.",
        ),
        (
            "points",
            spec.points.is_finite() and spec.points != round(spec.points, 2),
            "Points have at most two decimal places.",
        ),
        *(_choices_checks(spec) if spec.kind in CHOSEN_KINDS else _answers_checks(spec)),
    ):
        if is_wrong:
            problems.setdefault(field, []).append(words)
    return problems


def quiz_problems(spec: QuizSpec) -> dict[str, list[str]]:
    """What is wrong with a quiz as stated, by field; its questions as `questions.0.choices`."""
    checks = (
        ("title", not 1 <= len(spec.title.strip()) <= 200, "A quiz needs a title of at most 200 characters."),
        ("pass_percent", not 0 <= spec.pass_percent <= 100, "A percentage is 0 to 100."),
        ("attempt_limit", not _is_within(spec.attempt_limit, MOST_ATTEMPTS), f"A limit is 1 to {MOST_ATTEMPTS}."),
        ("time_limit_s", not _is_within(spec.time_limit_s, _MOST_SECONDS), f"A limit is 1 to {_MOST_SECONDS} seconds."),
        (
            "questions",
            _has_twice(tuple(q.source_key for q in spec.questions if q.source_key)),
            "A source key is there twice.",
        ),
    )
    problems = {field: [words] for field, is_wrong, words in checks if is_wrong}
    for number, question in enumerate(spec.questions):
        problems |= {f"questions.{number}.{field}": words for field, words in question_problems(question).items()}
    return problems


def response_problem(kind: QuestionKind, response: Response, *, choices: AbstractSet[UUID]) -> str | None:
    """Why a question cannot take this response, or None; an empty response takes the answer back."""
    if kind in CHOSEN_KINDS:
        if response.text:
            return "This question is answered by choosing."
        if not response.chosen <= choices:
            return "This question has no such choice."
        if kind is not QuestionKind.MULTIPLE and len(response.chosen) > 1:
            return "Only one may be chosen."
        return None
    return "This question is answered in writing." if response.chosen else None


def _choices_checks(spec: QuestionSpec) -> tuple[tuple[str, bool, str], ...]:
    right = sum(choice.is_correct for choice in spec.choices)
    is_multiple, is_true_false = spec.kind is QuestionKind.MULTIPLE, spec.kind is QuestionKind.TRUE_FALSE
    return (
        ("choices", not 2 <= len(spec.choices) <= MOST_CHOICES, f"There are 2 to {MOST_CHOICES} choices."),
        ("choices", is_true_false and len(spec.choices) != 2, "True or false is two choices."),
        ("choices", not is_multiple and right != 1, "Exactly one choice is right."),
        ("choices", is_multiple and right == 0, "At least one choice is right."),
        ("choices", any(not choice.text.strip() for choice in spec.choices), "A choice needs words."),
        ("answers", bool(spec.answers), "A question with choices has no written answers."),
    )


def _answers_checks(spec: QuestionSpec) -> tuple[tuple[str, bool, str], ...]:
    is_number = spec.kind is QuestionKind.NUMERICAL
    tolerance = spec.tolerance or Decimal(0)
    return (
        ("choices", bool(spec.choices), "A written answer has no choices."),
        (
            "answers",
            not 1 <= len(spec.answers) <= MOST_ANSWERS,
            f"There are 1 to {MOST_ANSWERS} right answers.",
        ),
        (
            "answers",
            is_number and any(read_number(answer) is None for answer in spec.answers),
            "A right answer must be a number.",
        ),
        (
            "answers",
            not is_number and any(is_catch_all(answer) for answer in spec.answers),
            "A right answer asks for something.",
        ),
        ("tolerance", not (tolerance.is_finite() and tolerance >= 0), "A tolerance is not negative."),
        (
            "tolerance",
            tolerance.is_finite() and (tolerance > MOST_TOLERANCE or tolerance != round(tolerance, 20)),
            "A tolerance has at most 18 digits before and 20 behind the point.",
        ),
    )


def _is_within(limit: int | None, most: int) -> bool:
    return limit is None or 1 <= limit <= most


def _has_twice(keys: tuple[str, ...]) -> bool:
    return len(set(keys)) < len(keys)
