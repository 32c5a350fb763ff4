"""The jobs of notifications."""

from uuid import UUID

from apps.notifications import actions
from learninghub.clock import now
from learninghub.jobs import job


@job("notifications.send", queue="mail")
def send(mail_id: UUID) -> None:
    actions.send(mail_id=mail_id, now=now())
