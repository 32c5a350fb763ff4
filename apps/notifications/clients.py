"""The mail server: hands one letter over, and tells apart refused, not now, and nobody knows."""

import smtplib
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends import smtp

from apps.notifications.errors import MailInDoubt, MailNotNow, MailRefused
from apps.notifications.types import Letter

_PERMANENT = 500


class _DoubtfulConnection(smtplib.SMTP):
    """An SMTP connection that says when it broke after the letter was handed over."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if isinstance(error, smtplib.SMTPResponseException):
                raise
            raise MailInDoubt(str(error)) from error


class _DoubtfulTlsConnection(_DoubtfulConnection, smtplib.SMTP_SSL):
    pass


class SmtpBackend(smtp.EmailBackend):
    """Django's SMTP backend on connections that say when they are in doubt."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _DoubtfulTlsConnection if self.use_ssl else _DoubtfulConnection


def hand_over(letter: Letter) -> None:
    """Gives the letter to the mail server; it has taken it when this returns.

    Raises MailRefused (5xx), MailNotNow (4xx, no connection), MailInDoubt (cut after the letter was handed over).
    """
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        headers={**letter.headers, "Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(letter.html, "text/html")
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise _by_code(code, error) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotNow(str(error)) from error


def _by_code(code: int, error: Exception) -> MailRefused | MailNotNow:
    return MailRefused(str(error)) if code >= _PERMANENT else MailNotNow(str(error))
