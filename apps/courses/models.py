"""Tables of courses: courses with their teams and categories, modules, lessons."""

from __future__ import annotations

from typing import ClassVar, cast
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Deferrable, F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Lower, Round

from apps.courses import rules
from apps.courses.types import CourseState, Level
from learninghub.db import BaseModel


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _search_vector() -> RawSQL:
    """What the catalogue searches, kept by PostgreSQL itself.

    Every text stands in it twice: as it is written, without accents and punctuation (so that beginnings of words and
    other languages match), and by the stems of the course's language.
    """
    folded = (
        f"translate(%s, {_literal(rules.ACCENTED + rules.PUNCTUATION)}, "
        f"{_literal(rules.PLAIN + ' ' * len(rules.PUNCTUATION))})"
    )
    spaced = f"translate(%s, {_literal(rules.PUNCTUATION)}, {_literal(' ' * len(rules.PUNCTUATION))})"
    cases = " ".join(f"WHEN '{tag}' THEN '{name}'::regconfig" for tag, name in rules.DICTIONARIES.items())
    stems = f"CASE split_part(language, '-', 1) {cases} ELSE 'simple'::regconfig END"
    weighted = {"title": "A", "summary": "B", "description": "D"}
    return RawSQL(  # noqa: S611 - constants of this module only
        " || ".join(
            f"setweight(to_tsvector('simple', {folded % column}), '{weight}') || "
            f"setweight(to_tsvector({stems}, {spaced % column}), '{weight}')"
            for column, weight in weighted.items()
        ),
        (),
    )


class Category(BaseModel):
    """A shelf of the catalogue; shelves stand within shelves."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="courses_category_not_in_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CourseQuery(models.QuerySet["Course"]):
    """The courses that still are, and those someone teaches."""

    def kept(self) -> CourseQuery:
        return self.filter(removed_at__isnull=True)

    def taught_by(self, user_id: UUID) -> CourseQuery:
        return self.kept().filter(team__user_id=user_id)


class CourseManager(models.Manager.from_queryset(CourseQuery)):  # type: ignore[misc]
    """Leaves the search vector where it is: only PostgreSQL reads it."""

    def get_queryset(self) -> CourseQuery:
        return cast("CourseQuery", super().get_queryset().defer("search"))


class Course(BaseModel):
    """A course, with the words of other apps that its catalogue sorts by kept as copies."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=12, default="en")
    level = models.CharField(
        max_length=12, choices=[(level.value, level.value) for level in Level], default=Level.BEGINNER.value
    )
    price_amount = models.IntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    capacity = models.IntegerField(null=True, blank=True)
    cover = models.ForeignKey("media.Asset", models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(
        max_length=9, choices=[(state.value, state.value) for state in CourseState], default=CourseState.DRAFT.value
    )
    published_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)
    categories = models.ManyToManyField(Category, through="CourseCategory", related_name="courses")
    learners = models.IntegerField(default=0)
    rating_sum = models.IntegerField(default=0)
    rating_count = models.IntegerField(default=0)
    rating_version = models.IntegerField(default=0)
    rating = models.GeneratedField(
        expression=models.Case(
            models.When(rating_count=0, then=models.Value(0, models.DecimalField(max_digits=3, decimal_places=2))),
            default=Round(
                Cast("rating_sum", models.DecimalField(max_digits=12, decimal_places=2)) / F("rating_count"),
                precision=2,
            ),
            output_field=models.DecimalField(max_digits=3, decimal_places=2),
        ),
        output_field=models.DecimalField(max_digits=3, decimal_places=2),
        db_persist=True,
    )
    search = models.GeneratedField(expression=_search_vector(), output_field=SearchVectorField(), db_persist=True)

    objects: ClassVar[CourseManager] = CourseManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="courses_course_titled"),
            models.CheckConstraint(
                condition=Q(price_amount__gte=0, price_amount__lte=rules.HIGHEST_PRICE), name="courses_course_price"
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="courses_course_currency"),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gt=0), name="courses_course_capacity"
            ),
            models.CheckConstraint(
                condition=Q(level__in=[level.value for level in Level]), name="courses_course_level"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CourseState]), name="courses_course_state"
            ),
            models.CheckConstraint(
                condition=Q(state=CourseState.DRAFT.value) | (~Q(summary="") & Q(published_at__isnull=False)),
                name="courses_course_published",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(state=CourseState.DRAFT.value), name="courses_course_removed"
            ),
            models.CheckConstraint(
                condition=Q(
                    rating_count__gte=0, rating_sum__gte=F("rating_count"), rating_sum__lte=F("rating_count") * 5
                ),
                name="courses_course_rating",
            ),
        ]
        indexes = [
            GinIndex("search", name="courses_course_search", condition=Q(state="published")),
            models.Index(
                F("published_at").desc(), F("id").desc(), name="courses_course_newest", condition=Q(state="published")
            ),
            models.Index(
                F("learners").desc(), F("id").desc(), name="courses_course_popular", condition=Q(state="published")
            ),
            models.Index(
                F("rating").desc(), F("id").desc(), name="courses_course_rated", condition=Q(state="published")
            ),
            models.Index("price_amount", "id", name="courses_course_price_order", condition=Q(state="published")),
            models.Index(Lower("title"), "id", name="courses_course_title_order", condition=Q(state="published")),
        ]

    def __str__(self) -> str:
        return self.title


class CourseCategory(BaseModel):
    """A course stands on a shelf."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="shelves")
    category = models.ForeignKey(Category, models.PROTECT, related_name="shelves")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "category"], name="courses_coursecategory_once"),
        ]


class CourseInstructor(BaseModel):
    """A person of a course's team, with a copy of the name."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="courses_courseinstructor_once"),
        ]


class Module(BaseModel):
    """A part of a course; a removed one keeps its row and loses its place."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="modules")
    title = models.CharField(max_length=200)
    position = models.IntegerField(null=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "position"], name="courses_module_position", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, position__gte=1)
                | Q(removed_at__isnull=False, position__isnull=True),
                name="courses_module_placed",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="courses_module_titled"),
        ]

    def __str__(self) -> str:
        return self.title


class Lesson(BaseModel):
    """What is learnt in one sitting; a removed one keeps its row, because progress and content point at it."""

    module = models.ForeignKey(Module, models.PROTECT, related_name="lessons")
    title = models.CharField(max_length=200)
    position = models.IntegerField(null=True)
    is_preview = models.BooleanField(default=False)
    is_required = models.BooleanField(default=True)
    needs_quiz = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["module", "position"], name="courses_lesson_position", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, position__gte=1)
                | Q(removed_at__isnull=False, position__isnull=True),
                name="courses_lesson_placed",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="courses_lesson_titled"),
        ]

    def __str__(self) -> str:
        return self.title
