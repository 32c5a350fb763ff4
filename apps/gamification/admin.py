"""Staff screens of gamification: to be read only."""

from django.contrib import admin

from apps.gamification.models import EarnedBadge, PointEntry, Standing
from learninghub.admin import StaffAdmin


@admin.register(PointEntry)
class PointEntryAdmin(StaffAdmin):
    list_display = ["earned_at", "user_id", "rule", "points", "course_id", "source"]
    list_filter = ["rule"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-earned_at", "-id"]


@admin.register(EarnedBadge)
class EarnedBadgeAdmin(StaffAdmin):
    list_display = ["earned_at", "user_id", "badge"]
    list_filter = ["badge"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-earned_at", "-id"]


@admin.register(Standing)
class StandingAdmin(StaffAdmin):
    list_display = ["user_id", "scope", "week", "points", "reached_at", "is_shown"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-points", "reached_at", "user_id"]
