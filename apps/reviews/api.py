"""The door of reviews: saying how courses are, answering, asking staff to look, for the demo; figures, for staff."""

from apps.reviews.actions import hide_review, post_review, reply, report_review
from apps.reviews.queries import figures

__all__ = ["figures", "hide_review", "post_review", "reply", "report_review"]
