"""The writes of enrollments, by topic."""

from apps.enrollments.actions.enrolment import enrol, ensure_enrolled, rename_learner, take_back, withdraw
from apps.enrollments.actions.outline import follow_outline, recount_batch
from apps.enrollments.actions.progress import record_progress, record_quiz_result
from apps.enrollments.actions.seats import hold_seat, release_lapsed, release_seat

__all__ = [
    "enrol",
    "ensure_enrolled",
    "follow_outline",
    "hold_seat",
    "record_progress",
    "record_quiz_result",
    "recount_batch",
    "release_lapsed",
    "release_seat",
    "rename_learner",
    "take_back",
    "withdraw",
]
