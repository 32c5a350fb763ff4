"""Staff screens of enrollments: to be read only."""

from django.contrib import admin

from apps.enrollments.models import Enrollment, SeatHold, TrackedCourse
from learninghub.admin import StaffAdmin


@admin.register(Enrollment)
class EnrollmentAdmin(StaffAdmin):
    list_display = ["learner_name", "course_id", "state", "percent", "source", "enrolled_at", "completed_at"]
    list_filter = ["state", "source"]
    search_fields = ["course__course__title"]
    people = ["user"]
    ordering = ["-enrolled_at", "-id"]


@admin.register(TrackedCourse)
class TrackedCourseAdmin(StaffAdmin):
    list_display = [
        "course_id",
        "taken",
        "held",
        "completed",
        "required_lessons",
        "outline_version",
        "required_version",
    ]
    search_fields = ["course__title"]
    people = ["course__author"]
    ordering = ["-taken", "course_id"]


@admin.register(SeatHold)
class SeatHoldAdmin(StaffAdmin):
    list_display = ["user_id", "course_id", "until"]
    search_fields = ["course__course__title"]
    people = ["user"]
    ordering = ["until", "id"]
