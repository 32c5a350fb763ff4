"""Staff screens of the kernel's tables: what people did, and what waits or was set aside."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.users import api as users
from learninghub.admin import StaffAdmin
from learninghub.audit.models import AuditEntry
from learninghub.outbox.models import OutboxMessage


@admin.register(AuditEntry)
class AuditEntryAdmin(StaffAdmin):
    """Found by word, and by the address of who did it or to whom it was done."""

    list_display = ["at", "actor_id", "action", "subject_id", "reason"]
    search_fields = ["action", "reason"]
    ordering = ["-id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        if "@" in search_term:
            person = users.find_by_email(email=search_term.strip())
            theirs = Q(actor_id=person.id) | Q(subject_id=person.id) if person else Q(pk__in=[])
            return queryset.filter(theirs), False
        found: tuple[QuerySet[AuditEntry], bool] = super().get_search_results(request, queryset, search_term)
        return found


@admin.register(OutboxMessage)
class OutboxMessageAdmin(StaffAdmin):
    """What waits or is parked; `manage.py dlq` and docs/runbooks/queues.md say what to do with it."""

    list_display = ["id", "kind", "name", "aggregate_id", "occurred_at", "attempts", "last_error", "parked_at"]
    list_filter = ["kind"]
    search_fields = ["name", "aggregate_id"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(published_at__isnull=True)
