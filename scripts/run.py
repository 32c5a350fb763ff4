"""`make run`: the whole platform in one process, with a database of its own where none is given."""

import argparse
import io
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import django
from django.core.management import call_command, get_commands
from django.db import OperationalError

from config import embedded, serving
from config.env import env
from scripts import pdf_libraries
from scripts.terminal import foreground

ANSWERS_WITHIN_S = 60
_DEMO = env.var / "demo"  # what load_demo had to say: written once it is done, shown at every start


class Refused(Exception):
    """We cannot start; the text says why and what to do."""


def main() -> int:
    began = time.monotonic()
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--host", default="127.0.0.1")
    wanted.add_argument("--port", type=_port, default=3000)
    wanted.add_argument("--starter", type=int, help="stop when this process, our parent, is gone")
    given = wanted.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    with foreground():
        try:
            _check_port_is_free(given.host, given.port)
            with _database() as database:
                _watch(given.starter, database)
                _prepare(with_demo=database is not None)
                print(f"  {pdf_libraries.provide()}", flush=True)
                site = f"http://{given.host}:{given.port}"
                words = {"with_demo": database is not None}
                threading.Thread(target=_welcome, args=(site, began), kwargs=words, daemon=True).start()
                serving.serve(host=given.host, port=given.port)
        except (Refused, embedded.NotStarted) as why:
            print(f"\n{why}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            pass
    print("Stopped.")
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"PORT={text} is not a port; expected a number from 1 to 65535")
    return int(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _step(words: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"  {words} ...", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def _check_port_is_free(host: str, port: int) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as why:
        raise Refused(
            f"Cannot listen on {host}:{port}: {why.strerror}. Where another program holds the port, "
            f"stop that one or choose another: make run PORT={port % 65535 + 1}"
        ) from None


@contextmanager
def _database() -> Iterator[embedded.Database | None]:
    if env["DATABASE_URL"]:
        yield None
        return
    with _step(f"PostgreSQL, embedded, with its data under {env.var}"):
        database = embedded.start(env.var)
    try:
        yield database
    finally:
        database.stop()


def _watch(starter: int | None, database: embedded.Database | None) -> None:
    def stop(why: str) -> None:
        print(f"\n{why} Stopping.", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

    if starter is not None and starter == os.getppid():
        serving.end_with(starter, end=lambda: stop("The process that started us is gone."))
    if database is not None:
        threading.Thread(target=_watch_database, args=(database, stop), daemon=True).start()


def _watch_database(database: embedded.Database, stop: Callable[[str], None]) -> None:
    if database.guard.wait() != 0:
        stop("The database has ended by itself.")


def _prepare(*, with_demo: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # In a process of its own: what serves is forked from this one, which must hold no connection.
    child = multiprocessing.Process(target=_migrate_and_fill, kwargs={"with_demo": with_demo})
    child.start()
    child.join()
    if child.exitcode != 0:
        raise Refused("The database could not be prepared; the lines above say why.")


def _migrate_and_fill(*, with_demo: bool) -> None:
    try:
        with _step("Tables"):
            call_command("migrate", verbosity=0)
    except OperationalError as why:
        sys.exit(f"\nThe database at {env.database_url().rpartition('@')[2]} does not answer: {why}")
    if with_demo and not _DEMO.exists() and "load_demo" in get_commands():
        words = io.StringIO()
        with _step("Demo catalogue"):
            call_command("load_demo", stdout=words)
        _DEMO.write_text(words.getvalue())


def _welcome(site: str, began: float, *, with_demo: bool) -> None:
    for _ in range(ANSWERS_WITHIN_S * 10):
        with suppress(OSError), urllib.request.urlopen(f"{site}/healthz", timeout=5):  # noqa: S310
            break
        time.sleep(0.1)
    print(
        f"Learning Hub answers at {site} after {time.monotonic() - began:.1f} s.\n"
        f"  API documentation  {site}/api/docs/\n"
        f"  Admin              {site}/admin/"
    )
    if with_demo and _DEMO.exists():
        print(_DEMO.read_text().replace("{site}", site).rstrip())
    print("Ctrl-C stops it.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
