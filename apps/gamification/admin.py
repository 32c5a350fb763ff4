"""Staff screens of gamification: to be read only."""

from django.contrib import admin

from apps.gamification.models import EarnedBadge, PointEntry, Redemption, Reward, Standing
from learninghub.admin import StaffAdmin


@admin.register(PointEntry)
class PointEntryAdmin(StaffAdmin):
    list_display = ["earned_at", "user", "rule", "points", "course_id", "source"]
    list_filter = ["rule"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-earned_at", "-id"]


@admin.register(EarnedBadge)
class EarnedBadgeAdmin(StaffAdmin):
    list_display = ["earned_at", "user", "badge"]
    list_filter = ["badge"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-earned_at", "-id"]


@admin.register(Standing)
class StandingAdmin(StaffAdmin):
    list_display = ["user", "scope", "week", "points", "reached_at", "is_shown"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-points", "reached_at", "user"]


@admin.register(Reward)
class RewardAdmin(StaffAdmin):
    list_display = ["name", "cost", "stock", "taken", "opens_at", "closes_at"]
    search_fields = ["name", "description"]
    ordering = ["cost", "id"]


@admin.register(Redemption)
class RedemptionAdmin(StaffAdmin):
    list_display = ["redeemed_at", "user", "reward", "points", "state"]
    list_select_related = ["user", "reward"]
    list_filter = ["state"]
    search_fields = ["user__email", "user__display_name", "reward__name"]
    ordering = ["-redeemed_at", "-id"]
