"""What can go wrong in notifications."""

from learninghub.errors import Gone, NotFound


class NotificationNotFound(NotFound):
    """You have no such notification."""


class UnsubscribeLinkInvalid(NotFound):
    """This unsubscribe link is not one of ours."""


class LinkRanOut(Gone):
    """The link that this mail was to bring no longer works."""


class MailNotAccepted(Exception):
    """The mail server would not take the letter."""


class MailRefused(MailNotAccepted):
    """The server will never take it (5xx)."""


class MailNotNow(MailNotAccepted):
    """The server cannot take it now, or cannot be reached (4xx, no connection)."""


class MailServerAway(MailNotNow):
    """The server cannot be reached, or broke off."""


class MailInDoubt(MailNotAccepted):
    """The connection broke after the letter was handed over: nobody can tell whether it was taken."""
