"""Issuing invoices and credit notes: numbered without a gap, frozen, and drawn once."""

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from apps.payments import rules
from apps.payments.clients import paper
from apps.payments.events import InvoiceIssued
from apps.payments.models import Document as DocumentRow
from apps.payments.models import Order, Refund, Series
from apps.payments.queries import bills
from apps.payments.types import Document, DocumentKind, RefundState
from apps.users import api as users
from learninghub.jobs import enqueue
from learninghub.outbox import publish
from learninghub.readable import language_for
from learninghub.storage import store


@transaction.atomic
def issue_due(*, order: Order, now: datetime) -> None:
    """Issues what the order lacks: its invoice once it is paid, a credit note for each settled refund.

    Comes last in its transaction, as it takes the locks of the series, which all orders share.
    """
    if order.paid_at is None:
        return
    if not order.documents.filter(kind=DocumentKind.INVOICE).exists():
        issue_invoice(order=order, now=now)
    for refund in order.refunds.filter(state=RefundState.SETTLED, credit_note=None).order_by("settled_at", "id"):
        issue_credit_note(refund=refund, now=now)


@transaction.atomic
def issue_invoice(*, order: Order, now: datetime) -> Document:
    """Gives the paid order its invoice, once: a second call returns the first one. The file follows.

    Takes the series' lock and holds it until commit, so it comes last in its transaction: what is rolled back has
    taken no number.
    """
    series = _lock_series(DocumentKind.INVOICE, now=now)
    found = DocumentRow.objects.filter(order=order, kind=DocumentKind.INVOICE).select_related("corrects").first()
    if found:
        return bills.as_document(found)
    assert order.paid_at  # noqa: S101  the table holds to it
    buyer = users.get_contact(user_id=order.user_id)
    row = _issue(
        series,
        kind=DocumentKind.INVOICE,
        order=order,
        user_id=order.user_id,
        seller_name=order.seller["name"],
        seller_address=order.seller["address"],
        seller_tax_id=order.seller["tax_id"],
        buyer_name=buyer.display_name,
        buyer_email=buyer.email,
        language=language_for(buyer.locale),
        description=order.course_title,
        supplied_on=order.paid_at.astimezone(UTC).date(),
        issued_at=now,
        net=order.amount - order.tax_amount,
        tax_rate=order.tax_rate,
        tax=order.tax_amount,
        gross=order.amount,
        currency=order.currency,
    )
    invoice = bills.as_document(row)
    publish(
        InvoiceIssued(
            invoice_id=invoice.id,
            order_id=invoice.order_id,
            user_id=invoice.user_id,
            course_id=invoice.course_id,
            number=invoice.number,
            amount=invoice.gross,
            currency=invoice.currency,
        )
    )
    return invoice


@transaction.atomic
def issue_credit_note(*, refund: Refund, now: datetime) -> Document:
    """Gives the settled refund its credit note, once, between the same two as the order's invoice. The file follows.

    Takes the series' lock as `issue_invoice` does. The order must have its invoice.
    """
    series = _lock_series(DocumentKind.CREDIT_NOTE, now=now)
    found = DocumentRow.objects.filter(refund=refund).select_related("corrects", "order").first()
    if found:
        return bills.as_document(found)
    invoice = DocumentRow.objects.get(order_id=refund.order_id, kind=DocumentKind.INVOICE)
    row = _issue(
        series,
        kind=DocumentKind.CREDIT_NOTE,
        order=refund.order,
        refund=refund,
        corrects=invoice,
        user_id=invoice.user_id,
        seller_name=invoice.seller_name,
        seller_address=invoice.seller_address,
        seller_tax_id=invoice.seller_tax_id,
        buyer_name=invoice.buyer_name,
        buyer_email=invoice.buyer_email,
        language=invoice.language,
        description=invoice.description,
        supplied_on=invoice.supplied_on,
        issued_at=now,
        net=refund.amount - refund.tax_amount,
        tax_rate=invoice.tax_rate,
        tax=refund.tax_amount,
        gross=refund.amount,
        currency=invoice.currency,
    )
    return bills.as_document(row)


def render_document(*, document_id: UUID) -> None:
    """Draws the document's file, keeps it and notes its hash; a file once noted is never replaced.

    Runs outside a transaction. Raises DocumentNotFound, PdfUnavailable and PdfFailed.
    """
    document = bills.get(document_id=document_id)
    if document.sha256:
        return
    file = paper.draw(document)
    sha256 = store.put(file, media_type="application/pdf")
    DocumentRow.objects.filter(id=document_id, sha256="").update(sha256=sha256)


def _lock_series(kind: DocumentKind, *, now: datetime) -> Series:
    name = rules.series_name(kind, year=now.astimezone(UTC).year)
    Series.objects.bulk_create([Series(name=name)], ignore_conflicts=True)
    return Series.objects.select_for_update().get(name=name)


def _issue(series: Series, **fields: object) -> DocumentRow:
    series.last_serial += 1
    series.save(update_fields=["last_serial"])
    row = DocumentRow.objects.create(series=series, serial=series.last_serial, **fields)
    enqueue("payments.render_document", row.id)
    return row
