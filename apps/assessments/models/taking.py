"""Tables of what learners do, and what it is worth: attempts, answers, grades and their overrides."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from apps.assessments.models.authoring import Question, Quiz
from apps.assessments.rules.scoring import GRACE
from learninghub.db import BaseModel


def _percentage(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": 100})


class AttemptState(models.TextChoices):
    """Where an attempt stands: handed in by the learner, or ended by its deadline or the loss of access."""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


_IS_LATE = Case(
    When(deadline_at__lt=Now() - Value(GRACE), then=Value(value=True)),
    default=Value(value=False),
    output_field=models.BooleanField(),
)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Attempts as the database's clock sees them."""

    def clocked(self) -> Self:
        """With `clock`, the database's now, and `is_late`, whether deadline and grace are over."""
        return self.annotate(clock=Now(), is_late=_IS_LATE)


class Attempt(BaseModel):
    """One learner's go at a quiz, there from its start; its deadline is kept by the database and only ever put off."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=AttemptState.choices, default=AttemptState.OPEN)
    seed = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    possible_points = models.DecimalField(max_digits=10, decimal_places=2)
    points = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    is_passed = models.BooleanField(null=True)

    clock: datetime  # these two where `clocked`
    is_late: bool

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quiz", "user", "number"], name="assessments_attempt_number"),
            models.UniqueConstraint(
                fields=["quiz", "user"], condition=Q(state=AttemptState.OPEN), name="assessments_attempt_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="assessments_attempt_state"),
            models.CheckConstraint(
                condition=Q(state=AttemptState.OPEN, closed_at__isnull=True)
                | (~Q(state=AttemptState.OPEN) & Q(closed_at__isnull=False)),
                name="assessments_attempt_closed",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(deadline_at__isnull=True) | Q(closed_at__lte=F("deadline_at")),
                name="assessments_attempt_in_time",
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=F("possible_points")),
                name="assessments_attempt_points",
            ),
            models.CheckConstraint(condition=_percentage("score"), name="assessments_attempt_score"),
        ]
        indexes = [
            models.Index(
                fields=["deadline_at"], condition=Q(state=AttemptState.OPEN), name="assessments_attempt_to_close"
            ),
            models.Index(fields=["user", "quiz"], name="assessments_attempt_of_user"),
        ]


class Answer(BaseModel):
    """A question as one attempt asks it, with its place and the order of its choices, and what the learner gave."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    choice_order = ArrayField(models.UUIDField(), default=list)
    chosen = ArrayField(models.UUIDField(), default=list)
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField(null=True)
    points = models.DecimalField(max_digits=10, decimal_places=4, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "question"], name="assessments_answer_once"),
            models.UniqueConstraint(fields=["attempt", "position"], name="assessments_answer_position"),
            models.CheckConstraint(
                condition=Q(chosen__contained_by=F("choice_order")), name="assessments_answer_chosen"
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0), name="assessments_answer_points"
            ),
        ]


class Grade(BaseModel):
    """Where one learner stands with one quiz: attempts started, and the computed score that counts."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="grades")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attempts = models.PositiveIntegerField(default=0)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quiz", "user"], name="assessments_grade_once"),
            models.CheckConstraint(condition=_percentage("score"), name="assessments_grade_score"),
        ]
        indexes = [models.Index(fields=["user", "quiz"], name="assessments_grade_of_user")]


class Override(BaseModel):
    """A score that an instructor put in place of the computed one, and why; withdrawn, it remains as history."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="overrides")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=2)
    reason = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "user"], condition=Q(withdrawn_at__isnull=True), name="assessments_override_one_stands"
            ),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="assessments_override_score"),
            models.CheckConstraint(condition=~Q(reason=""), name="assessments_override_reason"),
            models.CheckConstraint(condition=~Q(user=F("made_by")), name="assessments_override_not_own"),
        ]
