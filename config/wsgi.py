"""The WSGI application: Django behind the edge cache and, in the one-process shape, the gateway."""

import atexit
import threading
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from learninghub import shape
from learninghub.http.edge_cache import Application, EdgeCache

_django = get_wsgi_application()

from config.edge import make_edge  # noqa: E402  models are there only now
from learninghub.outbox import crash, threads  # noqa: E402

application: Application = EdgeCache(_django)
if not shape.chosen():
    application = make_edge(application)


def start_threads() -> None:
    """Starts what this process does beside answering; it stops with it.

    All thirteen in one have relay, workers and schedule; a service leaves them to processes of their own.
    """
    if shape.chosen():
        return
    if settings.CRASH_ORDERS:
        crash.obey(Path(settings.CRASH_ORDERS))
    stop = threading.Event()
    atexit.register(stop.set)
    threads.start(stop)
