"""Starting an attempt and saving its answers."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from apps.assessments.actions.grading import close_if_late, lock_grade
from apps.assessments.errors import AttemptClosed, DeadlinePassed, NoAttemptsLeft, QuizIsEmpty, QuizNotFound
from apps.assessments.models import Answer, Attempt, AttemptState, ExtraTime, Question, Quiz
from apps.assessments.queries.attempts import find_open, lock_own
from apps.assessments.queries.quizzes import with_choices
from apps.assessments.rules import scoring
from apps.assessments.rules.scoring import Response
from apps.assessments.rules.shapes import response_problem
from apps.assessments.types import QuestionKind
from learninghub.errors import Invalid

# Editors lock the quiz to write, starters lock it to read: a question cannot change between being read and being asked.
_QUIZ_AND_CLOCK = """
select quiz.*, statement_timestamp() as clock
  from assessments_quiz quiz
 where quiz.id = %s and quiz.removed_at is null
   for share of quiz
"""

_SAVE = """
update assessments_answer answer
   set chosen = given.chosen, text = given.text,
       saved_at = statement_timestamp(), updated_at = statement_timestamp()
  from jsonb_to_recordset(%s) as given (id uuid, chosen uuid[], text text)
 where answer.id = given.id
"""


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt to go on with, and whether it is a new one."""

    attempt_id: UUID
    is_new: bool


@transaction.atomic
def start_attempt(*, quiz_id: UUID, user_id: UUID) -> Started:
    """Gives the learner their open attempt, or begins one: questions, order and deadline are fixed here.

    The database's clock counts. An open attempt whose time is over is closed first. Locks the quiz against its editors
    and the learner's grade, so that two starts at once make one attempt. Raises QuizNotFound, QuizIsEmpty,
    NoAttemptsLeft.
    """
    quiz = next(iter(Quiz.objects.raw(_QUIZ_AND_CLOCK, [quiz_id])), None)
    if quiz is None:
        raise QuizNotFound
    if (left := find_open(quiz_id=quiz_id, user_id=user_id)) is not None and left.is_late:
        close_if_late(attempt_id=left.id, now=left.clock)
    grade = lock_grade(quiz_id=quiz_id, user_id=user_id)
    if (open_attempt := find_open(quiz_id=quiz_id, user_id=user_id)) is not None:
        return Started(open_attempt.id, is_new=False)
    if quiz.attempt_limit is not None and grade.attempts >= quiz.attempt_limit:
        raise NoAttemptsLeft
    grade.attempts += 1
    grade.save(update_fields=["attempts", "updated_at"])
    return Started(_begin(quiz, user_id=user_id, number=grade.attempts).id, is_new=True)


@transaction.atomic
def save_answers(*, attempt_id: UUID, user_id: UUID, answers: Mapping[UUID, Response]) -> Attempt:
    """Keeps answers by question, each on its own, until the deadline and its grace; harmless twice.

    Locks the attempt, so that nothing is saved behind its grading. Raises AttemptNotFound, AttemptClosed,
    DeadlinePassed, Invalid for what the attempt does not ask or its question cannot take.
    """
    attempt = lock_own(attempt_id=attempt_id, user_id=user_id)
    if attempt.state != AttemptState.OPEN:
        raise AttemptClosed
    if attempt.is_late:
        raise DeadlinePassed
    of_these = Answer.objects.filter(attempt_id=attempt_id, question_id__in=answers)
    kept = list(of_these.select_related("question").order_by("position", "id"))
    changed = [answer for answer in kept if _take(answer, answers[answer.question_id])]
    unknown = set(answers) - {answer.question_id for answer in kept}
    if unknown:
        raise Invalid(errors={f"answers.{question_id}": ["The attempt does not ask this."] for question_id in unknown})
    if changed:
        _write_answers(changed)
    return attempt


def _write_answers(answers: Sequence[Answer]) -> None:
    given = [{"id": str(one.id), "chosen": [str(choice) for choice in one.chosen], "text": one.text} for one in answers]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [json.dumps(given)])


def _begin(quiz: Quiz, *, user_id: UUID, number: int) -> Attempt:
    questions = list(with_choices(Question.objects.live().filter(quiz_id=quiz.id)).order_by("position", "id"))
    if not questions:
        raise QuizIsEmpty
    extra = ExtraTime.objects.filter(quiz_id=quiz.id, user_id=user_id).values_list("seconds", flat=True).first()
    seed = secrets.randbelow(2**31)
    attempt = Attempt.objects.create(
        quiz_id=quiz.id,
        user_id=user_id,
        number=number,
        seed=seed,
        started_at=quiz.clock,
        deadline_at=scoring.deadline(quiz.clock, time_limit_s=quiz.time_limit_s, extra_s=extra or 0),
        possible_points=sum(question.points for question in questions),
    )
    ordered = scoring.shuffled(questions, seed=seed) if quiz.shuffle else questions
    Answer.objects.bulk_create(
        Answer(
            attempt=attempt,
            question=question,
            position=position,
            choice_order=_choice_order(question, seed=seed + position if quiz.shuffle else None),
        )
        for position, question in enumerate(ordered, start=1)
    )
    return attempt


def _choice_order(question: Question, *, seed: int | None) -> Sequence[UUID]:
    choices = [choice.id for choice in question.choices.all()]
    if seed is None or question.kind == QuestionKind.TRUE_FALSE:
        return choices
    return scoring.shuffled(choices, seed=seed)


def _take(answer: Answer, response: Response) -> bool:
    problem = response_problem(QuestionKind(answer.question.kind), response, choices=frozenset(answer.choice_order))
    if problem:
        raise Invalid(errors={f"answers.{answer.question_id}": [problem]})
    chosen = [choice_id for choice_id in answer.choice_order if choice_id in response.chosen]
    is_new = (chosen, response.text) != (answer.chosen, answer.text)
    answer.chosen, answer.text = chosen, response.text
    return is_new
