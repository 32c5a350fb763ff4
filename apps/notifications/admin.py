"""Staff's screens of notifications: what was sent, and what became of it."""

from django.contrib import admin

from apps.notifications.models import Mail, Notification
from learninghub.admin import StaffAdmin


@admin.register(Mail)
class MailAdmin(StaffAdmin):
    list_display = ("kind", "user", "state", "attempts", "queued_at", "done_at")
    list_filter = ("state", "kind")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name")
    ordering = ("-id",)


@admin.register(Notification)
class NotificationAdmin(StaffAdmin):
    list_display = ("kind", "user", "created_at", "read_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name")
    ordering = ("-id",)
