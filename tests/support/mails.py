"""The mails that Django's file backend has written into a folder."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_BETWEEN = b"\n" + b"-" * 79 + b"\n"


def mails_in(folder: Path) -> list[EmailMessage]:
    """Every mail handed over, oldest file first.

    A file is named by the second and the sender's address in memory, which processes with one parent share: it may
    hold several mails.
    """
    texts = [path.read_bytes() for path in sorted(folder.glob("*.log"))]
    return [
        message_from_bytes(one, policy=policy.default) for text in texts for one in text.split(_BETWEEN) if one.strip()
    ]
