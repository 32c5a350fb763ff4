"""A course with a price: declined, paid for, given back in parts or as a whole; and what the books say in the end."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from apps.users.types import Role
from sandbox import stripe as stripe_pages
from sandbox.stripe import StripeServer
from tests.journeys import books, steps
from tests.support.fleet import SELLER
from tests.support.http import Answer, Client
from tests.support.payments import ASKS_HOLDER, DECLINED, PRICE
from tests.support.pdf import text_of

pytestmark = pytest.mark.django_db

BUYER, STRANGER, STAFF = "ada@example.org", "eve@example.org", "sam@example.org"
TAX, FEE = 782, 99  # 19 % within 49.00, and what Stripe takes of that
SOLD = books.sale(tax=TAX, net=PRICE - TAX, fee=FEE)
Join = Callable[..., Client]


@pytest.fixture
def join(client: Client, deliver_all: steps.Deliver, mails_to: steps.MailsTo) -> Join:
    """Someone who registered, proved the address and signed in."""

    def join(email: str, display_name: str, **more: Any) -> Client:
        return steps.join(client, deliver_all, mails_to, email=email, display_name=display_name, **more)

    return join


@pytest.fixture
def course(teacher: Client) -> steps.Course:
    return steps.publish_course(teacher, title="Knots", price_amount=PRICE, currency="EUR")


@pytest.fixture
def buyer(join: Join) -> Client:
    return join(BUYER, "Ada Lovelace")


def with_key(person: Client, path: str, told: Any, *, key: str = "") -> Answer:
    return person.post(path, told, headers={"Idempotency-Key": key or uuid4().hex})


def buy(buyer: Client, course: steps.Course, deliver_all: steps.Deliver) -> str:
    """The id of the order, paid and done with."""
    opened = with_key(buyer, "payments/checkout/", {"course_id": course.id})
    assert opened.status == 201, opened.text
    assert stripe_pages.pay(opened.json["url"]).status == 303
    deliver_all()
    order_id: str = opened.json["order_id"]
    assert books.state_of(order_id) == ("paid", 0)
    return order_id


def heading(page: Answer) -> str:
    assert page.status == 200, page.text
    return page.text.partition("<h1>")[2].partition("</h1>")[0]


def documents_of(person: Client) -> list[dict[str, Any]]:
    """The person's invoices and credit notes, oldest first."""
    return sorted(person.get("payments/invoices/").json["results"], key=lambda document: document["issued_at"])


def words_of(person: Client, document: dict[str, Any]) -> tuple[bytes, str]:
    """The document's file and its words."""
    file = steps.fetch(person, f"payments/invoices/{document['id']}/pdf/")
    assert (file.status, file.headers["Content-Type"]) == (200, "application/pdf")
    return file.body, " ".join(text_of(file.body).split())


