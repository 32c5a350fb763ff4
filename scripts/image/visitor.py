"""Somebody who comes in by the load balancer's door. Only Python's own library: the check needs no virtualenv."""

import json
import os
import time
import urllib.request
import uuid
from typing import Any
from urllib.parse import urljoin

API = "/api/v1/"


class Visitor:
    """Registers, and uploads a picture."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._token = ""
        self._asset = ""
        self.email = f"ada-{os.getpid()}-{int(time.time())}@example.org"

    def register(self) -> None:
        joined = self._ask("POST", "auth/register/", {
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
        fetch(urljoin(self._site, form["url"]), body, {"Content-Type": kind})
        self._ask("POST", f"media/uploads/{self._asset}/complete/", {})

    def has_sizes(self) -> bool:
        """Whether a worker has looked at the picture and made its sizes."""
        return bool(self._ask("GET", f"media/{self._asset}/")["renditions"])

    def address(self) -> str:
        """Where the picture is to be had."""
        address: str = self._ask("GET", f"media/{self._asset}/")["url"]
        return urljoin(self._site, address)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        return json.loads(fetch(f"{self._site}{API}{path}", data, headers, method=method))


def fetch(
    url: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, method: str | None = None
) -> bytes:
    request = urllib.request.Request(url, body, headers or {}, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _multipart(fields: dict[str, str], file: bytes) -> tuple[str, bytes]:
    border = uuid.uuid4().hex
    named = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    named.append(('name="file"; filename="me.png"\r\nContent-Type: image/png', file))
    parts = [
        f"--{border}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
        for head, value in named
    ]
    return f"multipart/form-data; boundary={border}", b"".join([*parts, f"--{border}--\r\n".encode()])
