"""The door of notifications: what became of the mails, for the dashboard; reading and refusing news, for the demo."""

from datetime import date

from apps.notifications.actions import mark_all_read, stop_mails
from apps.notifications.queries import outcomes
from learninghub.db import Figures

__all__ = ["figures", "mark_all_read", "stop_mails"]


def figures(*, first: date, last: date) -> Figures:
    """The mails of each day that were sent, that failed, and whose fate nobody knows."""
    return outcomes.figures(first=first, last=last)
