"""Points at which a fault test may kill the process; without an order they do nothing."""

import os
from pathlib import Path

POINTS = (
    "write.before_commit",
    "write.after_commit",
    "schedule.before_commit",
    "schedule.after_commit",
    "relay.before_send",
    "relay.after_send",
    "relay.after_commit",
    "work.after_take",
    "work.before_done",
    "deliver.before_commit",
    "deliver.after_commit",
    "mail.before_send",
    "mail.after_send",
    "certificates.before_store",
    "certificates.after_store",
    "checkout.before_call",
    "checkout.after_call",
    "refund.before_call",
    "refund.after_call",
)
KILLED = 137  # the exit status that a shell gives for kill -9

_orders: list[Path] = []


def obey(file: Path) -> None:
    """From now on the process dies, as by kill -9, at the point that the file names, as soon as it names one."""
    _orders.append(file)


def crashpoint(name: str) -> None:
    """A place whose sudden death must lose nothing and do nothing twice."""
    for file in _orders:
        if file.exists() and file.read_text().strip() == name:
            os.write(2, f"crash point {name}\n".encode())
            os._exit(KILLED)
