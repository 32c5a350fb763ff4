"""Tables of assessments."""

from apps.assessments.models.authoring import Choice, ExtraTime, Question, Quiz
from apps.assessments.models.taking import Answer, Attempt, AttemptState, Grade, Override

__all__ = [
    "Answer",
    "Attempt",
    "AttemptState",
    "Choice",
    "ExtraTime",
    "Grade",
    "Override",
    "Question",
    "Quiz",
]
