"""The writes of certificates."""

import secrets
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from apps.certificates import clients, queries, rules
from apps.certificates.errors import AlreadyRevoked, CertificateNotFound
from apps.certificates.events import CertificateIssued, CertificateRevoked
from apps.certificates.models import Certificate as CertificateRow
from apps.certificates.types import Certificate, CertificateState, RevocationReason
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.types import EnrollmentState
from apps.users import api as users
from learninghub import audit
from learninghub.jobs import enqueue
from learninghub.outbox import publish
from learninghub.outbox.crash import crashpoint
from learninghub.storage import store


@transaction.atomic
def issue(
    *, enrollment_id: UUID, user_id: UUID, course_id: UUID, completed_at: datetime, now: datetime
) -> Certificate | None:
    """Gives the learner the certificate of the completed course, with the names as they stand now; the file follows.

    Exactly once an enrolment: a second call, also after a revocation, changes nothing and returns None, and so does one
    whose access was taken back. Takes the enrolment's lock.
    """
    _lock(enrollment_id)
    if CertificateRow.objects.filter(enrollment_id=enrollment_id).exists():
        return None
    if enrollments.get_enrollment(enrollment_id=enrollment_id).state == EnrollmentState.REVOKED:
        return None
    card = courses.get_card(course_id=course_id)
    people = users.get_people(ids={user_id, card.author_id})
    learner = people[user_id]
    row = CertificateRow.objects.create(
        user_id=user_id,
        course_id=course_id,
        enrollment_id=enrollment_id,
        code=_new_code(),
        learner_name=learner.display_name,
        course_title=card.title,
        instructor_name=people[card.author_id].display_name,
        locale=learner.locale,
        completed_on=completed_at.astimezone(ZoneInfo(learner.time_zone)).date(),
        issued_at=now,
        created_at=now,
    )
    publish(CertificateIssued(certificate_id=row.id, user_id=user_id, course_id=course_id, code=row.code))
    enqueue("certificates.render", row.id)
    return queries.as_certificate(row)


def render(*, certificate_id: UUID) -> None:
    """Draws the certificate's file, keeps it and notes its hash; a file once noted is never replaced.

    Runs outside a transaction. Raises CertificateNotFound, PdfUnavailable and PdfFailed.
    """
    certificate = queries.get(certificate_id=certificate_id)
    if certificate.state == CertificateState.RENDERED:
        return
    file = clients.draw(certificate)
    crashpoint("certificates.before_store")
    sha256 = store.put(file, media_type="application/pdf")
    crashpoint("certificates.after_store")
    CertificateRow.objects.filter(id=certificate_id, state=CertificateState.WAITING).update(
        state=CertificateState.RENDERED, sha256=sha256
    )


@transaction.atomic
def revoke(*, certificate_id: UUID, reason: RevocationReason, note: str, by: UUID, now: datetime) -> Certificate:
    """Declares that the certificate no longer holds; the note is for the audit log, the reason for everyone.

    Locks the row. Raises CertificateNotFound, AlreadyRevoked.
    """
    row = CertificateRow.objects.select_for_update().filter(id=certificate_id).first()
    if row is None:
        raise CertificateNotFound
    if row.revoked_at is not None:
        raise AlreadyRevoked
    _revoke(row, reason=reason, now=now)
    audit.record(action="certificates.revoked", by=by, subject=row.id, reason=note, details={"reason": reason}, now=now)
    return queries.as_certificate(row)


@transaction.atomic
def revoke_for_refund(*, enrollment_id: UUID, now: datetime) -> None:
    """Declares that the enrolment's certificate no longer holds; no effect where there is none or it is revoked.

    Takes the enrolment's lock, so that it cannot pass a certificate that is just being issued.
    """
    _lock(enrollment_id)
    row = (
        CertificateRow.objects.select_for_update().filter(enrollment_id=enrollment_id, revoked_at__isnull=True).first()
    )
    if row is not None:
        _revoke(row, reason=RevocationReason.REFUND, now=now)


def _revoke(row: CertificateRow, *, reason: RevocationReason, now: datetime) -> None:
    row.revoked_at = now
    row.revocation_reason = reason
    row.save(update_fields=["revoked_at", "revocation_reason", "updated_at"])
    publish(
        CertificateRevoked(certificate_id=row.id, user_id=row.user_id, course_id=row.course_id, reason=reason.value)
    )


def _lock(enrollment_id: UUID) -> None:
    """Until commit; there may be no row to lock yet."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"certificates:{enrollment_id}"])


def _new_code() -> str:
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))
