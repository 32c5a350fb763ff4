"""Serves the WSGI application with granian, in a worker that ends when its parent is gone."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from multiprocessing import RawValue
from types import FrameType
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from config.env import env
from learninghub import shape
from learninghub.http import health

LOOK_EVERY_S = 0.2
THREADS = 8
LAST_ANSWERS_S = 5
SERVICE_LAST_ANSWERS_S = 30


def serve(*, host: str, port: int, drain_s: int = 0, last_answers_s: int = LAST_ANSWERS_S) -> None:
    """Answer on host and port until SIGINT or SIGTERM; raises SystemExit(1) when the worker fails.

    Asked to end it is unready at once and serves on for `drain_s`, so that who sends requests here can learn of it; a
    second signal cuts that short. What has begun then has `last_answers_s` to end (R29).
    """
    leaving = RawValue("b", 0)  # the parent hears the signal, the worker answers the probe
    service = shape.chosen()
    server = Server(
        "config.wsgi",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        # Each holds a connection while it answers: one more than the pool has could only wait.
        blocking_threads=min(THREADS, env["DATABASE_POOL"]),
        workers_kill_timeout=last_answers_s,
        log_level=LogLevels.error,
    )

    def leave(_signal: int, _frame: FrameType | None) -> None:
        if leaving.value or not drain_s:
            server.signal_handler_interrupt()
        else:
            timer = threading.Timer(drain_s, server.signal_handler_interrupt)
            timer.daemon = True
            timer.start()
        leaving.value = 1

    def obey() -> None:
        # SIGHUP: the terminal was closed. granian would begin anew.
        for word in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(word, leave)

    server.on_startup(obey)
    server.serve(target_loader=partial(_load, service=service.name if service else None, leaving=leaving))


def end_with(parent: int, *, end: Callable[[], None]) -> None:
    """Call `end` from a thread of its own as soon as `parent` is no longer our parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_S)
        end()

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _load(target: str, *, service: str | None, leaving: Any) -> WSGIApplication:
    os.setpgid(0, 0)  # Ctrl-C reaches the parent alone, which lets requests finish
    end_with(os.getppid(), end=lambda: os._exit(1))
    if service:
        shape.choose(service)
        from learninghub import clock  # noqa: PLC0415  `make run` imports this before there are settings
        from learninghub.db import roles  # noqa: PLC0415

        roles.take(roles.WEB)
        clock.follow()
    wsgi = import_module(target)
    wsgi.start_threads()
    health.leave_when(lambda: bool(leaving.value))
    return _parting(wsgi.application, leaving)


def _parting(application: WSGIApplication, leaving: Any) -> WSGIApplication:
    """While it is leaving, every answer tells the client to send the next request by another connection."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not leaving.value:
            return application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], exc_info)

        return application(environ, start)

    return answer
