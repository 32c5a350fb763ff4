"""Somebody who comes in by the load balancer's door. Only Python's own library: the check needs no virtualenv."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urljoin

API = "/api/v1/"

T = TypeVar("T")


class Busy(RuntimeError):
    """The site says: not now."""

    def __init__(self, words: str, *, retry_after: int) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class Visitor:
    """Registers, and uploads a picture; told 503, comes again when told to, for as long as `patience_s`."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._token = ""
        self._asset = ""
        self.email = ""
        self.patience_s = 0.0
        self.came_again = 0

    def register(self) -> None:
        self._patiently(self._join)

    def _join(self) -> None:
        self.email = f"ada-{uuid.uuid4().hex}@example.org"  # a 503 does not say whether the last one was taken
        joined = self._once("POST", "auth/register/", {
            "email": self.email, "password": "a long enough one", "display_name": "Ada", "terms_version": "2026-11",
        })  # fmt: skip
        self._token = joined["access"]

    def who_am_i(self) -> str:
        email: str = self._ask("GET", "users/me/")["email"]
        return email

    def upload(self, picture: bytes) -> None:
        about = {"filename": "me.png", "media_type": "image/png", "size": len(picture), "purpose": "avatar"}
        form = self._ask("POST", "media/uploads/", about)
        self._asset = form["asset_id"]
        kind, body = _multipart(form["fields"], picture)
        self._patiently(lambda: fetch(urljoin(self._site, form["url"]), body, {"Content-Type": kind}))
        self._ask("POST", f"media/uploads/{self._asset}/complete/", {})

    def has_sizes(self) -> bool:
        """Whether a worker has looked at the picture and made its sizes."""
        return bool(self._ask("GET", f"media/{self._asset}/")["renditions"])

    def picture(self) -> bytes:
        """As everyone may see it."""
        address: str = self._ask("GET", f"media/{self._asset}/")["url"]
        return self._patiently(lambda: fetch(urljoin(self._site, address)))

    def _patiently(self, ask: Callable[[], T]) -> T:
        end = time.monotonic() + self.patience_s
        while True:
            try:
                return ask()
            except Busy as busy:
                if time.monotonic() > end:
                    raise
                self.came_again += 1
                time.sleep(busy.retry_after)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._patiently(lambda: self._once(method, path, body))

    def _once(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        return json.loads(fetch(f"{self._site}{API}{path}", data, headers, method=method))


def fetch(
    url: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, method: str | None = None
) -> bytes:
    request = urllib.request.Request(url, body, headers or {}, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as refusal:
        words = f"{refusal.code} of {refusal.url}: {refusal.read()[:600].decode(errors='replace')}"
        if refusal.code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise Busy(words, retry_after=int(refusal.headers.get("Retry-After", 1))) from refusal
        raise RuntimeError(words) from refusal


def _multipart(fields: dict[str, str], file: bytes) -> tuple[str, bytes]:
    border = uuid.uuid4().hex
    named = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    named.append(('name="file"; filename="me.png"\r\nContent-Type: image/png', file))
    parts = [
        f"--{border}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
        for head, value in named
    ]
    return f"multipart/form-data; boundary={border}", b"".join([*parts, f"--{border}--\r\n".encode()])
