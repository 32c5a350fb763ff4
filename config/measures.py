"""Figures of the apps' tables, for the relay to measure."""

from learninghub.metrics import definitions
from learninghub.metrics.measuring import measure


def enter() -> None:
    """Adds them to the kernel's own; called once, at start-up."""
    measure(definitions.MAILS_UNKNOWN, "select count(*) from notifications_mail where state = 'unknown'")
