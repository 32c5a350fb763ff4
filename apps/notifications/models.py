"""The tables of notifications."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.notifications.types import DONE, Channel, Kind, MailState
from learninghub.db import BaseModel

KINDS = [(kind.value, kind.value) for kind in Kind]
CHANNELS = [(channel.value, channel.value) for channel in Channel]
STATES = [(state.value, state.value) for state in MailState]


class Notification(BaseModel):
    """One piece of news in a person's list; its words are made when it is read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, choices=KINDS)
    source_id = models.UUIDField()
    facts = models.JSONField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "source_id"], name="notifications_notification_once"),
            models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="notifications_notification_kind"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_of_person"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notifications_unread"),
        ]


class Mail(BaseModel):
    """One mail to one person and how far it has come; `doubts` counts tries whose end SMTP could not tell (R31)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, choices=KINDS)
    source_id = models.UUIDField()
    facts = models.JSONField()
    state = models.CharField(max_length=8, choices=STATES, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "source_id"], name="notifications_mail_once"),
            models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="notifications_mail_kind"),
            models.CheckConstraint(condition=Q(state__in=list(MailState)), name="notifications_mail_state"),
            models.CheckConstraint(
                condition=Q(leased_until__isnull=True) ^ Q(state=MailState.SENDING), name="notifications_mail_lease"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) ^ Q(state__in=sorted(DONE)), name="notifications_mail_done"
            ),
            models.CheckConstraint(condition=Q(doubts__lte=F("attempts")), name="notifications_mail_doubts"),
        ]
        indexes = [models.Index(fields=["state", "queued_at"], name="notifications_mail_by_state")]


class Preference(BaseModel):
    """What a person has switched off."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, choices=KINDS)
    channel = models.CharField(max_length=8, choices=CHANNELS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="notifications_preference_once"),
            models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="notifications_preference_kind"),
            models.CheckConstraint(condition=Q(channel__in=list(Channel)), name="notifications_preference_channel"),
        ]
