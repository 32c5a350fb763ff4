"""Staff screens of certificates: found by number and name, and revoked with a reason."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from apps.certificates import actions
from apps.certificates.models import Certificate
from apps.certificates.types import RevocationReason
from learninghub.admin import Questions, StaffAdmin, deed


class Revocation(Questions):
    """Why a certificate no longer holds."""

    reason = forms.ChoiceField(choices=[(reason.value, reason.value.replace("_", " ")) for reason in RevocationReason])
    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Certificate)
class CertificateAdmin(StaffAdmin):
    list_display = ["code", "learner_name", "course_title", "state", "issued_at", "revoked_at"]
    list_filter = ["state", "revocation_reason"]
    search_fields = ["code", "learner_name", "course_title"]
    people = ["user"]
    ordering = ["-issued_at", "-id"]
    deeds = ["revoke"]

    @deed("Revoke", asks=Revocation, when=lambda certificate: certificate.revoked_at is None, icon="block")
    def revoke(self, certificate: Certificate, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        reason = RevocationReason(said["reason"])
        actions.revoke(certificate_id=certificate.id, reason=reason, note=said["note"], by=by, now=now)
