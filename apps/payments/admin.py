"""Staff screens of payments: orders, with money given back; the books and what Stripe told, to be read only."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.payments.actions import refunds
from apps.payments.models import DayTotal, Document, Entry, Order, Posting, Refund, StripeEvent
from apps.payments.queries import bills, orders
from learninghub.admin import Finder, Questions, StaffAdmin, deed, money, table
from learninghub.money import in_major, in_minor, written


class RefundAsked(Questions):
    """How much money goes back, in whole units of the order's currency; at first it is all that is left."""

    amount = forms.DecimalField(
        max_digits=15, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        left = orders.count_left(order=self.row)
        self.fields["amount"].help_text = f"In {self.row.currency}; {written(left, self.row.currency)} are left."

    @classmethod
    def about(cls, row: Order) -> Mapping[str, Any]:
        return {"amount": in_major(orders.count_left(order=row), row.currency)}

    def clean_amount(self) -> int:
        typed: Decimal = self.cleaned_data["amount"]
        try:
            return in_minor(typed, self.row.currency)
        except ValueError as finer:
            raise forms.ValidationError(str(finer)) from finer


def _has_some_left(order: Order) -> bool:
    return orders.count_left(order=order) > 0


@admin.register(Order)
class OrderAdmin(StaffAdmin):
    """An order's page has all that came of it: what Stripe calls its parts, refunds, documents, and the books."""

    list_display = [
        "created_at", "user", "course_title", "state", money("amount"), money("refunded_amount"), "currency",
        "paid_at", "id",
    ]  # fmt: skip
    list_filter = ["state", "currency"]
    list_select_related = ["user"]
    search_fields = ["course_title", "session_id", "payment_intent_id"]
    people = ["user"]
    ordering = ["-id"]
    deeds = ["refund"]
    fieldsets = [
        (None, {"fields": ["user", "course_title", "state", "created_at", "expires_at", "paid_at"]}),
        ("Money", {"fields": ["price", "tax_within", "given_back", "refunds_of_it", "documents_of_it", "books_of_it"]}),
        ("At Stripe", {"fields": ["session_id", "payment_intent_id", "charge_id", "decline_id", "dispute_id"]}),
    ]

    @deed("Give money back", asks=RefundAsked, when=_has_some_left, icon="undo")
    def refund(self, order: Order, said: dict[str, Any], *, by: UUID, now: datetime) -> str:
        promised = refunds.refund(order_id=order.id, amount=said["amount"], by=by, now=now)
        return f"{written(promised.amount, order.currency)} are on their way back."

    @admin.display(description="Price, tax included")
    def price(self, order: Order) -> str:
        return written(order.amount, order.currency)

    @admin.display(description="Tax")
    def tax_within(self, order: Order) -> str:
        return f"{written(order.tax_amount, order.currency)} ({Decimal(order.tax_rate) / 100:f} %)"

    @admin.display(description="Given back")
    def given_back(self, order: Order) -> str:
        return written(order.refunded_amount, order.currency)

    @admin.display(description="Refunds")
    def refunds_of_it(self, order: Order) -> SafeString | str:
        lines = (
            (self.link(one, written(one.amount, order.currency)), one.state, one.failure, one.reason,
             one.requested_by, one.created_at, one.settled_at)
            for one in order.refunds.select_related("requested_by").order_by("id")
        )  # fmt: skip
        return table(["Amount", "State", "Failure", "Reason", "Asked for by", "Asked for", "Settled"], lines)

    @admin.display(description="Documents")
    def documents_of_it(self, order: Order) -> SafeString | str:
        screen: Any = self.admin_site.get_model_admin(Document)
        lines = (
            (self.link(one, one), one.kind, written(one.gross, one.currency), one.issued_at, screen.file(one))
            for one in order.documents.order_by("id")
        )
        return table(["Number", "Kind", "Amount", "Issued", "File"], lines)

    @admin.display(description="Books")
    def books_of_it(self, order: Order) -> SafeString | str:
        return table(["Entry", "Credited", "Debited", "Amount", "Happened", "Source"], self._postings(order))

    def _postings(self, order: Order) -> Iterator[tuple[object, ...]]:
        for one in Posting.objects.filter(entry__order=order).select_related("entry").order_by("entry_id", "id"):
            amount = written(one.amount, one.currency)
            of = one.entry
            yield self.link(of, of.kind), one.credited, one.debited, amount, of.happened_at, of.source


@admin.register(Refund)
class RefundAdmin(StaffAdmin):
    list_display = ["created_at", "order", "amount_of", "state", "failure", "reason", "requested_by", "settled_at"]
    list_filter = ["state", "reason"]
    list_select_related = ["order", "requested_by"]
    search_fields = ["order__course_title", "stripe_id", "failure"]
    people = ["order__user", "requested_by"]
    ordering = ["-id"]
    fields = [
        "order",
        "amount_of",
        "state",
        "failure",
        "reason",
        "requested_by",
        "created_at",
        "settled_at",
        "stripe_id",
    ]

    @admin.display(description="amount", ordering="amount")
    def amount_of(self, refund: Refund) -> str:
        return written(refund.amount, refund.order.currency)


@admin.register(Document)
class DocumentAdmin(StaffAdmin):
    """Invoices and credit notes, with the file as issued."""

    list_display = ["__str__", "buyer_name", "description", money("gross"), "currency", "issued_at", "file"]
    list_filter = ["kind", "currency"]
    search_fields = ["buyer_name", "buyer_email", "description", "series__name"]
    people = ["user"]
    ordering = ["-issued_at", "-id"]
    fields = [
        "__str__", "kind", "order", "user", "buyer_name", "buyer_email", "description", "supplied_on", "issued_at",
        money("net"), money("tax"), money("gross"), "currency", "sha256", "file",
    ]  # fmt: skip

    @admin.display(description="file")
    def file(self, document: Document) -> SafeString | str:
        if not document.sha256:
            return "-"
        return format_html('<a class="underline" href="{}">PDF</a>', reverse(self._file, args=[document.id]))

    def get_urls(self) -> list[URLPattern]:
        name = self._file.removeprefix(f"{self.admin_site.name}:")
        return [path("<uuid:document_id>/pdf/", self.admin_site.admin_view(self.pdf), name=name), *super().get_urls()]

    def pdf(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        """The file as issued."""
        row = self.get_object(request, str(document_id))
        if row is None or not row.sha256:
            raise Http404
        found = bills.read_document(document_id=document_id)
        kept = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return HttpResponse(found.content, content_type="application/pdf", headers=kept)

    @property
    def _file(self) -> str:
        return f"{self.admin_site.name}:payments_document_pdf"


@admin.register(Entry)
class EntryAdmin(StaffAdmin):
    list_display = ["happened_at", "kind", "order", "source"]
    list_filter = ["kind"]
    list_select_related = ["order"]
    search_fields = ["source", "order__course_title"]
    people = ["order__user"]
    ordering = ["-happened_at", "-id"]


@admin.register(Posting)
class PostingAdmin(StaffAdmin):
    list_display = ["entry", "credited", "debited", money("amount"), "currency"]
    list_filter = ["credited", "debited", "currency"]
    list_select_related = ["entry"]
    search_fields = ["entry__source", "entry__order__course_title"]
    people = ["entry__order__user"]
    ordering = ["-id"]
    fields = ["entry", "credited", "debited", money("amount"), "currency"]


@admin.register(StripeEvent)
class StripeEventAdmin(StaffAdmin):
    """Found as its order is, too."""

    list_display = ["id", "type", "object_id", "state", "attempts", "received_at", "done_at"]
    list_filter = ["state", "type"]
    search_fields = ["id", "object_id", "order_ref", "payment_intent_id"]
    ordering = ["-received_at", "-id"]

    def holding(self, found: Finder) -> Q:
        bought = found(Order)
        paid = bought.exclude(payment_intent_id="").values("payment_intent_id")
        return Q(order_ref__in=bought.values("id")) | Q(payment_intent_id__in=paid)


@admin.register(DayTotal)
class DayTotalAdmin(StaffAdmin):
    """Our sales and refunds beside Stripe's, day by day."""

    list_display = [
        "day", "currency", money("sold"), money("sold_at_stripe"), money("refunded"), money("refunded_at_stripe"),
        "compared_at",
    ]  # fmt: skip
    list_filter = ["currency"]
    ordering = ["-day", "currency"]
