"""The jobs of payments. While Stripe is away they wait, and that does not count as a try."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from apps.payments.actions import checkout, fulfilment, invoicing, reconciling, refunds, webhooks
from apps.payments.errors import StripeUnavailable
from learninghub import clock, pdf
from learninghub.jobs import Later, job, scheduled

LONGEST_WAIT = timedelta(minutes=1)
_UNTIL_SOMEONE_INSTALLS = timedelta(minutes=1)


@job("payments.look_into")
def look_into(event_id: str) -> None:
    with _patience():
        webhooks.look_into(event_id=event_id, now=clock.now())


@job("payments.look_again")
def look_again(order_id: UUID) -> None:
    with _patience():
        fulfilment.look_again(order_id=order_id, now=clock.now())


@job("payments.heal_checkout")
def heal_checkout(order_id: UUID) -> None:
    with _patience():
        checkout.heal(order_id=order_id)


@job("payments.close_checkout")
def close_checkout(order_id: UUID) -> None:
    with _patience():
        checkout.close(order_id=order_id)


@job("payments.refund")
def refund(refund_id: UUID) -> None:
    with _patience():
        refunds.carry_out(refund_id=refund_id, now=clock.now())


@job("payments.render_document", queue="pdf")
def render_document(document_id: UUID) -> None:
    if lack := pdf.missing():
        raise Later(lack, wait=_UNTIL_SOMEONE_INSTALLS)
    invoicing.render_document(document_id=document_id)


@scheduled("payments.close_due", every=timedelta(seconds=30))
def close_due(now: datetime) -> None:
    with _patience():
        reconciling.close_due(now=now)


@scheduled("payments.reconcile", every=timedelta(hours=1))
def reconcile(now: datetime) -> None:
    with _patience():
        reconciling.reconcile(now=now)


@contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except StripeUnavailable as error:
        raise Later(str(error), wait=LONGEST_WAIT * random.random()) from error  # noqa: S311  jitter
