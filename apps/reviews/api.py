"""The door of reviews: saying how a course is, and answering, for the demo."""

from apps.reviews.actions import post_review, reply

__all__ = ["post_review", "reply"]
