"""Staff screens of assessments: to be read only."""

from django.contrib import admin

from apps.assessments.models import Attempt, Grade, Override, Quiz
from learninghub.admin import StaffAdmin


@admin.register(Quiz)
class QuizAdmin(StaffAdmin):
    list_display = ["title", "course_id", "lesson_id", "pass_percent", "is_required", "time_limit_s", "removed_at"]
    list_filter = ["is_required", "keep"]
    search_fields = ["title"]
    ordering = ["-id"]


@admin.register(Attempt)
class AttemptAdmin(StaffAdmin):
    list_display = ["user_id", "quiz", "number", "state", "score", "is_passed", "started_at", "closed_at"]
    list_filter = ["state", "is_passed"]
    list_select_related = ["quiz"]
    search_fields = ["user__email", "quiz__title"]
    ordering = ["-id"]


@admin.register(Grade)
class GradeAdmin(StaffAdmin):
    list_display = ["user_id", "quiz", "attempts", "score"]
    list_select_related = ["quiz"]
    search_fields = ["user__email", "quiz__title"]
    ordering = ["-id"]


@admin.register(Override)
class OverrideAdmin(StaffAdmin):
    list_display = ["user_id", "quiz", "score", "reason", "made_by_id", "made_at", "withdrawn_at"]
    list_select_related = ["quiz"]
    search_fields = ["user__email", "quiz__title", "reason"]
    ordering = ["-id"]