def test_from_the_price_to_the_invoice(
    client: Client,
    stripe: StripeServer,
    course: steps.Course,
    buyer: Client,
    deliver_all: steps.Deliver,
    mails_to: steps.MailsTo,
    breached: Callable[[], list[str]],
):
    refused = buyer.post("enrollments/", {"course_id": course.id})
    assert (refused.status, refused.json["code"]) == (402, "course_not_paid")
    assert buyer.post("payments/checkout/", {"course_id": course.id}).json["code"] == "idempotency_key_missing"

    opened = with_key(buyer, "payments/checkout/", {"course_id": course.id}, key="mine")
    again = with_key(buyer, "payments/checkout/", {"course_id": course.id}, key="mine")
    assert (opened.status, opened.json["amount"], opened.json["currency"]) == (201, PRICE, "EUR")
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, opened.body, "true")
    order_id, till = opened.json["order_id"], opened.json["url"]
    assert (books.state_of(order_id), books.seats_of(course.id)) == (("pending", 0), (0, 1))
    shown = stripe_pages.look(till)
    assert (shown.status, "Knots" in shown.text, "EUR 49.00" in shown.text) == (200, True, True)

    assert stripe_pages.pay(till, card=DECLINED).status == 402
    deliver_all()
    assert (books.state_of(order_id), buyer.get(f"content/lessons/{course.lesson}/").status) == (("pending", 0), 403)
    assert steps.kinds_of_news(buyer) == {"welcome": 1, "payment_failed": 1}

    stripe.hold()
    came_back = stripe_pages.pay(till, card=ASKS_HOLDER)
    assert came_back.status == 303
    page = urlsplit(came_back.location).path
    assert heading(client.get(page)) == "Thank you"
    stripe.release()
    deliver_all()
    assert heading(client.get(page)) == "The course is yours"
    [order] = buyer.get("payments/orders/").json["results"]
    assert (order["id"], order["state"], order["url"], order["tax_amount"]) == (order_id, "paid", None, TAX)
    [enrollment] = buyer.get("enrollments/").json["results"]
    assert (enrollment["course_id"], enrollment["source"], enrollment["state"]) == (course.id, "purchase", "active")
    assert "<h1>Knots</h1>" in buyer.get(f"content/lessons/{course.lesson}/").json["html"]

    [invoice] = documents_of(buyer)
    assert re.fullmatch(r"INV-\d{4}-000001", invoice["number"])
    file, words = words_of(buyer, invoice)
    told = (invoice["number"], *SELLER.values(), "Ada Lovelace", BUYER, "Knots")
    assert [word for word in told if word.replace(", ", " ") not in words.replace(", ", " ")] == []
    assert "Net EUR 41.18 VAT 19 % EUR 7.82 Total EUR 49.00" in words.replace("\u00a0", " ")
    assert words_of(buyer, invoice)[0] == file

    assert books.postings_of(order_id) == SOLD
    assert books.seats_of(course.id) == (1, 0)
    assert client.get(f"courses/{course.id}/").json["learners"] == 1
    assert steps.kinds_of_news(buyer) == dict.fromkeys(("welcome", "payment_failed", "receipt", "enrolment"), 1)
    mails = mails_to(BUYER)
    assert Counter(mail.subject for mail in mails) == {
        "Confirm your e-mail address": 1,
        "Welcome to Learning Hub": 1,
        "Payment declined: Knots": 1,
        "You are enrolled: Knots": 1,
        "Your receipt: Knots": 1,
    }
    [receipt] = [mail for mail in mails if mail.subject == "Your receipt: Knots"]
    assert receipt.files == {f"{invoice['number']}.pdf": file}
    assert list(books.oddities(breached())) == []


def test_staff_give_a_part_back_and_then_the_rest(
    client: Client,
    course: steps.Course,
    buyer: Client,
    join: Join,
    deliver_all: steps.Deliver,
    mails_to: steps.MailsTo,
    breached: Callable[[], list[str]],
):
    staff = join(STAFF, "Sam", role=Role.STAFF)
    order_id = buy(buyer, course, deliver_all)
    refund, lesson = f"payments/orders/{order_id}/refund/", f"content/lessons/{course.lesson}/"
    [enrollment] = buyer.get("enrollments/").json["results"]
    assert steps.take_course(buyer, enrollment) == [100]
    deliver_all()
    [certificate] = buyer.get("certificates/").json["results"]

    part = with_key(staff, refund, {"amount": 1000}, key="part")
    assert (part.status, part.json["amount"], part.json["reason"]) == (201, 1000, "goodwill")
    assert with_key(staff, refund, {"amount": 1000}, key="part").json == part.json
    deliver_all()
    assert (books.state_of(order_id), buyer.get(lesson).status) == (("paid", 1000), 200)
    assert client.get(f"certificates/verify/{certificate['code']}/").json["status"] == "valid"

    too_much = with_key(staff, refund, {"amount": PRICE - 999})
    assert (too_much.status, too_much.json["code"], too_much.json["left"]) == (409, "refund_too_large", PRICE - 1000)
    assert with_key(staff, refund, {}).json["amount"] == PRICE - 1000
    deliver_all()
    assert (books.state_of(order_id), buyer.get(lesson).status) == (("refunded", PRICE), 403)
    assert buyer.get(f"enrollments/{enrollment['id']}/").json["state"] == "revoked"
    assert client.get(f"certificates/verify/{certificate['code']}/").json["status"] == "revoked"
    assert books.until_the_certificate_went(order_id) < timedelta(seconds=60)  # invariant M5
    assert buyer.get(f"certificates/{certificate['id']}/pdf/").json["code"] == "certificate_withdrawn"

    invoice, *notes = documents_of(buyer)
    assert [note["number"][-6:] for note in notes] == ["000001", "000002"]
    assert [(note["kind"], note["gross"], note["tax"]) for note in notes] == [
        ("credit_note", 1000, 160),
        ("credit_note", PRICE - 1000, TAX - 160),
    ]
    for note in notes:
        assert f"Corrects invoice {invoice['number']}" in words_of(buyer, note)[1]

    parts = books.refund(tax=160, net=840) + books.refund(tax=TAX - 160, net=PRICE - TAX - 840)
    assert books.postings_of(order_id) == sorted(SOLD + parts)
    assert books.refunds_of(order_id) == [("settled", 1000, "goodwill"), ("settled", PRICE - 1000, "goodwill")]
    assert (books.seats_of(course.id), client.get(f"courses/{course.id}/").json["learners"]) == ((0, 0), 0)
    kinds = steps.kinds_of_news(buyer)
    assert {kind: kinds[kind] for kind in kinds if kind != "badge"} == {
        **dict.fromkeys(("welcome", "receipt", "enrolment", "completion", "certificate", "certificate_revoked"), 1),
        "refund": 2,
    }
    subjects = Counter(mail.subject for mail in mails_to(BUYER))
    assert subjects.pop("Your refund: Knots") == 2
    assert set(subjects.values()) == {1}
    assert {"Certificate revoked: Knots", "Your receipt: Knots"} <= subjects.keys()
    brought = [mail.files for mail in mails_to(BUYER) if mail.subject == "Your refund: Knots"]
    assert brought == [{f"{note['number']}.pdf": words_of(buyer, note)[0]} for note in notes]
    assert list(books.oddities(breached())) == []


