"""Tables of what authors write: quizzes, questions, choices, and who has more time."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, Q

from apps.assessments.rules.shapes import LONGEST_TIME, MOST_ATTEMPTS, MOST_POINTS
from apps.assessments.types import Keep, QuestionKind, ToleranceKind
from learninghub.db import BaseModel


def _seconds(field: str) -> Q:
    return Q(**{f"{field}__gte": 1, f"{field}__lte": int(LONGEST_TIME.total_seconds())})


class QuizQuerySet(models.QuerySet["Quiz"]):
    """The quizzes that still are."""

    def live(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Quiz(BaseModel):
    """The one quiz of a lesson; a removed one keeps its row for the attempts at it."""

    lesson = models.ForeignKey("courses.Lesson", models.PROTECT, related_name="+")
    course = models.ForeignKey("courses.Course", models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    pass_percent = models.PositiveSmallIntegerField(default=60)
    is_required = models.BooleanField(default=True)
    attempt_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    time_limit_s = models.PositiveIntegerField(null=True, blank=True)
    shuffle = models.BooleanField(default=False)
    keep = models.CharField(max_length=4, choices=[(keep, keep) for keep in Keep], default=Keep.BEST)
    partial_credit = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True, blank=True)

    clock: datetime  # the database's now, where an attempt is started

    objects = QuizQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "quizzes"
        constraints = [
            models.UniqueConstraint(
                fields=["lesson"], condition=Q(removed_at__isnull=True), name="assessments_quiz_one_per_lesson"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="assessments_quiz_titled"),
            models.CheckConstraint(condition=Q(pass_percent__lte=100), name="assessments_quiz_pass_percent"),
            models.CheckConstraint(
                condition=Q(attempt_limit__isnull=True) | Q(attempt_limit__gte=1, attempt_limit__lte=MOST_ATTEMPTS),
                name="assessments_quiz_attempt_limit",
            ),
            models.CheckConstraint(
                condition=Q(time_limit_s__isnull=True) | _seconds("time_limit_s"), name="assessments_quiz_time_limit"
            ),
            models.CheckConstraint(condition=Q(keep__in=list(Keep)), name="assessments_quiz_keep"),
        ]
        indexes = [
            models.Index(
                fields=["course", "id"], condition=Q(removed_at__isnull=True), name="assessments_quiz_of_course"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class QuestionQuerySet(models.QuerySet["Question"]):
    """The questions that new attempts are asked."""

    def live(self) -> Self:
        return self.filter(retired_at__isnull=True)


class Question(BaseModel):
    """A question of a quiz; once asked it is never changed, only retired, which takes its place away."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="questions")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in QuestionKind])
    prompt = models.TextField()
    points = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    answers = ArrayField(models.TextField(), default=list, blank=True)
    tolerance = models.DecimalField(max_digits=40, decimal_places=20, null=True, blank=True)
    tolerance_kind = models.CharField(
        max_length=8, choices=[(kind, kind) for kind in ToleranceKind], default=ToleranceKind.ABSOLUTE
    )
    case_sensitive = models.BooleanField(default=False)
    explanation = models.TextField(blank=True)
    source_key = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "position"], name="assessments_question_position", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, position__gte=1)
                | Q(retired_at__isnull=False, position__isnull=True),
                name="assessments_question_placed",
            ),
            models.UniqueConstraint(
                fields=["quiz", "source_key"],
                condition=Q(retired_at__isnull=True) & ~Q(source_key=""),
                name="assessments_question_source_key",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(QuestionKind)), name="assessments_question_kind"),
            models.CheckConstraint(
                condition=Q(points__gt=0, points__lte=MOST_POINTS), name="assessments_question_points"
            ),
            models.CheckConstraint(
                condition=Q(tolerance__isnull=True) | Q(tolerance__gte=0), name="assessments_question_tolerance"
            ),
            models.CheckConstraint(
                condition=Q(tolerance_kind__in=list(ToleranceKind)), name="assessments_question_tolerance_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.prompt


class Choice(BaseModel):
    """One thing to choose; its id stays while its question is not replaced."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    is_correct = models.BooleanField()
    feedback = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "position"], name="assessments_choice_position", deferrable=Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ExtraTime(BaseModel):
    """Seconds more that one learner has for one quiz."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="extra_times")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seconds = models.PositiveIntegerField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quiz", "user"], name="assessments_extratime_once"),
            models.CheckConstraint(condition=_seconds("seconds"), name="assessments_extratime_seconds"),
        ]
