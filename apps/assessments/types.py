"""What passes the door of assessments: questions and quizzes as plain, frozen values."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class QuestionKind(StrEnum):
    """How a question is answered; true/false has exactly two choices."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERICAL = "numerical"
    SHORT_TEXT = "short_text"


class ToleranceKind(StrEnum):
    """Whether a numerical tolerance is a distance or a percentage of the right answer."""

    ABSOLUTE = "absolute"
    PERCENT = "percent"


class Keep(StrEnum):
    """Which of a learner's attempts counts."""

    BEST = "best"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `text` and `feedback` are sanitised HTML."""

    text: str
    is_correct: bool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """A question as an author or an import states it.

    `choices` for single, multiple and true_false; `answers` for numerical (numbers as written) and short_text
    (alternatives, `*` for anything, `\\*` for a star). `source_key` names the question in its source,
    so that a second import finds it again.
    """

    kind: QuestionKind
    prompt: str
    points: Decimal
    choices: tuple[Choice, ...] = ()
    answers: tuple[str, ...] = ()
    tolerance: Decimal | None = None
    tolerance_kind: ToleranceKind = ToleranceKind.ABSOLUTE
    case_sensitive: bool = False
    explanation: str = ""
    source_key: str = ""


@dataclass(frozen=True, slots=True)
class QuizSpec:
    """A quiz as an author or an import states it; no limit is None."""

    title: str
    questions: tuple[QuestionSpec, ...]
    pass_percent: int = 60
    is_required: bool = True
    attempt_limit: int | None = None
    time_limit_s: int | None = None
    shuffle: bool = False
    keep: Keep = Keep.BEST
    partial_credit: bool = True


@dataclass(frozen=True, slots=True)
class SyncedQuiz:
    """What a synchronisation did; `written` counts the rows it changed."""

    quiz_id: UUID
    written: int


@dataclass(frozen=True, slots=True)
class QuizCard:
    """A quiz as other apps may show it."""

    id: UUID
    lesson_id: UUID
    course_id: UUID
    title: str
    pass_percent: int
    is_required: bool
