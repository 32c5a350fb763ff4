"""The tables of enrollments: what it keeps of a course, who takes it, and how far they are."""

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from apps.enrollments.types import EnrollmentState, Source
from learninghub.db import BaseModel

OPEN_STATES = (EnrollmentState.ACTIVE, EnrollmentState.COMPLETED)


class TrackedCourse(models.Model):
    """What enrollments keeps of a course: the outline as last read, its taken and held seats, its rollups.

    `required_version` is the outline version at which the required lessons last changed.
    """

    course = models.OneToOneField("courses.Course", on_delete=models.PROTECT, primary_key=True, related_name="+")
    outline_version = models.PositiveIntegerField(default=0)
    required_version = models.PositiveIntegerField(default=0)
    required_lessons = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    percent_sum = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(completed__lte=F("taken")) & Q(percent_sum__lte=F("taken") * 100),
                name="enrollments_trackedcourse_rollups_agree",
            ),
        ]
        indexes = [models.Index(fields=["-taken", "course"], name="enrollments_course_popular")]


class TrackedLesson(models.Model):
    """What enrollments keeps of a lesson: its place in the course and what completing it asks for."""

    lesson = models.OneToOneField("courses.Lesson", on_delete=models.PROTECT, primary_key=True, related_name="+")
    course = models.ForeignKey(TrackedCourse, on_delete=models.PROTECT, related_name="lessons", db_index=False)
    position = models.PositiveIntegerField()
    is_required = models.BooleanField()
    needs_quiz = models.BooleanField()
    is_removed = models.BooleanField(default=False)
    completions = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["course", "position"], name="enrollments_lesson_in_order")]


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)


class Enrollment(BaseModel):
    """One learner in one course, through leaving and coming back; counts and percent are of required lessons."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    course = models.ForeignKey(TrackedCourse, on_delete=models.PROTECT, related_name="enrollments", db_index=False)
    state = models.CharField(max_length=9, choices=[(state, state) for state in EnrollmentState])
    source = models.CharField(max_length=8, choices=[(source, source) for source in Source])
    enrolled_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    last_active_at = models.DateTimeField(null=True)
    # Without an index, so that a progress write changes no index of this table (a heap-only update).
    last_lesson = models.ForeignKey(
        TrackedLesson, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    required_version = models.PositiveIntegerField()
    required_lessons = models.PositiveIntegerField()
    completed_lessons = models.PositiveIntegerField(default=0)
    percent = models.GeneratedField(
        expression=Case(
            When(required_lessons=0, then=Value(0)),
            default=Value(100) * F("completed_lessons") / F("required_lessons"),
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    learner_name = models.CharField(max_length=200)
    learner_key = models.CharField(max_length=400)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course"], name="enrollments_enrollment_once"),
            models.CheckConstraint(
                condition=Q(completed_lessons__lte=F("required_lessons")),
                name="enrollments_enrollment_at_most_100_percent",
            ),
            models.CheckConstraint(
                condition=~Q(state=EnrollmentState.COMPLETED)
                | Q(
                    completed_at__isnull=False,
                    required_lessons__gt=0,
                    completed_lessons=F("required_lessons"),
                ),
                name="enrollments_enrollment_completed_by_rule",
            ),
            models.CheckConstraint(
                condition=~Q(state=EnrollmentState.ACTIVE)
                | Q(completed_at__isnull=True)
                & (Q(required_lessons=0) | Q(completed_lessons__lt=F("required_lessons"))),
                name="enrollments_enrollment_active_is_unfinished",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-enrolled_at", "-id"], name="enrollments_mine_newest"),
            models.Index(fields=["course", "learner_key", "id"], name="enrollments_roster_by_name"),
            models.Index(fields=["course", "-enrolled_at", "-id"], name="enrollments_roster_newest"),
            models.Index(fields=["course", "required_version", "id"], name="enrollments_behind_outline"),
            models.Index(
                fields=["completed_at"], name="enrollments_completed", condition=Q(completed_at__isnull=False)
            ),
        ]


class SeatHold(BaseModel):
    """A seat kept free for one learner while they pay; it counts against the capacity as a taken one does."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    course = models.ForeignKey(TrackedCourse, on_delete=models.PROTECT, related_name="holds", db_index=False)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "course"], name="enrollments_seathold_once")]
        indexes = [models.Index(fields=["until"], name="enrollments_seathold_due")]


class LessonProgress(BaseModel):
    """How far one learner is with one lesson; a completion has an id, which tells the first from a repeat."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="progress", db_index=False)
    lesson = models.ForeignKey(TrackedLesson, on_delete=models.PROTECT, related_name="progress", db_index=False)
    position_seconds = models.PositiveIntegerField(default=0)
    quiz_passed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completion_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "lesson"], name="enrollments_progress_once"),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, completion_id__isnull=True)
                | Q(completed_at__isnull=False, completion_id__isnull=False),
                name="enrollments_progress_completion_is_named",
            ),
        ]
