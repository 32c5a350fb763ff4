"""The writes of reviews, by topic."""

from apps.reviews.actions.moderation import hide_review, report_review, restore_review
from apps.reviews.actions.talking import give_feedback, reply
from apps.reviews.actions.writing import edit_review, post_review, rename_author, withdraw_review

__all__ = [
    "edit_review",
    "give_feedback",
    "hide_review",
    "post_review",
    "rename_author",
    "reply",
    "report_review",
    "restore_review",
    "withdraw_review",
]
