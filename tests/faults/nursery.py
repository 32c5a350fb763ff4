"""Forks the processes of a fleet under test, so that one that was killed is back in a moment: `python -m` this.

It reads orders, one JSON object a line: {"name", "words" (of manage.py), "orders" (the file that arms crash points),
"log", "delay" (seconds), "environment" (besides ours)}; it tells {"name", "pid"} of each birth and {"pid", "status"} of
each death. All children die with it. Crash points are armed here and only here: no setting can arm them in a process
that serves. On SIGUSR2 a process takes 350 MB, and dies as by the kernel's hand where it gets no more.
"""

import contextlib
import ctypes
import json
import os
import pkgutil
import random
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import django

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_BURDEN_MB = 350  # more than a child of a worker may weigh
_burden: list[bytes] = []


def main() -> None:
    _import_everything()
    signal.signal(signal.SIGCHLD, _bury)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _say(ready=True)
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            order = json.loads(line)
            child = os.fork()
            if child == 0:
                _become(order)
            _say(name=order["name"], pid=child)


def _import_everything() -> None:
    import apps  # noqa: PLC0415

    django.setup()
    from learninghub.outbox import crash  # noqa: F401, PLC0415

    for app in pkgutil.iter_modules(apps.__path__):
        with contextlib.suppress(ModuleNotFoundError):
            import_module(f"apps.{app.name}.urls")
    for name in (
        "boto3",
        "weasyprint",
        "granian.server",
        "celery.apps.worker",
        "celery.concurrency.prefork",
        "kombu.transport.pyamqp",
    ):
        import_module(name)


def _say(**words: Any) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def _bury(_signal: int, _frame: FrameType | None) -> None:
    with contextlib.suppress(ChildProcessError):
        while (dead := os.waitpid(-1, os.WNOHANG))[0]:
            _say(pid=dead[0], status=os.waitstatus_to_exitcode(dead[1]))


def _become(order: dict[str, Any]) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    for word in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(word, signal.SIG_DFL)
    signal.signal(signal.SIGUSR2, _swell)
    with Path(order["log"]).open("ab") as log, Path("/dev/null").open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    random.seed()
    status = 1
    try:
        time.sleep(order["delay"])
        os.environ.update(order["environment"])
        _run(order["words"], Path(order["orders"]))
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
        if isinstance(end.code, str):
            os.write(2, end.code.encode() + b"\n")
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        os._exit(status)


def _swell(_signal: int, _frame: FrameType | None) -> None:
    try:
        _burden.extend(bytes([number % 251 + 1]) * 2**20 for number in range(_BURDEN_MB))
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)


def _run(words: list[str], orders: Path) -> None:
    if words[0] == "-m":
        os.execv(sys.executable, [sys.executable, *words])  # noqa: S606
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from learninghub.outbox import crash  # noqa: PLC0415

    crash.obey(orders)
    execute_from_command_line(["manage.py", *words])


if __name__ == "__main__":
    main()
