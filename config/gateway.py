"""The api-gateway's two processes: the proxy, and behind it a small Django for documents, admin and static files."""

import os
import signal
import sys
import threading
from multiprocessing import get_context
from multiprocessing.connection import wait

from apps.gateway.dataplane.server import run
from config import serving
from config.proxy import PAGES_PORT, config_of


def serve(*, host: str, port: int, inner_host: str, service_address: str, drain_s: int) -> None:
    """Proxy on host and port until SIGTERM, the pages on `inner_host`; both end together, the pages last.

    Raises SystemExit(1) where the pages have ended by themselves.
    """
    # Forked before the proxy has a loop. The proxy needs nothing of Django, and shares its pages of memory.
    pages = get_context("fork").Process(target=_serve_pages, kwargs={"host": inner_host})
    pages.start()
    is_over = threading.Event()
    threading.Thread(target=_end_with, args=(pages.sentinel, is_over), daemon=True).start()
    try:
        run(
            config_of(
                host=host,
                port=port,
                pages_address=f"http://{inner_host}:{PAGES_PORT}",
                service_address=service_address,
                notice_seconds=drain_s,
            )
        )
    finally:
        is_over.set()
        is_last = pages.is_alive()
        pages.terminate()
        pages.join()
    if not is_last:
        sys.exit(1)


def _serve_pages(*, host: str) -> None:
    os.setpgid(0, 0)  # Ctrl-C reaches the proxy alone
    serving.end_with(os.getppid(), end=lambda: os.kill(os.getpid(), signal.SIGTERM))
    serving.serve(host=host, port=PAGES_PORT, last_answers_s=serving.SERVICE_LAST_ANSWERS_S)


def _end_with(pages: int, is_over: threading.Event) -> None:
    wait([pages])
    if not is_over.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
