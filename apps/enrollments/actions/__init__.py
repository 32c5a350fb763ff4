"""The writes of enrollments, by topic."""

from apps.enrollments.actions.enrolment import enrol, ensure_enrolled, rename_learner, withdraw
from apps.enrollments.actions.outline import follow_outline, recount_batch
from apps.enrollments.actions.progress import record_progress, record_quiz_result

__all__ = [
    "enrol",
    "ensure_enrolled",
    "follow_outline",
    "record_progress",
    "record_quiz_result",
    "recount_batch",
    "rename_learner",
    "withdraw",
]
