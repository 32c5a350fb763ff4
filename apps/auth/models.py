"""Tables of auth: sessions and their refresh tokens."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from apps.auth.types import EndReason
from learninghub.db import BaseModel


class SessionQuerySet(models.QuerySet["Session"]):
    """Filters over sessions."""

    def alive(self, *, now: datetime) -> SessionQuerySet:
        return self.filter(ended_at=None, expires_at__gt=now)

    def long_over(self, *, before: datetime) -> SessionQuerySet:
        return self.filter(models.Q(ended_at__lt=before) | models.Q(expires_at__lt=before))


class Session(BaseModel):
    """One log-in of one person on one device: the family of all refresh tokens that came of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    user_agent = models.CharField(max_length=300, blank=True)
    network = models.CharField(max_length=43, blank=True)
    credential_epoch = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    generation = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | models.Q(ended_at__isnull=False, end_reason__in=[reason.value for reason in EndReason]),
                name="identity_session_end_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("started_at")),
                name="identity_session_expires_later",
            ),
            models.CheckConstraint(
                condition=models.Q(generation=0, ended_at=None) | models.Q(changed_at__isnull=False),
                name="identity_session_change_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-started_at", "-id"], name="identity_session_of_user"),
            models.Index(
                fields=["changed_at"],
                name="identity_session_changed",
                condition=models.Q(changed_at__isnull=False),
            ),
            models.Index(fields=["expires_at"], name="identity_session_expired"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RefreshToken(BaseModel):
    """One link of a family: not the token, only its digest and what its successor is made of."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.CharField(max_length=64, unique=True)
    predecessor = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successor"
    )
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True, blank=True)
    successor_salt = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(consumed_at=None, successor_salt=None)
                | models.Q(consumed_at__isnull=False, successor_salt__isnull=False),
                name="identity_refreshtoken_consumed_with_salt",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="identity_refreshtoken_expired")]

    def __str__(self) -> str:
        return str(self.id)
