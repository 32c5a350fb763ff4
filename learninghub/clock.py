"""The clock at the edge: views, handlers and tasks read it; actions, queries and rules are told the time."""

from django.utils.timezone import now

__all__ = ["now"]
