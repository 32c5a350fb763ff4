"""Mails about money: they bring the invoice or credit note, wait for it a little, and are a duty."""

from datetime import timedelta
from typing import Any

import pytest

from apps.notifications.models import Mail
from apps.notifications.types import Channel, Kind, MailState
from apps.payments.events import OrderExpired, PaymentFailed
from apps.payments.models import Document
from apps.payments.types import RefundReason
from learninghub.outbox.models import OutboxMessage
from learninghub.storage import store
from sandbox.smtp import Manner, Received, SmtpSink
from tests.support.bills import add_file, make_invoice, make_paid_order
from tests.support.courses import make_course
from tests.support.notifications import fate, refunded, state_fact, work
from tests.support.pdf import text_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
ELEVEN_MINUTES = timedelta(minutes=11)


def files_of(received: Received) -> list[tuple[str, str, bytes]]:
    return [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in received.message.iter_attachments()
    ]


def words_of(received: Received) -> str:
    return " ".join(received.message.get_body(("plain",)).get_content().split())


def lose_the_drawing() -> None:
    OutboxMessage.objects.filter(name="payments.render_document").delete()


def test_a_receipt_brings_the_very_bytes_of_the_invoice(sink: SmtpSink):
    person = make_person(display_name="Ada Lovelace")
    make_invoice(buyer=person, course=make_course(title="Knots"))
    work()
    work(after=timedelta(minutes=1))
    [received] = sink.received
    [(name, media_type, content)] = files_of(received)
    assert (name, media_type) == ("INV-2026-000001.pdf", "application/pdf")
    assert content == store.read(Document.objects.get().sha256)
    assert "Total EUR 49.00" in " ".join(text_of(content).split())
    assert "Amount: EUR 49.00 Invoice: INV-2026-000001" in words_of(received)
    assert received.message["List-Unsubscribe"] is None
    assert "This mail is about money of yours, so it cannot be switched off." in words_of(received)


def test_a_receipt_waits_for_the_file_and_then_goes_without(sink: SmtpSink):
    person = make_person()
    make_invoice(buyer=person)
    lose_the_drawing()
    work()
    assert fate(Kind.RECEIPT, person.id) == (MailState.QUEUED, 0, 0)
    assert sink.received == []
    work(after=ELEVEN_MINUTES)
    [received] = sink.received
    assert files_of(received) == []
    assert "You can fetch it from your account at any time." in words_of(received)
    assert fate(Kind.RECEIPT, person.id) == (MailState.SENT, 1, 0)


def test_a_receipt_whose_fate_is_unknown_is_sent_once_more_under_its_name(sink: SmtpSink):
    person = make_person()
    add_file(make_invoice(buyer=person), b"%PDF-1.7")
    sink.manner = Manner.CUT_AFTER_DATA
    work()
    sink.manner = Manner.ACCEPT
    work(after=timedelta(seconds=30))
    name = f"<{Mail.objects.get().id}@127.0.0.1>"
    assert [received.message["Message-ID"] for received in sink.received] == [name, name]
    assert fate(Kind.RECEIPT, person.id) == (MailState.SENT, 2, 1)


@pytest.mark.parametrize(
    ("amount", "reason", "ends_access", "why"),
    [
        (4_900, RefundReason.WITHDRAWAL, True, "You gave the course back."),
        (1_000, RefundReason.GOODWILL, False, "A gesture of goodwill."),
        (4_900, RefundReason.NOTHING_TO_GIVE, False, "No place was left, or the course was yours already."),
    ],
    ids=["full", "part", "nothing to give"],
)
def test_a_refund_brings_its_credit_note_and_says_what_it_means(
    amount: int, reason: RefundReason, ends_access: bool, why: str, sink: SmtpSink
):
    order = make_paid_order(buyer=make_person(), course=make_course(title="Knots"))
    fact = refunded(order, amount=amount, reason=reason)
    OutboxMessage.objects.all().delete()
    state_fact(fact)
    work()
    [received] = sink.received
    [(name, _, content)] = files_of(received)
    assert (name, content) == ("CN-2026-000001.pdf", b"%PDF-1.7")
    assert f"We have paid EUR {amount // 100}.00 for “Knots” back to you" in words_of(received)
    assert ("your access to the course has ended" in words_of(received)) is ends_access
    assert f"Reason: {why}" in words_of(received)


def test_what_failed_or_ran_out_is_not_told_to_an_address_that_nobody_proved(sink: SmtpSink):
    person, course = make_person(verified=False), make_course()
    order_id = make_paid_order(buyer=person, course=course).id
    where = {"order_id": order_id, "user_id": person.id, "course_id": course.id}
    state_fact(PaymentFailed(decline_code="expired_card", **where), OrderExpired(**where))
    work()
    assert sink.received == []
    assert Mail.objects.count() == 0


def test_only_what_failed_or_ran_out_can_be_switched_off(as_user: Any):
    choices = as_user(make_person()).get("notifications/preferences/").json["preferences"]
    about_money = {Kind.RECEIPT, Kind.PAYMENT_FAILED, Kind.ORDER_EXPIRED, Kind.REFUND, Kind.DISPUTE_LOST}
    assert {(choice["kind"], choice["channel"]) for choice in choices if choice["kind"] in about_money} == {
        (kind, channel) for kind in (Kind.PAYMENT_FAILED, Kind.ORDER_EXPIRED) for channel in Channel
    }
