"""The door of content: what the demo and other ways of writing courses need."""

from datetime import date

from apps.content.actions.imports import import_path
from apps.content.actions.lessons import add_resource, write_lesson
from apps.content.queries import imports
from learninghub.db import Figures

__all__ = ["add_resource", "figures", "import_path", "write_lesson"]


def figures(*, first: date, last: date) -> Figures:
    """The imports of each day that failed."""
    return imports.figures(first=first, last=last)
