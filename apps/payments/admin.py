"""Staff screens of payments: orders, with money given back; the books and what Stripe told, to be read only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from apps.payments.actions import refunds
from apps.payments.models import DayTotal, Document, Entry, Order, Posting, Refund, StripeEvent
from apps.payments.types import OrderState
from learninghub.admin import Questions, StaffAdmin, deed


class RefundAsked(Questions):
    """How much money goes back."""

    amount = forms.IntegerField(
        min_value=1, required=False, help_text="In minor units (cents); empty for all that is left of the order."
    )


@admin.register(Order)
class OrderAdmin(StaffAdmin):
    list_display = ["id", "user", "course_title", "state", "amount", "currency", "refunded_amount", "paid_at"]
    list_filter = ["state", "currency"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__display_name", "course_title", "session_id", "payment_intent_id"]
    ordering = ["-id"]
    deeds = ["refund"]

    @deed("Give money back", asks=RefundAsked, when=lambda order: order.state == OrderState.PAID, icon="undo")
    def refund(self, order: Order, said: dict[str, Any], *, by: UUID, now: datetime) -> str:
        promised = refunds.refund(order_id=order.id, amount=said["amount"], by=by, now=now)
        return f"{promised.amount} {order.currency} (minor units) are on their way back."


@admin.register(Refund)
class RefundAdmin(StaffAdmin):
    list_display = ["id", "order_id", "amount", "reason", "requested_by_id", "state", "settled_at"]
    list_filter = ["state", "reason"]
    ordering = ["-id"]


@admin.register(Document)
class DocumentAdmin(StaffAdmin):
    list_display = ["series_id", "serial", "buyer_name", "description", "gross", "currency", "issued_at"]
    list_filter = ["kind", "currency"]
    search_fields = ["buyer_name", "buyer_email", "description", "user__email"]
    ordering = ["-issued_at", "-id"]


@admin.register(Entry)
class EntryAdmin(StaffAdmin):
    list_display = ["id", "kind", "order_id", "source", "happened_at"]
    list_filter = ["kind"]
    search_fields = ["source"]
    ordering = ["-happened_at", "-id"]


@admin.register(Posting)
class PostingAdmin(StaffAdmin):
    list_display = ["entry_id", "credited", "debited", "amount", "currency"]
    list_filter = ["credited", "debited", "currency"]
    ordering = ["-id"]


@admin.register(StripeEvent)
class StripeEventAdmin(StaffAdmin):
    list_display = ["id", "type", "object_id", "state", "attempts", "received_at", "done_at"]
    list_filter = ["state", "type"]
    search_fields = ["id", "object_id", "order_ref", "payment_intent_id"]
    ordering = ["-received_at", "-id"]


@admin.register(DayTotal)
class DayTotalAdmin(StaffAdmin):
    list_display = ["day", "currency", "sold", "sold_at_stripe", "refunded", "refunded_at_stripe", "compared_at"]
    ordering = ["-day", "currency"]
