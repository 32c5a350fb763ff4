"""The mail server: hands one letter over, and tells apart refused, not now, and nobody knows."""

import smtplib
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends import smtp

from apps.notifications.errors import MailInDoubt, MailNotNow, MailRefused
from apps.notifications.types import Letter

_GO_ON = 354
_PERMANENT = 500


class _DoubtfulConnection(smtplib.SMTP):
    """An SMTP connection that says when it broke after the letter was handed over.

    Before the server's 354 (RFC 5321, section 4.1.1.4) it has none of the letter, and there is no doubt.
    """

    has_begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.has_begun = False
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            if self.has_begun:
                raise MailInDoubt(str(error)) from error
            raise

    def getreply(self) -> tuple[int, bytes]:
        code, words = super().getreply()
        self.has_begun = self.has_begun or code == _GO_ON
        return code, words


class _DoubtfulTlsConnection(_DoubtfulConnection, smtplib.SMTP_SSL):
    pass


class SmtpBackend(smtp.EmailBackend):
    """Django's SMTP backend on connections that say when they are in doubt."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _DoubtfulTlsConnection if self.use_ssl else _DoubtfulConnection


def hand_over(letter: Letter) -> None:
    """Gives the letter to the mail server; it has taken it when this returns.

    Raises MailRefused where the server will never take this letter or this address (5xx), MailInDoubt where it was cut
    off after the letter was handed over, and MailNotNow for all else: 4xx, no connection, and what our own settings
    are to blame for (log-in, sender).
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
        raise _by_reply(*error.recipients[letter.to]) from error
    except smtplib.SMTPDataError as error:
        raise _by_reply(error.smtp_code, error.smtp_error) from error
    except OSError as error:
        raise MailNotNow(str(error)) from error


def _by_reply(code: int, words: bytes | str) -> MailRefused | MailNotNow:
    said = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return MailRefused(said) if code >= _PERMANENT else MailNotNow(said)
