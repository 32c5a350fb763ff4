"""Staff screens of reviews: what was reported waits in a queue to be hidden or found in order."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.reviews import actions, queries
from apps.reviews.models import Feedback, Review, ReviewReport
from apps.reviews.types import SAID_BY_PEOPLE, Reason
from learninghub.admin import FROM, Questions, StaffAdmin, deed
from learninghub.http.pagination import PageRequest


class Hiding(Questions):
    """Why a review is hidden."""

    reason = forms.ChoiceField(choices=[(reason.value, reason.value.replace("_", " ")) for reason in SAID_BY_PEOPLE])
    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="For the audit log.")


class Restoring(Questions):
    """Why a review stays."""

    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="For the audit log.")


def _is_in_doubt(review: Review) -> bool:
    return review.withdrawn_at is None and bool(review.hidden_for or review.reported_at)


@admin.register(Review)
class ReviewAdmin(StaffAdmin):
    """Reviews, and the queue of those that staff are asked to look at."""

    list_display = ["posted_at", "author", "course", "rating", "text", "hidden_for", "withdrawn_at", "reported_at"]
    list_filter = ["rating", "hidden_for"]
    list_select_related = ["author", "course"]
    search_fields = ["author_name", "text", "course__title"]
    people = ["author"]
    ordering = ["-posted_at", "-id"]
    deeds = ["hide", "restore"]

    @deed("Hide", asks=Hiding, when=lambda review: review.withdrawn_at is None, icon="visibility_off")
    def hide(self, review: Review, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.hide_review(review_id=review.id, reason=Reason(said["reason"]), note=said["note"], by=by, now=now)

    @deed("Find it in order", asks=Restoring, when=_is_in_doubt, icon="check")
    def restore(self, review: Review, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.restore_review(review_id=review.id, note=said["note"], by=by, now=now)

    def get_urls(self) -> list[URLPattern]:
        queue = self.admin_site.admin_view(self.queue)
        return [path("queue/", queue, name="reviews_review_queue"), *super().get_urls()]

    def queue(self, request: HttpRequest) -> HttpResponse:
        """What waits for staff, the longest first, with the deeds on it, which lead back here."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        waiting = queries.list_cases(page=PageRequest(cursor=request.GET.get("cursor")))
        context = {
            **self.admin_site.each_context(request),
            "title": "Reviews to look at",
            "cases": waiting.results,
            "next": waiting.next,
            "back": urlencode({FROM: request.path}),
        }
        return TemplateResponse(request, "reviews/admin/queue.html", context)


@admin.register(ReviewReport)
class ReviewReportAdmin(StaffAdmin):
    list_display = ["reported_at", "review", "reason", "note", "reporter", "weighs", "settled_at"]
    list_filter = ["reason", ("settled_at", admin.EmptyFieldListFilter)]
    list_select_related = ["review", "reporter"]
    search_fields = ["note", "review__author_name", "review__course__title"]
    people = ["reporter", "review__author"]
    ordering = ["-reported_at", "-id"]


@admin.register(Feedback)
class FeedbackAdmin(StaffAdmin):
    list_display = ["sent_at", "course", "author", "text"]
    list_select_related = ["course", "author"]
    search_fields = ["text", "course__title"]
    people = ["author"]
    ordering = ["-sent_at", "-id"]
