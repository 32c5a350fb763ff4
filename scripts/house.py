"""The whole platform in one process: database, tables, demo, server."""

import io
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import django
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from config import embedded, serving
from config.env import env
from scripts import pdf_libraries
from scripts.played_stripe import Part, Till, played

_DEMO = env.var / "demo"  # what load_demo had to say: written once it is done, shown at every start


def run(*, host: str, port: int, site: str, part: Part | None, starter: int | None, began: float) -> None:
    """Serve until asked to stop; raises embedded.NotStarted and, having said why, SystemExit.

    It also stops when `starter`, where that is our parent, is gone. `began` is when the wait for it began.
    """
    with _database() as database:
        _watch(starter, database)
        demo = _DEMO if database else None
        with played(part, site=site, state=env.var / "stripe.json"):
            prepare(demo=demo, is_known=_DEMO.exists(), part=part)
            print(f"  {pdf_libraries.provide()}", flush=True)
            threading.Thread(target=_welcome, args=(site, began), kwargs={"demo": demo}, daemon=True).start()
            serving.serve(host=host, port=port)


@contextmanager
def _step(words: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"  {words} ...", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


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


def prepare(*, demo: Path | None, is_known: bool, part: Part | None) -> None:
    """Bring the tables up to date and, unless it is known to be there, load the demo; its words go into that file.

    It has orders where Stripe is played.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # In a process of its own: what serves is forked from this one, which must hold no connection.
    child = multiprocessing.Process(target=_migrate_and_fill, args=(None if is_known else demo, part))
    child.start()
    try:
        child.join()
    finally:
        child.terminate()
        child.join()
    if child.exitcode != 0:
        sys.exit("\nThe database could not be prepared; the lines above say why.")


def _migrate_and_fill(demo: Path | None, part: Part | None) -> None:
    for word in (signal.SIGINT, signal.SIGTERM):  # end at once: the next start goes on
        signal.signal(word, signal.SIG_DFL)
    logging.disable(logging.INFO)  # the demo's mails and jobs are not what is waited for
    try:
        with _step("Tables"):
            _migrate()
    except OperationalError as why:
        sys.exit(f"\nThe database at {env.database_url().rpartition('@')[2]} does not answer: {why}")
    if demo:
        words = io.StringIO()
        with _step("Demo catalogue"):
            call_command("load_demo", till=Till(part) if part else None, stdout=words)
        demo.write_text(words.getvalue())


def _migrate() -> None:
    # Django notes a migration in a transaction after the migration's own: killed in between, the next start would make
    # its tables again and fail. A new database gets all of them, or none.
    is_new = "django_migrations" not in connection.introspection.table_names()
    with transaction.atomic() if is_new else nullcontext():
        call_command("migrate", verbosity=0)


def _welcome(site: str, began: float, *, demo: Path | None) -> None:
    while not _answers(site):
        time.sleep(0.1)
    print(f"Learning Hub answers at {site} after {time.monotonic() - began:.1f} s.")
    show_addresses(site, demo=demo)


def show_addresses(site: str, *, demo: Path | None) -> None:
    """Say where to look, and what the demo has to say."""
    print(f"  API documentation  {site}/api/docs/\n  Admin              {site}/admin/")
    if demo and demo.exists():
        print(demo.read_text().replace("{site}", site).rstrip())
    print("Ctrl-C stops it.", flush=True)


def _answers(site: str) -> bool:
    try:
        urllib.request.urlopen(f"{site}/healthz", timeout=5).close()  # noqa: S310
    except OSError as why:
        return isinstance(why, urllib.error.HTTPError)
    return True
