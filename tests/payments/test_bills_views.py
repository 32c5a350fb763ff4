"""The routes of invoices: one's own, what staff sees, and the file."""

import hashlib

import pytest

from apps.payments.actions import invoicing
from apps.payments.models import Document
from tests.support.bills import ISSUED_AT, make_invoice, make_paid_order, make_settled_refund
from tests.support.facts import deliver_all
from tests.support.pdf import text_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return make_person(display_name="Ada Lovelace", email="ada@example.org")


class TestMyInvoices:
    def test_are_listed_newest_first_with_credit_notes_and_are_only_mine(self, as_user, buyer):
        make_invoice()
        order = make_paid_order(buyer=buyer)
        mine = [
            invoicing.issue_invoice(order=order, now=ISSUED_AT),
            invoicing.issue_credit_note(refund=make_settled_refund(order, amount=100), now=ISSUED_AT),
            make_invoice(buyer=buyer),
        ]
        page = as_user(buyer).get("payments/invoices/", page_size=2).json
        rest = as_user(buyer).get(page["next"]).json

        assert [found["number"] for found in page["results"] + rest["results"]] == [
            found.number for found in reversed(mine)
        ]

    def test_cost_the_same_for_three_and_for_thirty(self, as_user, buyer, queries_of):
        def fill(number):
            for _ in range(number):
                make_invoice(buyer=buyer)

        client = as_user(buyer)
        fill(3)
        few = queries_of(lambda: client.get("payments/invoices/", page_size=100))
        fill(27)
        assert len(client.get("payments/invoices/", page_size=100).json["results"]) == 30
        assert queries_of(lambda: client.get("payments/invoices/", page_size=100)) == few == 1

    def test_show_all_that_is_on_paper(self, as_user, buyer):
        invoice = make_invoice(buyer=buyer)
        assert as_user(buyer).get(f"payments/invoices/{invoice.id}/").json == {
            "id": str(invoice.id),
            "kind": "invoice",
            "number": "INV-2026-000001",
            "corrects": "",
            "order_id": str(invoice.order_id),
            "course_id": str(invoice.course_id),
            "seller_name": "Example Learning GmbH",
            "seller_address": "Lernweg 7, 10115 Berlin, Germany",
            "seller_tax_id": "DE123456789",
            "buyer_name": "Ada Lovelace",
            "buyer_email": "ada@example.org",
            "description": invoice.description,
            "supplied_on": "2026-11-22",
            "issued_at": "2026-11-22T10:15:20Z",
            "net": 4118,
            "tax_rate": 1900,
            "tax": 782,
            "gross": 4900,
            "currency": "EUR",
            "has_file": False,
        }


class TestTheFile:
    def test_goes_to_its_buyer_the_same_each_time(self, as_user, buyer):
        invoice = make_invoice(buyer=buyer)
        deliver_all()
        answers = [as_user(buyer).get(f"payments/invoices/{invoice.id}/pdf/") for _ in range(2)]
        sha256 = Document.objects.get().sha256

        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].body == answers[1].body
        assert "INV-2026-000001" in text_of(answers[0].body)
        assert hashlib.sha256(answers[0].body).hexdigest() == sha256
        assert {name: answers[0].headers[name] for name in ("content-type", "etag", "content-disposition")} == {
            "content-type": "application/pdf",
            "etag": f'"{sha256}"',
            "content-disposition": 'attachment; filename="INV-2026-000001.pdf"',
        }
        assert answers[0].headers["cache-control"] == "private, no-store"

    def test_is_waited_for_while_it_is_drawn(self, as_user, buyer):
        invoice = make_invoice(buyer=buyer)
        answer = as_user(buyer).get(f"payments/invoices/{invoice.id}/pdf/")
        assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "document_not_ready", "5")

    @pytest.mark.parametrize("path", ["", "pdf/"])
    def test_is_nobody_elses(self, as_user, client, path):
        invoice = make_invoice()
        deliver_all()
        address = f"payments/invoices/{invoice.id}/{path}"
        assert client.get(address).status == 401
        for roles in ({"student"}, {"instructor"}):
            assert as_user(make_person(roles=roles)).get(address).status == 404
        assert as_user(make_person(roles={"staff"})).get(address).status == 200
