"""Staff screens of assessments: quizzes, attempts, grades, and grades set by hand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin

from apps.assessments.actions import decisions
from apps.assessments.models import Attempt, ExtraTime, Grade, Override, Quiz
from learninghub.admin import StaffAdmin, deed


@admin.register(Quiz)
class QuizAdmin(StaffAdmin):
    list_display = ["title", "course_id", "lesson_id", "pass_percent", "is_required", "time_limit_s", "removed_at"]
    list_filter = ["is_required", "keep"]
    search_fields = ["title", "course__title"]
    people = ["course__author"]
    ordering = ["-id"]


@admin.register(Attempt)
class AttemptAdmin(StaffAdmin):
    list_display = ["user", "quiz", "number", "state", "score", "is_passed", "started_at", "closed_at"]
    list_filter = ["state", "is_passed"]
    list_select_related = ["user", "quiz"]
    search_fields = ["quiz__title", "quiz__course__title"]
    people = ["user"]
    ordering = ["-id"]


@admin.register(Grade)
class GradeAdmin(StaffAdmin):
    list_display = ["user", "quiz", "attempts", "score"]
    list_select_related = ["user", "quiz"]
    search_fields = ["quiz__title", "quiz__course__title"]
    people = ["user"]
    ordering = ["-id"]


@admin.register(ExtraTime)
class ExtraTimeAdmin(StaffAdmin):
    list_display = ["user", "quiz", "seconds", "given_by"]
    list_select_related = ["user", "quiz", "given_by"]
    search_fields = ["quiz__title", "quiz__course__title"]
    people = ["user", "given_by"]
    ordering = ["-id"]


@admin.register(Override)
class OverrideAdmin(StaffAdmin):
    list_display = ["user", "quiz", "score", "reason", "made_by_id", "made_at", "withdrawn_at"]
    list_select_related = ["user", "quiz"]
    search_fields = ["quiz__title", "quiz__course__title", "reason"]
    people = ["user", "made_by"]
    ordering = ["-id"]
    deeds = ["withdraw"]

    @deed("Withdraw", when=lambda override: override.withdrawn_at is None, icon="undo")
    def withdraw(self, override: Override, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        decisions.withdraw_override(
            course_id=override.quiz.course_id, quiz_id=override.quiz_id, user_id=override.user_id, by=by, now=now
        )
