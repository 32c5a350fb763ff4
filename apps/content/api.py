"""The door of content: what the demo and other ways of writing courses need."""

from apps.content.actions.imports import import_path
from apps.content.actions.lessons import add_resource, write_lesson

__all__ = ["add_resource", "import_path", "write_lesson"]
