"""The WSGI application: Django behind the edge cache and, in the one-process shape, the gateway."""

import atexit
import threading
from contextlib import ExitStack

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from learninghub import bus, shape
from learninghub.http.edge_cache import Application, EdgeCache

_django = get_wsgi_application()

from config.edge import make_edge  # noqa: E402  models are there only now
from learninghub import metrics  # noqa: E402
from learninghub.metrics import measuring  # noqa: E402
from learninghub.outbox import threads  # noqa: E402

application: Application = EdgeCache(_django)
if not shape.chosen():
    application = make_edge(application)


def start_threads() -> None:
    """Starts what this process does beside answering; it stops with it.

    Each hears the bus. All thirteen in one have relay, workers and schedule; a service leaves them to others.
    """
    stop = threading.Event()
    atexit.register(stop.set)
    bus.listen(stop)
    if shape.chosen():
        return
    threads.start(stop)
    if settings.METRICS_PORT:
        measuring.watch(stop)
        until_exit = ExitStack()
        until_exit.enter_context(metrics.listen(port=settings.METRICS_PORT))
        atexit.register(until_exit.close)
