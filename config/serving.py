"""Serves the WSGI application with granian, in a worker that ends when its parent is gone."""

import os
import signal
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

LOOK_EVERY_S = 0.2
THREADS = 8
LAST_ANSWERS_S = 5


def serve(*, host: str, port: int) -> None:
    """Answer on host and port until SIGINT or SIGTERM; raises SystemExit(1) when the worker fails."""
    server = Server(
        "config.wsgi",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=LAST_ANSWERS_S,
        log_level=LogLevels.error,
    )
    # The terminal was closed: stop. granian would begin anew.
    server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    server.serve(target_loader=_load)


def end_with(parent: int, *, end: Callable[[], None]) -> None:
    """Call `end` from a thread of its own as soon as `parent` is no longer our parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_S)
        end()

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _load(target: str) -> Any:
    os.setpgid(0, 0)  # Ctrl-C reaches the parent alone, which lets requests finish
    end_with(os.getppid(), end=lambda: os._exit(1))
    wsgi = import_module(target)
    wsgi.start_threads()
    return wsgi.application
