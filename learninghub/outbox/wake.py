"""Bells of the one-process shape: a commit wakes the relay, the relay wakes the workers. Polls stand behind both."""

import threading

relay = threading.Event()
workers = threading.Condition()


def wake_workers() -> None:
    """Wakes every worker thread of this process."""
    with workers:
        workers.notify_all()
