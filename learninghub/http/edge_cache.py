"""Public reads as bytes: a thin WSGI wrapper in front of Django that answers what has not changed."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from weakref import WeakSet

import orjson
from django.core.handlers.wsgi import get_path_info
from django.urls import Resolver404, resolve

from learninghub import caching
from learninghub.caching.levels import Levels, Made
from learninghub.errors import Unavailable
from learninghub.http.identity import SCOPE_HEADER
from learninghub.observability import trace_from

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_ENTRIES = 2048
_LARGEST = 256 * 1024
_LONGEST_KEY = 512  # whoever asks with more words than people do is answered, and not remembered
_NEAR_SECONDS = 60.0  # a backstop: what another process changed is seen after this at the latest
_FAR_SECONDS = 300.0
_DROPPED = {SCOPE_HEADER.lower(), "set-cookie", "x-request-id", "traceparent"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer that may be kept."""

    body: bytes
    etag: str
    headers: Headers


def _dump(entry: Entry) -> bytes:
    return orjson.dumps([entry.etag, entry.headers]) + b"\n" + entry.body


def _load(kept: bytes) -> Entry:
    head, _, body = kept.partition(b"\n")
    etag, headers = orjson.loads(head)
    return Entry(body, etag, [(name, value) for name, value in headers])


@dataclass(slots=True)
class _PassedOn:
    """What Django said that is not kept: it goes to the one who asked."""

    status: str
    headers: Headers
    chunks: Iterable[bytes]


class EdgeCache:
    """Keeps the answers that Django marks with a scope, for callers without a name, until the scope is bumped."""

    _all: ClassVar["WeakSet[EdgeCache]"] = WeakSet()

    def __init__(self, application: Application) -> None:
        self._all.add(self)
        self._application = application
        self._answers: Levels[Entry] = Levels(
            "edge", entries=_ENTRIES, near_seconds=_NEAR_SECONDS, dump=_dump, load=_load
        )

    @classmethod
    def clear_all(cls) -> None:
        """Forgets every answer kept in this process."""
        for cache in cls._all:
            cache.clear()

    def clear(self) -> None:
        self._answers.clear()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_X_CALLER" in environ:
            return self._application(environ, start_response)
        # An answer names the origin that may read it.
        asked = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')} {environ.get('HTTP_ORIGIN', '')}"
        entry = self._answers.peek(asked)
        if entry is not None:
            return _answer(entry, environ, start_response)
        scope = _scope_of(get_path_info(environ))
        if scope is None:
            return self._application(environ, start_response)
        return self._fetch(asked, scope, environ, start_response)

    def _fetch(self, asked: str, scope: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        not_kept: list[Entry | _PassedOn] = []

        def make() -> Made[Entry] | None:
            made = _ask(self._application, environ)
            if isinstance(made, Entry) and len(made.body) <= _LARGEST and len(asked) <= _LONGEST_KEY:
                return Made(made, _FAR_SECONDS)
            not_kept.append(made)
            return None

        name = caching.key(app=scope, what="api", of=asked)
        try:
            entry = self._answers.fetch(asked, scope=scope, make=make, name=name) or not_kept[0]
        except Unavailable as error:
            return _refuse(error, environ, start_response)
        if isinstance(entry, Entry):
            return _answer(entry, environ, start_response)
        start_response(entry.status, entry.headers)
        return entry.chunks


def _scope_of(path: str) -> str | None:
    """The scope under which the route's public answers may be kept; None for any other route."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    scope: str | None = getattr(getattr(view, "cls", None), "public_cache", None)
    return scope


def _ask(application: Application, environ: Environ) -> Entry | _PassedOn:
    started: list[tuple[str, Headers]] = []

    def start(status: str, headers: Headers, exc_info: Any = None) -> None:
        started[:] = [(status, headers)]

    chunks = application(environ, start)
    status, headers = started[0]
    if not any(name == SCOPE_HEADER for name, _ in headers):
        return _PassedOn(status, headers, chunks)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    kept = [(name, value) for name, value in headers if name.lower() not in _DROPPED]
    return Entry(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', kept)


def _answer(entry: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    headers = [*entry.headers, ("ETag", entry.etag), *_trace(environ)]
    asked = [tag.strip().removeprefix("W/") for tag in environ.get("HTTP_IF_NONE_MATCH", "").split(",")]
    if entry.etag in asked or "*" in asked:
        start_response("304 Not Modified", [pair for pair in headers if pair[0].lower() != "content-length"])
        return ()
    start_response("200 OK", headers)
    return (entry.body,)


def _refuse(error: Unavailable, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    trace = _trace(environ)
    problem = {
        "type": "about:blank",
        "title": error.title(),
        "status": error.status,
        "code": error.code(),
        "detail": error.detail,
        "request_id": trace[0][1],
    }
    body = orjson.dumps(problem)
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "private, no-store"),
        ("Retry-After", str(error.retry_after)),
        *trace,
    ]
    start_response("503 Service Unavailable", headers)
    return (body,)


def _trace(environ: Environ) -> Headers:
    trace = trace_from(request_id=environ.get("HTTP_X_REQUEST_ID"), traceparent=environ.get("HTTP_TRACEPARENT"))
    return [("X-Request-ID", trace["request_id"]), ("traceparent", trace["traceparent"])]
