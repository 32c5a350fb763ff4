"""Issuing: once for each payment and refund, without a gap, and never changed after."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.payments.actions import invoicing
from apps.payments.clients import paper
from apps.payments.events import InvoiceIssued
from apps.payments.models import Document, Order, Series
from apps.users.models import User
from learninghub.storage import store
from tests.support.bills import ISSUED_AT, SELLER, make_invoice, make_paid_order, make_settled_refund
from tests.support.courses import make_course
from tests.support.facts import deliver_all, published
from tests.support.load import meet
from tests.support.people import make_person

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def numbers() -> list[str]:
    return [f"{row.series_id}/{row.serial}" for row in Document.objects.order_by("series_id", "serial")]


@pytest.mark.django_db
class TestAnInvoice:
    def test_is_numbered_and_freezes_both_sides(self):
        buyer = make_person(display_name="Ada Lovelace", email="ada@example.org", locale="de-AT")
        order = make_paid_order(buyer=buyer, course=make_course(title="Knots"))
        invoice = invoicing.issue_invoice(order=order, now=ISSUED_AT)

        assert (invoice.number, invoice.kind, invoice.corrects, invoice.language) == (
            "INV-2026-000001",
            "invoice",
            "",
            "de",
        )
        assert (invoice.seller_name, invoice.seller_address, invoice.seller_tax_id) == tuple(SELLER.values())
        assert (invoice.buyer_name, invoice.buyer_email, invoice.description) == (
            "Ada Lovelace",
            "ada@example.org",
            "Knots",
        )
        assert (invoice.net, invoice.tax_rate, invoice.tax, invoice.gross, invoice.currency) == (
            4_118,
            1_900,
            782,
            4_900,
            "EUR",
        )
        assert published(InvoiceIssued) == [
            InvoiceIssued(
                invoice_id=invoice.id,
                order_id=order.id,
                user_id=buyer.id,
                course_id=order.course_id,
                number="INV-2026-000001",
                amount=4_900,
                currency="EUR",
            )
        ]

    def test_is_issued_once_for_an_order(self):
        order = make_paid_order()
        first = invoicing.issue_invoice(order=order, now=ISSUED_AT)
        assert invoicing.issue_invoice(order=order, now=NEW_YEAR) == first
        assert numbers() == ["INV-2026/1"]
        assert len(published(InvoiceIssued)) == 1

    def test_that_was_rolled_back_took_no_number(self):
        make_invoice()
        with transaction.atomic():
            make_invoice()
            transaction.set_rollback(True)
        make_invoice()
        assert numbers() == ["INV-2026/1", "INV-2026/2"]
        assert Series.objects.get().last_serial == 2

    def test_begins_a_new_series_each_year(self):
        make_invoice()
        assert make_invoice(now=NEW_YEAR).number == "INV-2027-000001"
        assert make_invoice().number == "INV-2026-000002"

    def test_keeps_its_bytes_when_everything_else_changes(self, monkeypatch: pytest.MonkeyPatch):
        invoice = make_invoice()
        deliver_all()
        sha256 = Document.objects.get().sha256
        before = store.read(sha256)
        User.objects.filter(id=invoice.user_id).update(display_name="Ada King", email="king@example.org")
        Order.objects.update(course_title="Another title")
        monkeypatch.setattr(paper, "draw", lambda document: b"another design")
        invoicing.render_document(document_id=invoice.id)

        after = Document.objects.get()
        assert (after.buyer_name, after.description, after.sha256) == (invoice.buyer_name, invoice.description, sha256)
        assert store.read(sha256) == before
        assert before.startswith(b"%PDF-1.7")

    def test_cannot_share_a_number_nor_fail_to_add_up(self):
        make_invoice()
        other = make_invoice()
        row = Document.objects.filter(id=other.id)
        for change in ({"serial": 1}, {"serial": 0}, {"gross": other.gross + 1}, {"sha256": "x"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                row.update(**change)


@pytest.mark.django_db
class TestACreditNote:
    def test_corrects_the_invoice_between_the_same_two(self):
        order = make_paid_order()
        invoice = invoicing.issue_invoice(order=order, now=ISSUED_AT)
        User.objects.filter(id=order.user_id).update(display_name="Ada King")
        note = invoicing.issue_credit_note(refund=make_settled_refund(order), now=ISSUED_AT)

        assert (note.kind, note.number, note.corrects) == ("credit_note", "CN-2026-000001", invoice.number)
        for same in ("buyer_name", "buyer_email", "seller_name", "seller_address", "description", "user_id", "gross"):
            assert getattr(note, same) == getattr(invoice, same)

    def test_names_the_seller_of_the_order_whoever_sells_by_then(self, settings: Any):
        order = make_paid_order()
        settings.SELLER = {"name": "Another House", "address": "1 New Street", "tax_id": "XX000"}
        invoicing.issue_invoice(order=order, now=ISSUED_AT)
        settings.SELLER = {"name": "A Third House", "address": "2 New Street", "tax_id": "XX111"}
        make_settled_refund(order)
        invoicing.issue_due(order=order, now=ISSUED_AT)
        sellers = Document.objects.order_by("id").values_list("kind", "seller_name", "seller_address", "seller_tax_id")
        frozen = tuple(SELLER.values())
        assert list(sellers) == [("invoice", *frozen), ("credit_note", *frozen)]

    def test_is_issued_once_for_a_refund(self):
        order = make_paid_order()
        invoicing.issue_invoice(order=order, now=ISSUED_AT)
        refund = make_settled_refund(order)
        first = invoicing.issue_credit_note(refund=refund, now=ISSUED_AT)
        assert invoicing.issue_credit_note(refund=refund, now=NEW_YEAR) == first
        assert numbers() == ["CN-2026/1", "INV-2026/1"]

    def test_of_parts_add_up_to_the_invoice(self):
        order = make_paid_order(amount=9_999, tax_rate=700)
        invoice = invoicing.issue_invoice(order=order, now=ISSUED_AT)
        parts = [
            invoicing.issue_credit_note(refund=make_settled_refund(order, amount=amount), now=ISSUED_AT)
            for amount in (3_333, 1, 3_333, 3_332)
        ]
        assert [part.number for part in parts] == [f"CN-2026-00000{serial}" for serial in (1, 2, 3, 4)]
        assert [sum(getattr(part, name) for part in parts) for name in ("net", "tax", "gross")] == [
            invoice.net,
            invoice.tax,
            invoice.gross,
        ]

    def test_needs_an_invoice(self):
        with pytest.raises(Document.DoesNotExist):
            invoicing.issue_credit_note(refund=make_settled_refund(make_paid_order()), now=ISSUED_AT)
        assert numbers() == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Fifty buyers, every fifth of whose transactions is rolled back after its invoice was issued."""

    RUNNERS = 50

    def issue_at_once(self, race: Any) -> list[Any]:
        course = make_course(lessons=1)
        orders = [make_paid_order(course=course) for _ in range(self.RUNNERS)]
        Series.objects.create(name="INV-2026")

        def issue(number: int) -> None:
            with transaction.atomic():
                invoicing.issue_invoice(order=orders[number], now=ISSUED_AT)
                if number % 5 == 0:
                    raise ZeroDivisionError

        return [result for result in race(issue, self.RUNNERS) if not isinstance(result, ZeroDivisionError)]

    def test_they_are_numbered_without_a_gap(self, race: Any, monkeypatch: pytest.MonkeyPatch):
        meet(monkeypatch, invoicing, "_lock_series", self.RUNNERS)
        assert self.issue_at_once(race) == [None] * 40
        assert numbers() == [f"INV-2026/{serial}" for serial in range(1, 41)]
        assert Series.objects.get().last_serial == 40

    def test_without_the_lock_two_would_take_one_number(self, race: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows.all())
        meet(monkeypatch, invoicing.users, "get_contact", self.RUNNERS)  # all have read the last number
        refused = [result for result in self.issue_at_once(race) if result is not None]
        assert {type(result) for result in refused} == {IntegrityError}
        assert all("payments_document_number" in str(result) for result in refused)

    def test_one_order_gets_one_invoice(self, race: Any):
        order = make_paid_order()
        issued = race(lambda _: invoicing.issue_invoice(order=order, now=ISSUED_AT).number, 20)
        assert issued == ["INV-2026-000001"] * 20
        assert numbers() == ["INV-2026/1"]
