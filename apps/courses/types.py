"""What passes the door of courses: cards, outlines and lessons, plain and frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID


class Level(StrEnum):
    """How much a course expects its learners to know."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class CourseState(StrEnum):
    """Who may see a course: its team, everyone, or everyone who already has the address."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Sort(StrEnum):
    """The orders of the catalogue."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    POPULAR = "popular"
    RATING = "rating"
    CHEAPEST = "price"
    DEAREST = "-price"
    TITLE = "title"


class Price(StrEnum):
    """The two prices one can ask the catalogue for."""

    FREE = "free"
    PAID = "paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCard:
    """A course as others show it. The price is in minor units of an ISO 4217 currency."""

    id: UUID
    title: str
    summary: str
    language: str
    level: Level
    price_amount: int
    currency: str
    capacity: int | None
    author_id: UUID
    author_name: str
    cover_id: UUID | None
    state: CourseState
    published_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineLesson:
    """A lesson in its place; positions count from 1 within the module."""

    id: UUID
    title: str
    position: int
    is_preview: bool
    is_required: bool
    needs_quiz: bool
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineModule:
    """A module in its place, with its lessons in order."""

    id: UUID
    title: str
    position: int
    lessons: tuple[OutlineLesson, ...]
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """All that is to be learnt in a course, in order; what was removed is not in it."""

    course_id: UUID
    version: int
    modules: tuple[OutlineModule, ...]

    @property
    def lessons(self) -> tuple[OutlineLesson, ...]:
        return tuple(lesson for module in self.modules for lesson in module.lessons)


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRef:
    """One lesson and where it belongs; a removed lesson stays known, so that what points at it can be shown."""

    id: UUID
    course_id: UUID
    module_id: UUID
    title: str
    is_preview: bool
    is_required: bool
    needs_quiz: bool
    is_removed: bool
    course_state: CourseState


class CourseChanges(TypedDict, total=False):
    """What may be changed of a course; absent means as it is."""

    title: str
    summary: str
    description: str
    language: str
    level: Level
    price_amount: int
    currency: str
    capacity: int | None
    cover_id: UUID | None
    category_slugs: Sequence[str]


class LessonChanges(TypedDict, total=False):
    """What may be changed of a lesson; absent means as it is."""

    title: str
    is_preview: bool
    is_required: bool
