"""Staff screens of the kernel's tables: what people did, and what waits or was set aside."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from learninghub.admin import Finder, StaffAdmin
from learninghub.audit.models import AuditEntry
from learninghub.outbox.models import OutboxMessage

# Rights come from roles; nobody has any by a group.
admin.site.unregister(Group)


@admin.register(AuditEntry)
class AuditEntryAdmin(StaffAdmin):
    """Found by word, and by the name and address of who did it or to whom it was done."""

    list_display = ["at", "actor_id", "action", "subject_id", "reason"]
    search_fields = ["action", "reason"]
    ordering = ["-id"]

    def holding(self, found: Finder) -> Q:
        people = found(get_user_model()).values("id")
        return Q(actor_id__in=people) | Q(subject_id__in=people)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(StaffAdmin):
    """What waits or is parked; `manage.py dlq` and docs/runbooks/queues.md say what to do with it."""

    list_display = ["id", "kind", "name", "aggregate_id", "occurred_at", "attempts", "last_error", "parked_at"]
    list_filter = ["kind"]
    search_fields = ["name", "aggregate_id"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(published_at__isnull=True)
