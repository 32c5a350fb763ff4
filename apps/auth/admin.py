"""Staff screens of auth: sessions, to be read."""

from django.contrib import admin

from apps.auth.models import Session
from learninghub.admin import StaffAdmin


@admin.register(Session)
class SessionAdmin(StaffAdmin):
    list_display = ["user", "network", "user_agent", "started_at", "last_used_at", "ended_at", "end_reason"]
    list_filter = ["end_reason"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__display_name"]
    ordering = ["-started_at", "-id"]
