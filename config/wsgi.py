"""The WSGI application: Django behind the edge cache and, in the one-process shape, the gateway."""

import atexit
import threading
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from learninghub.http.edge_cache import Application, EdgeCache

_django = get_wsgi_application()

from config.edge import make_edge  # noqa: E402  models are there only now
from learninghub.outbox import crash, threads  # noqa: E402

application: Application = EdgeCache(_django)
if not settings.SERVICE:
    application = make_edge(application)


def start_threads() -> None:
    """Starts relay, workers and schedule in this process; they stop with it."""
    if settings.CRASH_ORDERS:
        crash.obey(Path(settings.CRASH_ORDERS))
    stop = threading.Event()
    atexit.register(stop.set)
    threads.start(stop)
