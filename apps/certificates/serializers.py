"""Shapes in and out."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.certificates import clients
from apps.certificates.types import Certificate, CertificateState, RevocationReason
from learninghub.readable import in_groups

STATES = [(state.value, state.name) for state in CertificateState]
REASONS = [(reason.value, reason.name) for reason in RevocationReason]


class CertificateOut(serializers.Serializer):
    id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    learner_name = serializers.CharField()
    course_title = serializers.CharField()
    instructor_name = serializers.CharField()
    completed_on = serializers.DateField()
    issued_at = serializers.DateTimeField()
    state = serializers.ChoiceField(STATES, help_text="Whether the file can be fetched yet.")
    code = serializers.SerializerMethodField()
    verify_url = serializers.SerializerMethodField(help_text="A page for people who want to confirm it.")
    revoked_at = serializers.DateTimeField(allow_null=True)
    revocation_reason = serializers.ChoiceField(REASONS, allow_null=True)

    def get_code(self, certificate: Certificate) -> str:
        return in_groups(certificate.code)

    def get_verify_url(self, certificate: Certificate) -> str:
        return clients.address_of(certificate.code)


class VerificationOut(serializers.Serializer):
    """The same fields whether it holds or is revoked."""

    code = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    learner_name = serializers.CharField()
    course_title = serializers.CharField()
    instructor_name = serializers.CharField()
    completed_on = serializers.DateField()
    issued_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    revocation_reason = serializers.ChoiceField(REASONS, allow_null=True)

    def get_code(self, certificate: Certificate) -> str:
        return in_groups(certificate.code)

    @extend_schema_field({"type": "string", "enum": ["valid", "revoked"]})
    def get_status(self, certificate: Certificate) -> str:
        return "valid" if certificate.revoked_at is None else "revoked"


class RevocationIn(serializers.Serializer):
    reason = serializers.ChoiceField(REASONS, help_text="Shown to everyone who asks.")
    note = serializers.CharField(max_length=1000, help_text="For the audit log.")

    def validate_reason(self, value: str) -> RevocationReason:
        return RevocationReason(value)
