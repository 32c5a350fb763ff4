"""Staff screens of content: what was imported, and the report on every element of it."""

from django.contrib import admin

from apps.content.models import Import
from learninghub.admin import StaffAdmin


@admin.register(Import)
class ImportAdmin(StaffAdmin):
    list_display = ["filename", "requested_by", "state", "written", "error_code", "created_at", "finished_at"]
    list_filter = ["state", "error_code"]
    list_select_related = ["requested_by"]
    search_fields = ["filename", "requested_by__email", "requested_by__display_name"]
    ordering = ["-id"]
