"""The report that a reader writes while it reads: one line for each element, in the order of the source."""

from typing import Final

from apps.content import errors
from apps.content.readers import markup
from apps.content.readers.markup import Element
from apps.content.types import Outcome, ReportLine

MAX_LINES: Final = 20_000
MAX_CHANGES: Final = 20


class Report:
    """Collects what became of each element; an element that was opened keeps its place when it is settled."""

    def __init__(self) -> None:
        self._lines: dict[str, ReportLine | None] = {}
        self._paths: dict[str, dict[Element, str]] = {}

    def locate(self, path: str, element: Element) -> str:
        """Name an element of a file as the report does: by its file and its path within."""
        if path not in self._paths:
            self._paths[path] = markup.paths_of(element.getroottree().getroot())
        return f"{path}#{self._paths[path][element]}"

    def open(self, source: str) -> None:
        """Keep the place of an element whose outcome depends on what it holds."""
        if len(self._lines) >= MAX_LINES:
            raise errors.TooManyElements(f"The course has more than {MAX_LINES} elements.")
        self._lines.setdefault(source, None)

    def knows(self, source: str) -> bool:
        """Tell whether the element has been met already."""
        return source in self._lines

    def is_settled(self, source: str) -> bool:
        """Tell whether the element's outcome has been stated."""
        return self._lines.get(source) is not None

    def settle(self, element: str, source: str, title: str, *, changes: list[str] | None = None) -> None:
        """State that an element was imported: as it is, or with the changes named."""
        words = list(dict.fromkeys(changes or ()))
        if len(words) > MAX_CHANGES:
            words[MAX_CHANGES:] = [f"and {len(words) - MAX_CHANGES} more changes of these kinds"]
        outcome = Outcome.CHANGED if words else Outcome.IMPORTED
        self._write(element, source, title, outcome, "; ".join(words))

    def leave_out(self, element: str, source: str, title: str, *, reason: str) -> None:
        """State that an element was left out, and why."""
        self._write(element, source, title, Outcome.LEFT_OUT, reason)

    def line(self, source: str) -> ReportLine:
        """Give the line of an element that was settled."""
        line = self._lines[source]
        if line is None:
            raise KeyError(source)
        return line

    def lines(self) -> tuple[ReportLine, ...]:
        """Give the finished report."""
        return tuple(line for line in self._lines.values() if line)

    def _write(self, element: str, source: str, title: str, outcome: Outcome, detail: str) -> None:
        self.open(source)
        self._lines[source] = ReportLine(element, source, title, outcome, detail)
