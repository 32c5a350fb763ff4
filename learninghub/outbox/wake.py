"""Bells: a commit wakes the relay, the relay wakes the workers of the one-process shape. Polls stand behind both."""

import threading

relay = threading.Event()
workers = threading.Condition()
CHANNEL = "learninghub_outbox"  # PostgreSQL's, for a relay that is a process of its own


def wake_workers() -> None:
    """Wakes every worker thread of this process."""
    with workers:
        workers.notify_all()
