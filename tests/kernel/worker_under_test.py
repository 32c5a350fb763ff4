"""A worker as `manage.py work` runs it, which also knows jobs that fail, die and wait on request."""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from config import working  # noqa: E402  needs the settings
from learninghub.jobs import Later, job  # noqa: E402


@job("tests.note", queue="users")
def note(file: str, word: str) -> None:
    with Path(file).open("a") as paper:
        paper.write(f"{word}\n")


@job("tests.fail", queue="users")
def fail(file: str) -> None:
    note(file, "failed")
    raise RuntimeError("on purpose")


@job("tests.later", queue="users")
def later(file: str) -> None:
    note(file, "not yet")
    raise Later("not yet", wait=timedelta(hours=5))


@job("tests.die", queue="users")
def die(file: str) -> None:
    note(file, "died")
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests.stand", queue="users")
def stand(file: str) -> None:
    note(file, "stands")
    while not Path(f"{file}.go").exists():
        time.sleep(0.02)
    note(file, "goes")


if __name__ == "__main__":
    sys.exit(working.work(["users"], concurrency=2))
