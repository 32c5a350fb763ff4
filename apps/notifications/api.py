"""The door of notifications: what became of the mails, for the staff's dashboard."""

from datetime import date

from apps.notifications.queries import outcomes
from learninghub.db import Figures


def figures(*, first: date, last: date) -> Figures:
    """The mails of each day that were sent, that failed, and whose fate nobody knows."""
    return outcomes.figures(first=first, last=last)
