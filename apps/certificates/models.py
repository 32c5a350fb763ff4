"""The table of certificates."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.certificates.types import CertificateState, RevocationReason
from learninghub.db import BaseModel


class Certificate(BaseModel):
    """One certificate: who, for what, and the words as they stood when it was issued; a row is never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+")
    enrollment = models.OneToOneField("enrollments.Enrollment", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=28, unique=True)
    learner_name = models.TextField()
    course_title = models.TextField()
    instructor_name = models.TextField()
    locale = models.CharField(max_length=35)
    completed_on = models.DateField()
    issued_at = models.DateTimeField()
    state = models.CharField(
        max_length=16,
        choices=[(state.value, state.name) for state in CertificateState],
        default=CertificateState.WAITING,
    )
    sha256 = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.CharField(
        max_length=16, choices=[(reason.value, reason.name) for reason in RevocationReason], blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "course"],
                condition=Q(revoked_at__isnull=True),
                name="certificates_certificate_one_valid",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{28}$"), name="certificates_certificate_code_shape"
            ),
            models.CheckConstraint(
                condition=Q(state=CertificateState.WAITING, sha256="")
                | Q(state=CertificateState.RENDERED, sha256__regex=r"^[0-9a-f]{64}$"),
                name="certificates_certificate_file_by_state",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revocation_reason="")
                | Q(revoked_at__isnull=False, revocation_reason__in=list(RevocationReason)),
                name="certificates_certificate_revoked_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["user", "-issued_at", "-id"], name="certificates_own_newest")]
