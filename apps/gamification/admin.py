"""Staff screens of gamification: points and badges to be read, rewards to be offered and given back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from apps.gamification.actions import rewards
from apps.gamification.models import EarnedBadge, PointEntry, Redemption, Reward, Standing
from apps.gamification.types import RedemptionState
from learninghub.admin import Questions, Reason, StaffAdmin, deed, list_deed


class NewReward(Questions):
    """Something to be had for points."""

    name = forms.CharField(max_length=80)
    description = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    cost = forms.IntegerField(min_value=1, help_text="In points.")
    stock = forms.IntegerField(min_value=1, required=False, help_text="How many there are; empty for no end of them.")


@admin.register(PointEntry)
class PointEntryAdmin(StaffAdmin):
    list_display = ["earned_at", "user", "rule", "points", "course_id", "source"]
    list_filter = ["rule"]
    list_select_related = ["user"]
    search_fields = ["course__title"]
    people = ["user"]
    ordering = ["-earned_at", "-id"]


@admin.register(EarnedBadge)
class EarnedBadgeAdmin(StaffAdmin):
    list_display = ["earned_at", "user", "badge"]
    list_filter = ["badge"]
    list_select_related = ["user"]
    people = ["user"]
    ordering = ["-earned_at", "-id"]


@admin.register(Standing)
class StandingAdmin(StaffAdmin):
    list_display = ["user", "scope", "week", "points", "reached_at", "is_shown"]
    list_select_related = ["user"]
    people = ["user"]
    ordering = ["-points", "reached_at", "user"]


@admin.register(Reward)
class RewardAdmin(StaffAdmin):
    list_display = ["name", "cost", "stock", "taken", "opens_at", "closes_at"]
    search_fields = ["name", "description"]
    ordering = ["cost", "id"]
    list_deeds = ["add_reward"]

    @list_deed("Add a reward", asks=NewReward)
    def add_reward(self, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        rewards.add_reward(**said, by=by, now=now)


@admin.register(Redemption)
class RedemptionAdmin(StaffAdmin):
    list_display = ["redeemed_at", "user", "reward", "points", "state"]
    list_select_related = ["user", "reward"]
    list_filter = ["state"]
    search_fields = ["reward__name"]
    people = ["user"]
    ordering = ["-redeemed_at", "-id"]
    deeds = ["reverse"]

    @deed("Reverse", asks=Reason, when=lambda one: one.state != RedemptionState.REVERSED, icon="undo")
    def reverse(self, one: Redemption, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        rewards.reverse_redemption(redemption_id=one.id, note=said["reason"], by=by, now=now)
