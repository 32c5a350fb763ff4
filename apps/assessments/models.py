"""Tables of assessments: quizzes and questions, attempts and answers, grades and what people decided of them."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, F, Q

from apps.assessments.rules.shapes import LONGEST_TIME, MOST_ATTEMPTS, MOST_POINTS
from apps.assessments.types import Keep, QuestionKind, ToleranceKind
from learninghub.db import BaseModel


class AttemptState(models.TextChoices):
    """Where an attempt stands: handed in by the learner, or ended by its deadline or the loss of access."""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


def _percentage(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": 100})


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