def test_a_learner_gives_the_course_back_and_a_stranger_cannot(
    stripe: StripeServer,
    course: steps.Course,
    buyer: Client,
    join: Join,
    deliver_all: steps.Deliver,
    mails_to: steps.MailsTo,
    breached: Callable[[], list[str]],
):
    stranger = join(STRANGER, "Eve")
    order_id = buy(buyer, course, deliver_all)
    order, refund = f"payments/orders/{order_id}/", f"payments/orders/{order_id}/refund/"
    [invoice] = documents_of(buyer)

    denied = [stranger.get(order), with_key(stranger, refund, {}), stranger.get(f"payments/invoices/{invoice['id']}/")]
    assert [answer.status for answer in denied] == [404, 404, 404]
    assert with_key(buyer, refund, {"amount": 100}).json["code"] == "only_in_full"
    assert (stripe.objects("refund"), books.refunds_of(order_id)) == ([], [])
    assert (books.state_of(order_id), books.postings_of(order_id)) == (("paid", 0), SOLD)

    promised = with_key(buyer, refund, {}, key="back")
    assert (promised.status, promised.json["amount"], promised.json["reason"]) == (201, PRICE, "withdrawal")
    deliver_all()
    assert with_key(buyer, refund, {}, key="back").json == promised.json
    assert with_key(buyer, refund, {}).json["code"] == "not_refundable"
    [made] = stripe.objects("refund")
    assert (made["amount"], made["status"]) == (PRICE, "succeeded")
    assert (books.state_of(order_id), buyer.get(f"content/lessons/{course.lesson}/").status) == (
        ("refunded", PRICE),
        403,
    )
    assert books.refunds_of(order_id) == [("settled", PRICE, "withdrawal")]
    assert books.postings_of(order_id) == sorted(SOLD + books.refund(tax=TAX, net=PRICE - TAX))
    assert [(paper["kind"], paper["gross"]) for paper in documents_of(buyer)] == [
        ("invoice", PRICE),
        ("credit_note", PRICE),
    ]
    subjects = Counter(mail.subject for mail in mails_to(BUYER))
    assert (subjects["Your receipt: Knots"], subjects["Your refund: Knots"], max(subjects.values())) == (1, 1, 1)
    assert books.seats_of(course.id) == (0, 0)
    assert list(books.oddities(breached())) == []
