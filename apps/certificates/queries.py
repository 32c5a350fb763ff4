"""The reads of certificates."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

from apps.certificates import rules
from apps.certificates.errors import CertificateNotFound, CertificateNotReady, CertificateWithdrawn
from apps.certificates.models import Certificate as CertificateRow
from apps.certificates.types import Certificate, CertificateFile, CertificateState, RevocationReason
from learninghub.db import Figures, per_day
from learninghub.http.pagination import Page, PageRequest, paginate
from learninghub.readable import in_groups


def get(*, certificate_id: UUID) -> Certificate:
    """One certificate; raises CertificateNotFound."""
    found = list_by_id(ids=[certificate_id]).get(certificate_id)
    if found is None:
        raise CertificateNotFound
    return found


def list_by_id(*, ids: Collection[UUID]) -> dict[UUID, Certificate]:
    """Many certificates in one statement; unknown ids are left out."""
    return {row.id: as_certificate(row) for row in CertificateRow.objects.filter(id__in=ids).order_by("id")}


def find_for_course(*, user_id: UUID, course_id: UUID) -> Certificate | None:
    """The learner's certificate of the course that holds."""
    row = CertificateRow.objects.filter(user_id=user_id, course_id=course_id, revoked_at__isnull=True).first()
    return as_certificate(row) if row else None


def list_for_learner(*, user_id: UUID, page: PageRequest) -> Page[Certificate]:
    """The learner's certificates, newest first."""
    found = paginate(CertificateRow.objects.filter(user_id=user_id), order_by=["-issued_at", "-id"], page=page)
    return replace(found, results=[as_certificate(row) for row in found.results])


def get_by_code(*, code: str) -> Certificate:
    """The certificate with this code, however it was typed; raises CertificateNotFound."""
    found = find_by_code(code=code)
    if found is None:
        raise CertificateNotFound
    return found


def find_by_code(*, code: str) -> Certificate | None:
    """The certificate with this code, however it was typed."""
    row = CertificateRow.objects.filter(code=rules.normalise_code(code) or "").order_by("id").first()
    return as_certificate(row) if row else None


def get_file(*, certificate_id: UUID) -> CertificateFile:
    """Where the bytes as issued are kept. Raises CertificateNotFound, CertificateNotReady and CertificateWithdrawn."""
    certificate = get(certificate_id=certificate_id)
    if certificate.revoked_at is not None:
        raise CertificateWithdrawn
    if certificate.state != CertificateState.RENDERED:
        raise CertificateNotReady
    return CertificateFile(name=f"certificate-{in_groups(certificate.code)}.pdf", sha256=certificate.sha256)


def is_owner(*, user_id: UUID, certificate_id: UUID) -> bool:
    """Whether the certificate is this person's."""
    return CertificateRow.objects.filter(id=certificate_id, user_id=user_id).exists()


def as_certificate(row: CertificateRow) -> Certificate:
    """The row as it passes the door."""
    return Certificate(
        id=row.id,
        user_id=row.user_id,
        course_id=row.course_id,
        enrollment_id=row.enrollment_id,
        code=row.code,
        learner_name=row.learner_name,
        course_title=row.course_title,
        instructor_name=row.instructor_name,
        locale=row.locale,
        completed_on=row.completed_on,
        issued_at=row.issued_at,
        state=CertificateState(row.state),
        sha256=row.sha256,
        revoked_at=row.revoked_at,
        revocation_reason=RevocationReason(row.revocation_reason) if row.revocation_reason else None,
    )


def figures(*, first: date, last: date) -> Figures:
    """The certificates issued on each day."""
    return {"certificates": per_day(CertificateRow.objects.all(), first=first, last=last)}
