"""Sending one mail: two atomic halves around the call to the server."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from apps.notifications import clients, rules
from apps.notifications.errors import MailInDoubt, MailNotNow, MailRefused
from apps.notifications.models import Mail
from apps.notifications.queries import letters
from apps.notifications.types import DONE, LOST, Attachment, Kind, Letter, MailState
from learninghub import audit
from learninghub.errors import DomainError, Unavailable
from learninghub.jobs import Later, enqueue
from learninghub.outbox.crash import crashpoint

log = structlog.get_logger(__name__)


def send(*, mail_id: UUID, now: datetime) -> None:
    """Sends the mail unless it has been; harmless twice.

    Fetches its files, claims it, hands the letter over outside any transaction, and records what became of it. Raises
    Later where the server cannot take it now, where its fate is unknown and it is sent once more, while another worker
    has it, or while its files are not there.
    """
    attachments = fetch_attachments(mail_id=mail_id, now=now)
    claimed = claim(mail_id=mail_id, now=now)
    if claimed is None:
        return
    mail, letter = claimed
    crashpoint("mail.before_send")
    try:
        clients.hand_over(letter, attachments)
    except MailNotNow as error:
        put_back(mail, error, now=now)
    except MailRefused as error:
        record(mail, MailState.FAILED, now=now, error=str(error))
    except MailInDoubt as error:
        mail.doubts += 1
        if rules.is_sent_again(Kind(mail.kind), doubts=mail.doubts):
            put_back(mail, error, now=now)
        else:
            record(mail, MailState.UNKNOWN, now=now, error=str(error))
    else:
        crashpoint("mail.after_send")
        record(mail, MailState.SENT, now=now)


def fetch_attachments(*, mail_id: UUID, now: datetime) -> tuple[Attachment, ...]:
    """The files that the mail brings; none when they have not come in ten minutes, as the words matter more.

    Raises Later. Reads the store, so it runs outside a transaction.
    """
    mail = Mail.objects.get(id=mail_id)
    if mail.state in DONE:
        return ()
    try:
        return letters.attachments_of(mail)
    except Unavailable as error:
        if now - mail.queued_at > rules.GO_WITHOUT_FILES_AFTER:
            return ()
        raise Later(str(error), wait=timedelta(seconds=error.retry_after or 5)) from error


@transaction.atomic
def send_again(*, mail_id: UUID, by: UUID, reason: str, now: datetime) -> None:
    """Queues a mail that failed or whose fate is unknown anew, on a person's word; a no-op for any other.

    Its Message-ID stays, so that a reader's program knows a second copy. Locks the row.
    """
    mail = Mail.objects.select_for_update().get(id=mail_id)
    if mail.state not in LOST:
        return
    mail.state, mail.queued_at, mail.done_at = MailState.QUEUED, now, None
    mail.save(update_fields=["state", "queued_at", "done_at", "updated_at"])
    enqueue("notifications.send", mail.id)
    audit.record(action="notifications.sent_again", by=by, subject=mail.id, reason=reason, now=now)


@transaction.atomic
def claim(*, mail_id: UUID, now: datetime) -> tuple[Mail, Letter] | None:
    """Takes the mail for two minutes and writes its letter; None when it is done with.

    A claim that ran out means that a worker died while sending: nobody can tell whether the letter left, and that is a
    doubt like any other. A letter that cannot be written, as when its person is gone, has failed. Locks the row.
    Raises Later while another worker has it.
    """
    mail = Mail.objects.select_for_update().get(id=mail_id)
    if mail.state in DONE:
        return None
    if mail.leased_until is not None:
        if mail.leased_until > now:
            raise Later("another worker is sending it", wait=mail.leased_until - now)
        mail.doubts += 1
        if not rules.is_sent_again(Kind(mail.kind), doubts=mail.doubts):
            record(mail, MailState.UNKNOWN, now=now, error="the worker died while sending")
            return None
    try:
        letter = letters.compose(mail, now=now)
    except DomainError as error:
        record(mail, MailState.FAILED, now=now, error=f"cannot be written: {error}")
        return None
    mail.state = MailState.SENDING
    mail.attempts += 1
    mail.leased_until = now + rules.LEASE
    mail.save(update_fields=["state", "attempts", "doubts", "leased_until", "updated_at"])
    return mail, letter


def put_back(mail: Mail, error: Exception, *, now: datetime) -> None:
    """Queues the mail again and raises Later with the wait until the next try; after three days it gives up instead."""
    if now - mail.queued_at > rules.GIVE_UP_AFTER:
        record(mail, MailState.FAILED, now=now, error=str(error))
        return
    _write(mail, MailState.QUEUED, error=str(error))
    wait = rules.longest_wait(mail.attempts) * random.random()  # noqa: S311  jitter, not a secret
    raise Later(str(error), wait=wait) from error


def record(mail: Mail, state: MailState, *, now: datetime, error: str = "") -> None:
    """Writes down what became of the mail, unless another worker has taken it since."""
    _write(mail, state, error=error, done_at=now)
    log.info(
        "mail.done",
        mail_id=str(mail.id),
        kind=mail.kind,
        state=state.value,
        attempts=mail.attempts,
        doubts=mail.doubts,
    )


def _write(mail: Mail, state: MailState, *, error: str, done_at: datetime | None = None) -> None:
    held = Mail.objects.filter(id=mail.id, attempts=mail.attempts)
    held.update(state=state, doubts=mail.doubts, leased_until=None, last_error=error, done_at=done_at)
