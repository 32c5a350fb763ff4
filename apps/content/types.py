"""A course as a reader hands it to the writer, and what becomes known of an import: plain, frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from apps.assessments.types import QuizCard, QuizSpec


class Outcome(StrEnum):
    """What became of one element of the source."""

    IMPORTED = "imported"
    CHANGED = "changed"
    LEFT_OUT = "left_out"


class ImportState(StrEnum):
    """How far an import has come."""

    PENDING = "pending"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class BodyFormat(StrEnum):
    """What the author of a lesson writes in."""

    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What became of one element; `source` is its file, and within XML its path (`problem/a.xml#/problem/p[2]`)."""

    element: str
    source: str
    title: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that the course uses; `location` is readable only while the source is open."""

    path: str
    filename: str
    sha256: str
    size: int
    location: Path


@dataclass(frozen=True, slots=True)
class ImportedDownload:
    """A file that a lesson offers."""

    path: str
    title: str


@dataclass(frozen=True, slots=True)
class ImportedLesson:
    """One lesson; `html` is sanitised and names the source's files as `static:path`, as do the quiz's texts.

    `video_url` is a link, or such a name of a film.
    """

    key: str
    title: str
    html: str = ""
    video_url: str = ""
    downloads: tuple[ImportedDownload, ...] = ()
    quiz: QuizSpec | None = None


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """One module with its lessons in order."""

    key: str
    title: str
    lessons: tuple[ImportedLesson, ...]


@dataclass(frozen=True, slots=True)
class ImportedCourse:
    """A whole course out of a foreign format; `key` names the source, so that a second import finds the same course."""

    format: str
    key: str
    title: str
    summary: str
    description: str
    language: str
    cover: str | None
    modules: tuple[ImportedModule, ...]
    files: tuple[ImportedFile, ...]
    report: tuple[ReportLine, ...]

    @property
    def lessons(self) -> tuple[ImportedLesson, ...]:
        """All lessons, in the order of the course."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: `written` counts the changes made, 0 when the course already was as the source has it."""

    course_id: UUID
    written: int
    report: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class Film:
    """The film of a lesson, with the address it plays from for a while."""

    id: UUID
    media_type: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class LessonContent:
    """A lesson's body in its newest version, ready to be shown: sanitised, its files as signed addresses."""

    lesson_id: UUID
    course_id: UUID
    title: str
    version: int
    format: BodyFormat
    source: str | None
    html: str
    video_url: str
    film: Film | None
    quiz: QuizCard | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a lesson offers, with the address it may be fetched from for a while."""

    id: UUID
    title: str
    filename: str
    media_type: str
    size: int
    url: str
