"""What became of the mails."""

from datetime import date

from apps.notifications.models import Mail
from apps.notifications.types import MailState
from learninghub.db import Figures, per_day


def figures(*, first: date, last: date) -> Figures:
    """The mails of each day by their end."""
    ends = {"mails_sent": MailState.SENT, "mails_failed": MailState.FAILED, "mails_unknown": MailState.UNKNOWN}
    return {name: per_day(Mail.objects.filter(state=end), first=first, last=last) for name, end in ends.items()}
