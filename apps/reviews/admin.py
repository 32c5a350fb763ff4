"""Staff screens of reviews: what was reported waits here to be hidden or found in order."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from apps.reviews import actions
from apps.reviews.models import Feedback, Review, ReviewReport
from apps.reviews.types import SAID_BY_PEOPLE, Reason
from learninghub.admin import Questions, StaffAdmin, deed


class Hiding(Questions):
    """Why a review is hidden."""

    reason = forms.ChoiceField(choices=[(reason.value, reason.value.replace("_", " ")) for reason in SAID_BY_PEOPLE])
    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="For the audit log.")


class Restoring(Questions):
    """Why a review stays."""

    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="For the audit log.")


@admin.register(Review)
class ReviewAdmin(StaffAdmin):
    list_display = ["posted_at", "author_name", "course_id", "rating", "hidden_for", "withdrawn_at", "reported_at"]
    list_filter = ["rating", "hidden_for"]
    search_fields = ["author_name", "text"]
    ordering = ["-posted_at", "-id"]
    deeds = ["hide", "restore"]

    @deed("Hide", asks=Hiding, when=lambda review: review.withdrawn_at is None, icon="visibility_off")
    def hide(self, review: Review, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.hide_review(review_id=review.id, reason=Reason(said["reason"]), note=said["note"], by=by, now=now)

    @deed("Find it in order", asks=Restoring, when=lambda review: review.withdrawn_at is None, icon="check")
    def restore(self, review: Review, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.restore_review(review_id=review.id, note=said["note"], by=by, now=now)


@admin.register(ReviewReport)
class ReviewReportAdmin(StaffAdmin):
    list_display = ["reported_at", "review_id", "reason", "weighs", "settled_at"]
    list_filter = ["reason"]
    search_fields = ["note", "reporter__email"]
    ordering = ["-reported_at", "-id"]


@admin.register(Feedback)
class FeedbackAdmin(StaffAdmin):
    list_display = ["sent_at", "course_id", "author_id"]
    search_fields = ["text", "author__email"]
    ordering = ["-sent_at", "-id"]
