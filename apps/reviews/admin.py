"""Staff screens of reviews: to be read only."""

from django.contrib import admin

from apps.reviews.models import Feedback, Review, ReviewReport
from learninghub.admin import StaffAdmin


@admin.register(Review)
class ReviewAdmin(StaffAdmin):
    list_display = ["posted_at", "author_name", "course_id", "rating", "hidden_for", "withdrawn_at", "reported_at"]
    list_filter = ["rating", "hidden_for"]
    search_fields = ["author_name", "text"]
    ordering = ["-posted_at", "-id"]


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
