"""An attempt as people see it: what is right only once it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from apps.assessments.models import Answer, Attempt, AttemptState
from apps.assessments.queries.attempts import get_attempt, list_answers
from apps.media import api as media
from learninghub.rich_text import file_ids, with_addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChoice:
    """A choice; whether it is right and why is None while the attempt is open."""

    id: UUID
    text: str
    is_correct: bool | None
    feedback: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuestion:
    """A question with what was given; the last four are None while the attempt is open."""

    question_id: UUID
    kind: str
    prompt: str
    points: Decimal
    choices: tuple[ShownChoice, ...]
    chosen: tuple[UUID, ...]
    text: str
    saved_at: datetime | None
    earned: Decimal | None
    is_right: bool | None
    right_answers: tuple[str, ...] | None
    explanation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole attempt; `clock` is the database's, by which the deadline is kept."""

    id: UUID
    quiz_id: UUID
    user_id: UUID
    number: int
    state: str
    started_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    clock: datetime
    possible_points: Decimal
    points: Decimal | None
    score: Decimal | None
    is_passed: bool | None
    questions: tuple[ShownQuestion, ...]


def get_sheet(*, attempt_id: UUID, reader_id: UUID, now: datetime) -> Sheet:
    """The attempt for its learner or an instructor of the course; raises AttemptNotFound."""
    attempt = get_attempt(attempt_id=attempt_id, reader_id=reader_id)
    return sheet_of(attempt=attempt, answers=list_answers(attempt_id=attempt_id), now=now)


def sheet_of(*, attempt: Attempt, answers: Sequence[Answer], now: datetime) -> Sheet:
    """The attempt and its answers (from `list_answers`) as shown; pictures get addresses that hold for a while."""
    addresses = media.signed_urls(asset_ids=ids, now=now) if (ids := _files(answers)) else {}
    return Sheet(
        id=attempt.id,
        quiz_id=attempt.quiz_id,
        user_id=attempt.user_id,
        number=attempt.number,
        state=attempt.state,
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        closed_at=attempt.closed_at,
        clock=attempt.clock,
        possible_points=attempt.possible_points,
        points=attempt.points,
        score=attempt.score,
        is_passed=attempt.is_passed,
        questions=tuple(
            _question(answer, is_closed=attempt.state != AttemptState.OPEN, addresses=addresses) for answer in answers
        ),
    )


def _question(answer: Answer, *, is_closed: bool, addresses: dict[UUID, str]) -> ShownQuestion:
    question = answer.question
    return ShownQuestion(
        question_id=question.id,
        kind=question.kind,
        prompt=with_addresses(question.prompt, addresses),
        points=question.points,
        choices=_choices(answer, is_closed=is_closed, addresses=addresses),
        chosen=tuple(answer.chosen),
        text=answer.text,
        saved_at=answer.saved_at,
        earned=answer.points if is_closed else None,
        is_right=answer.points == question.points if is_closed else None,
        right_answers=tuple(question.answers) if is_closed else None,
        explanation=with_addresses(question.explanation, addresses) if is_closed else None,
    )


def _choices(answer: Answer, *, is_closed: bool, addresses: dict[UUID, str]) -> tuple[ShownChoice, ...]:
    by_id = {UUID(choice["id"]): choice for choice in answer.choices}
    return tuple(
        ShownChoice(
            id=choice_id,
            text=with_addresses(by_id[choice_id]["text"], addresses),
            is_correct=by_id[choice_id]["is_correct"] if is_closed else None,
            feedback=with_addresses(by_id[choice_id]["feedback"], addresses) if is_closed else None,
        )
        for choice_id in answer.choice_order
    )


def _files(answers: Sequence[Answer]) -> set[UUID]:
    texts = [text for answer in answers for text in (answer.question.prompt, answer.question.explanation)]
    texts += [text for answer in answers for choice in answer.choices for text in (choice["text"], choice["feedback"])]
    return {found for text in texts for found in file_ids(text)}
