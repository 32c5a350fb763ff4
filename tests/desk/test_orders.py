"""An order's page: all that came of it, and money given back in the order's own currency."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from apps.payments.actions import refunds
from apps.payments.models import Document, Entry, Order, Refund
from apps.payments.types import RefundSeen
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage
from tests.support import bills
from tests.support.courses import make_course
from tests.support.desk import carry_out, desk_of
from tests.support.payments import make_order
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
NO_BREAK = "\u00a0"


def order_of(price: int, currency: str = "EUR") -> Order:
    return make_order(make_person(), make_course(lessons=1, price_amount=price, currency=currency))


def page_of(desk: Client, order: Order) -> str:
    page = desk.get(f"/admin/payments/order/{order.id}/change/")
    assert page.status_code == 200
    return html.unescape(page.content.decode()).replace(NO_BREAK, " ")


def lines(page: str) -> list[list[str]]:
    """The cells of all tables on the page, as they are read."""
    rows = re.findall(r"<tr>(<td>.*?)</tr>", page, re.DOTALL)
    return [[re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)] for row in rows]


class TestThePage:
    def test_shows_refunds_with_their_failures_documents_with_their_files_and_the_books(self, desk: Client, staff: Any):
        order = order_of(4900)
        failed = refunds.refund(order_id=order.id, amount=1000, by=staff.id, now=now())
        Refund.objects.filter(id=failed.id).update(state="failed", failure="The card was closed.")
        made = RefundSeen(id="re_1", refund_id=None, amount=250, created=now(), is_settled=True, failure="")
        refunds.settle_one(order_id=order.id, made=made, now=now())
        invoice, credit_note = Document.objects.filter(order=order).order_by("id")
        bills.add_file(invoice, b"%PDF-1.7")

        page = page_of(desk, order)

        told = lines(page)
        assert [line[:4] for line in told if line[0] in ("EUR 10.00", "EUR 2.50")] == [
            ["EUR 10.00", "failed", "The card was closed.", "goodwill"],
            ["EUR 2.50", "settled", "", "made_at_stripe"],
        ]
        assert [(line[0], line[2], line[4]) for line in told if line[1] in ("invoice", "credit_note")] == [
            (invoice.number, "EUR 49.00", "PDF"),
            (credit_note.number, "EUR 2.50", "-"),
        ]
        assert [line[:4] for line in told if line[-1] in (order.charge_id, "re_1")] == [
            ["sale", "revenue", "stripe", "EUR 49.00"],
            ["fee", "stripe", "fees", "EUR 0.30"],
            ["refund", "stripe", "revenue", "EUR 2.50"],
        ]
        for row in (invoice, credit_note, *Refund.objects.filter(order=order), *Entry.objects.filter(order=order)):
            assert f'href="/admin/payments/{type(row).__name__.lower()}/{row.id}/change/"' in page
        file = desk.get(f"/admin/payments/document/{invoice.id}/pdf/")
        assert (file.status_code, file["Content-Type"], file.content) == (200, "application/pdf", b"%PDF-1.7")
        assert desk.get(f"/admin/payments/document/{credit_note.id}/pdf/").status_code == 404
        assert desk_of(make_person()).get(f"/admin/payments/document/{invoice.id}/pdf/").status_code == 302

    def test_costs_the_same_for_few_and_many_refunds(self, desk: Client, staff: Any, queries_of: Any):
        order = order_of(4900)

        def add_refunds(many: int) -> None:
            for _ in range(many):
                given = refunds.refund(order_id=order.id, amount=1, by=staff.id, now=now())
                made = RefundSeen(
                    id=f"re_{given.id}", refund_id=given.id, amount=1, created=now(), is_settled=True, failure=""
                )
                refunds.settle_one(order_id=order.id, made=made, now=now())

        page_of(desk, order)  # a first page also asks what models there are
        add_refunds(3)
        few = queries_of(lambda: page_of(desk, order))
        add_refunds(27)
        assert queries_of(lambda: page_of(desk, order)) == few

    def test_names_what_stripe_calls_it(self, desk: Client):
        order = order_of(4900)
        page = page_of(desk, order)
        assert all(f">{name}</div>" in page for name in (order.session_id, order.payment_intent_id, order.charge_id))


class TestMoneyBack:
    @pytest.mark.parametrize(
        ("price", "currency", "typed", "amount"),
        [
            (4900, "EUR", "12.50", 1250),
            (4900, "EUR", "12.5", 1250),
            (4900, "EUR", "49", 4900),
            (4900, "JPY", "1250", 1250),
        ],
    )
    def test_is_promised_in_the_orders_currency_and_left_to_the_job(
        self, desk: Client, staff: Any, price: int, currency: str, typed: str, amount: int
    ):
        order = order_of(price, currency)

        answer = carry_out(desk, order, "refund", amount=typed)

        assert answer.status_code == 302
        [refund] = Refund.objects.filter(order=order)
        assert (refund.amount, refund.state, refund.requested_by_id) == (amount, "requested", staff.id)
        [job] = OutboxMessage.objects.filter(name="payments.refund")
        assert str(refund.id) in str(job.payload)
        [entry] = AuditEntry.objects.filter(subject_id=order.id)
        assert (entry.action, entry.actor_id, entry.details["amount"]) == ("payments.refund", staff.id, amount)

    def test_is_all_that_is_left_unless_one_types_less(self, desk: Client, staff: Any):
        order = order_of(4900)
        refunds.refund(order_id=order.id, amount=1000, by=staff.id, now=now())
        address = f"/admin/payments/order/{order.id}/refund/"
        field = desk.get(address).context["form"]["amount"]
        assert (str(field.value()), field.help_text.replace(NO_BREAK, " ")) == ("39.00", "In EUR; EUR 39.00 are left.")

        carry_out(desk, order, "refund", amount=str(field.value()))

        assert sum(Refund.objects.filter(order=order).values_list("amount", flat=True)) == 4900
        assert desk.get(address).status_code == 404

    @pytest.mark.parametrize(
        ("currency", "typed", "why"),
        [
            ("EUR", "", "This field is required."),
            ("EUR", "twelve", "Enter a number."),
            ("EUR", "12,50", "Enter a number."),
            ("EUR", "NaN", "Enter a number."),
            ("EUR", "0", "More than nothing."),
            ("EUR", "-5", "More than nothing."),
            ("EUR", "12.505", "EUR has 2 decimal places."),
            ("EUR", "49.01", "At most EUR 49.00 can go back."),
            ("EUR", "99999999999999", "At most EUR 49.00 can go back."),
            ("JPY", "12.50", "JPY has no decimal places."),
            ("JPY", "4901", "At most JPY 4,900 can go back."),
        ],
    )
    def test_is_refused_at_its_field(self, desk: Client, currency: str, typed: str, why: str):
        order = order_of(4900, currency)

        answer = carry_out(desk, order, "refund", amount=typed)

        assert answer.status_code == 400
        told = {
            name: [word.replace(NO_BREAK, " ") for word in words]
            for name, words in answer.context["form"].errors.items()
        }
        assert told == {"amount": [why]}
        assert not Refund.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_is_not_offered_while_a_bank_disputes_the_payment(self, desk: Client):
        order = order_of(4900)
        Order.objects.filter(id=order.id).update(dispute_id="dp_1")
        assert f"/{order.id}/refund/" not in page_of(desk, order)
        assert desk.post(f"/admin/payments/order/{order.id}/refund/", {"amount": "1"}).status_code == 404
        assert not Refund.objects.exists()


def test_what_failed_is_read_in_the_list_of_refunds(desk: Client, staff: Any):
    order = order_of(4900)
    given = refunds.refund(order_id=order.id, amount=1000, by=staff.id, now=now())
    Refund.objects.filter(id=given.id).update(state="failed", failure="The card was closed.")
    listed = html.unescape(desk.get("/admin/payments/refund/", {"state__exact": "failed"}).content.decode())
    assert "The card was closed." in listed
    assert f"EUR{NO_BREAK}10.00" in listed
