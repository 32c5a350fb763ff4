"""Public reads as bytes: a thin WSGI wrapper in front of Django that answers what has not changed."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar
from weakref import WeakSet

from learninghub import caching
from learninghub.http.identity import SCOPE_HEADER
from learninghub.observability import trace_from

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_ENTRIES = 2048
_LARGEST = 256 * 1024
_LIFETIME_SECONDS = 60.0  # a backstop: what another process changed is seen after this at the latest
_DROPPED = {SCOPE_HEADER.lower(), "set-cookie", "x-request-id", "traceparent"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept answer, and the version of its scope when it was asked for."""

    body: bytes
    etag: str
    headers: list[tuple[str, str]]
    scope: str
    version: int
    expires_at: float

    def is_fresh(self) -> bool:
        return time.monotonic() < self.expires_at and caching.version(self.scope) == self.version


class EdgeCache:
    """Keeps the answers that Django marks with a scope, for callers without a name, until the scope is bumped."""

    _all: ClassVar["WeakSet[EdgeCache]"] = WeakSet()

    def __init__(self, application: Application) -> None:
        self._all.add(self)
        self._application = application
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def clear_all(cls) -> None:
        """Forgets every answer kept in this process."""
        for cache in cls._all:
            cache.clear()

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_X_CALLER" in environ:
            return self._application(environ, start_response)
        # An answer names the origin that may read it.
        key = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')} {environ.get('HTTP_ORIGIN', '')}"
        entry = self._entries.get(key)
        if entry is None or not entry.is_fresh():
            entry, passed_on = self._ask(environ, start_response)
            if entry is None:
                return passed_on
            self._keep(key, entry)
        return _answer(entry, environ, start_response)

    def _ask(self, environ: Environ, start_response: StartResponse) -> tuple[Entry | None, Iterable[bytes]]:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        versions = caching.snapshot()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started[:] = [(status, headers)]

        chunks = self._application(environ, start)
        status, headers = started[0]
        scope = next((value for name, value in headers if name == SCOPE_HEADER), None)
        if scope is None:
            start_response(status, headers)
            return None, chunks
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        kept = [(name, value) for name, value in headers if name.lower() not in _DROPPED]
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return Entry(body, tag, kept, scope, versions[scope], time.monotonic() + _LIFETIME_SECONDS), ()

    def _keep(self, key: str, entry: Entry) -> None:
        if len(entry.body) > _LARGEST:
            return
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > _ENTRIES:
                self._entries.popitem(last=False)


def _answer(entry: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    trace = trace_from(request_id=environ.get("HTTP_X_REQUEST_ID"), traceparent=environ.get("HTTP_TRACEPARENT"))
    headers = [
        *entry.headers,
        ("ETag", entry.etag),
        ("X-Request-ID", trace["request_id"]),
        ("traceparent", trace["traceparent"]),
    ]
    asked = [tag.strip().removeprefix("W/") for tag in environ.get("HTTP_IF_NONE_MATCH", "").split(",")]
    if entry.etag in asked or "*" in asked:
        start_response("304 Not Modified", [pair for pair in headers if pair[0].lower() != "content-length"])
        return ()
    start_response("200 OK", headers)
    return (entry.body,)
