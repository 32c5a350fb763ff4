"""Staff's screens of notifications: what was sent, what became of it, and another try where that was nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin

from apps.notifications import actions
from apps.notifications.models import Mail, Notification, Preference
from apps.notifications.types import LOST
from learninghub.admin import Reason, StaffAdmin, deed


@admin.register(Mail)
class MailAdmin(StaffAdmin):
    list_display = ("kind", "user", "state", "attempts", "queued_at", "done_at")
    list_filter = ("state", "kind")
    list_select_related = ("user",)
    people = ("user",)
    ordering = ("-id",)
    deeds = ["send_again"]

    @deed("Send again", asks=Reason, when=lambda mail: mail.state in LOST, icon="forward_to_inbox")
    def send_again(self, mail: Mail, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.send_again(mail_id=mail.id, reason=said["reason"], by=by, now=now)


@admin.register(Notification)
class NotificationAdmin(StaffAdmin):
    list_display = ("kind", "user", "created_at", "read_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    people = ("user",)
    ordering = ("-id",)


@admin.register(Preference)
class PreferenceAdmin(StaffAdmin):
    list_display = ("user", "kind", "channel")
    list_filter = ("channel", "kind")
    list_select_related = ("user",)
    people = ("user",)
    ordering = ("-id",)
