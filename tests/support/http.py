"""A client that goes the whole way: gateway, edge cache, Django."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import orjson
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import TestCase

Application = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Mail:
    """A mail as its reader has it, with what is attached by name."""

    subject: str
    body: str
    files: Mapping[str, bytes] = field(default_factory=dict)


class Headers(dict[str, str]):
    """Header names in any case."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


@contextmanager
def kept_connection() -> Iterator[None]:
    """A request's end must not close the connection whose transaction is the test's."""
    if not connection.in_atomic_block:
        yield
        return
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@dataclass
class Client:
    """Calls the WSGI application in this thread, so that it shares the test's transaction."""

    application: Application
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "203.0.113.7"

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: Any) -> Answer:
        return self.request("GET", path, headers=headers, query=query)

    def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self.request("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self.request("PUT", path, json=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self.request("PATCH", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self.request("DELETE", path, **more)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One request; a path without a leading slash is under /api/v1/."""
        path = path if path.startswith("/") else f"/api/v1/{path}"
        content = body if body is not None else b"" if json is None else orjson.dumps(json)
        parts = urlsplit(path)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
            "QUERY_STRING": urlencode(query, doseq=True) if query else parts.query,
            "CONTENT_LENGTH": str(len(content)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "3000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:3000",
            "REMOTE_ADDR": self.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if content:
            environ["CONTENT_TYPE"] = content_type
        if self.token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        for name, value in {**self.headers, **(headers or {})}.items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return self._call(environ)

    def _call(self, environ: dict[str, Any]) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started[:] = [(status, headers)]

        with TestCase.captureOnCommitCallbacks(execute=True), kept_connection():
            chunks = self.application(environ, start_response)
            content = b"".join(chunks)
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = started[0]
        return Answer(int(status[:3]), Headers({name.lower(): value for name, value in headers}), content)
