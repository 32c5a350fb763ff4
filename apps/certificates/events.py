"""What certificates states."""

from uuid import UUID

from learninghub.events import event


@event("certificates.certificate_issued.v1", key="certificate_id")
class CertificateIssued:
    """A learner was given the certificate of a course; anyone with the code can confirm it."""

    certificate_id: UUID
    user_id: UUID
    course_id: UUID
    code: str


@event("certificates.certificate_revoked.v1", key="certificate_id")
class CertificateRevoked:
    """A certificate no longer holds."""

    certificate_id: UUID
    user_id: UUID
    course_id: UUID
    reason: str
