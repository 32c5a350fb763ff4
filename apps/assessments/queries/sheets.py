"""An attempt with all it asks: as stored, for grading, and as people see it, what is right only once it is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from apps.assessments.models import Attempt, AttemptState
from apps.assessments.queries.attempts import get_attempt
from apps.media import api as media
from learninghub.rich_text import file_ids, with_addresses

StoredChoice = tuple[str, bool, str]

# Read on every start, look and submission: one statement with a flat mapper; its columns are the fields of Asked.
_ASKED = """
select answer.id, answer.question_id, answer.choice_order, answer.chosen, answer.text, answer.saved_at,
       answer.points, question.kind, question.prompt, question.points, question.answers, question.tolerance,
       question.tolerance_kind, question.case_sensitive, question.explanation,
       choice.ids, choice.texts, choice.rights, choice.feedbacks
  from assessments_answer answer
  join assessments_question question on question.id = answer.question_id
 cross join lateral (
       select array_agg(id) as ids, array_agg(text) as texts, array_agg(is_correct) as rights,
              array_agg(feedback) as feedbacks
         from assessments_choice
        where question_id = question.id
       ) choice
 where answer.attempt_id = %s
 order by answer.position
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as one attempt asks it, and what was given; the last four run in parallel, None without choices."""

    id: UUID
    question_id: UUID
    choice_order: list[UUID]
    chosen: list[UUID]
    text: str
    saved_at: datetime | None
    earned: Decimal | None
    kind: str
    prompt: str
    points: Decimal
    answers: list[str]
    tolerance: Decimal | None
    tolerance_kind: str
    case_sensitive: bool
    explanation: str
    choice_ids: list[UUID] | None
    choice_texts: list[str] | None
    choice_rights: list[bool] | None
    choice_feedbacks: list[str] | None

    def choices(self) -> dict[UUID, StoredChoice]:
        """Text, rightness and feedback of each choice."""
        parts = zip(self.choice_texts or (), self.choice_rights or (), self.choice_feedbacks or (), strict=True)
        return dict(zip(self.choice_ids or (), parts, strict=True))


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
    """A whole attempt, in the shape in which it is answered; `clock` is the database's, which keeps the deadline."""

    id: UUID
    quiz_id: UUID
    number: int
    state: str
    started_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    possible_points: Decimal
    points: Decimal | None
    score: Decimal | None
    is_passed: bool | None
    user_id: UUID
    clock: datetime
    questions: tuple[ShownQuestion, ...]


_COPIED = tuple(field.name for field in fields(Sheet) if field.name != "questions")


def list_asked(*, attempt_id: UUID) -> list[Asked]:
    """What the attempt asks, in its order, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [attempt_id])
        return [Asked(*row) for row in cursor.fetchall()]


def get_sheet(*, attempt_id: UUID, reader_id: UUID, now: datetime) -> Sheet:
    """The attempt for its learner or an instructor of the course; raises AttemptNotFound."""
    attempt = get_attempt(attempt_id=attempt_id, reader_id=reader_id)
    return sheet_of(attempt=attempt, asked=list_asked(attempt_id=attempt_id), now=now)


def sheet_of(*, attempt: Attempt, asked: Sequence[Asked], now: datetime) -> Sheet:
    """The attempt as shown, pictures with addresses that hold for a while."""
    addresses = media.signed_urls(asset_ids=ids, now=now) if (ids := _files(asked)) else {}
    is_closed = attempt.state != AttemptState.OPEN
    questions = tuple(_question(one, is_closed=is_closed, addresses=addresses) for one in asked)
    return Sheet(questions=questions, **{name: getattr(attempt, name) for name in _COPIED})


def _question(asked: Asked, *, is_closed: bool, addresses: Mapping[UUID, str]) -> ShownQuestion:
    choices = asked.choices()
    return ShownQuestion(
        question_id=asked.question_id,
        kind=asked.kind,
        prompt=with_addresses(asked.prompt, addresses),
        points=asked.points,
        choices=tuple(
            _choice(choice_id, choices[choice_id], is_closed=is_closed, addresses=addresses)
            for choice_id in asked.choice_order
        ),
        chosen=tuple(asked.chosen),
        text=asked.text,
        saved_at=asked.saved_at,
        earned=asked.earned if is_closed else None,
        is_right=asked.earned == asked.points if is_closed else None,
        right_answers=tuple(asked.answers) if is_closed else None,
        explanation=with_addresses(asked.explanation, addresses) if is_closed else None,
    )


def _choice(choice_id: UUID, stored: StoredChoice, *, is_closed: bool, addresses: Mapping[UUID, str]) -> ShownChoice:
    text, is_right, feedback = stored
    return ShownChoice(
        id=choice_id,
        text=with_addresses(text, addresses),
        is_correct=is_right if is_closed else None,
        feedback=with_addresses(feedback, addresses) if is_closed else None,
    )


def _files(asked: Sequence[Asked]) -> set[UUID]:
    texts = [text for one in asked for text in (one.prompt, one.explanation)]
    texts += [text for one in asked for text in (*(one.choice_texts or ()), *(one.choice_feedbacks or ()))]
    return {found for text in texts for found in file_ids(text)}
