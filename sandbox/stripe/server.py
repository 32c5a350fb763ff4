"""The server: a thread for each connection, the API under `/v1/`, pages for people, controls for tests."""

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlsplit

from sandbox.stripe import buyer, checkout, html, till
from sandbox.stripe.buyer import Seen
from sandbox.stripe.calls import Api
from sandbox.stripe.controls import Controls
from sandbox.stripe.errors import Refused, invalid, missing
from sandbox.stripe.http import Answer, Call, Cut
from sandbox.stripe.saving import Saved
from sandbox.stripe.webhooks import Webhooks
from sandbox.stripe.world import World

SECRET_KEY = "sk_test_sandbox"  # noqa: S105  of a shop that is not there
WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105
RETRIES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
_CONTROLS = frozenset(name for name in vars(Controls) if not name.startswith("_"))
_PAGES = re.compile(r"/(?:pay|authenticate)/[A-Za-z0-9_]+")
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: closing sends RST, not FIN
_LONGEST_BODY = 1 << 20


class StripeServer(Controls):
    """Stripe on localhost: `with StripeServer() as server: ...`; the controls are its methods.

    `public_url` is what pages are linked by, where browsers reach the server by another name. Without a
    `webhook_url` nothing is delivered; with one, what is not taken is tried again after each of `retries` seconds.
    With a `seed` the names of objects are the same in every run. What it knows is kept in the file `state`, if named.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str = "",
        webhook_url: str = "",
        webhook_secret: str = WEBHOOK_SECRET,
        secret_key: str = SECRET_KEY,
        retries: Sequence[float] = RETRIES,
        seed: int | None = None,
        state: Path | None = None,
    ) -> None:
        self.secret_key = secret_key
        self.webhook_secret = webhook_secret
        self._http = _Http(host, port, self)
        reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  who listens everywhere
        self.url = f"http://{f'[{reached}]' if ':' in reached else reached}:{self._http.server_port}"
        world = World(url=public_url or self.url, seed=seed)
        api = Api(world, secret_key=secret_key)
        super().__init__(
            api,
            Webhooks(world, url=webhook_url, secret=webhook_secret, retries=retries, meanwhile=self._tidy),
        )
        self._saved = Saved(api, state) if state else None
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="stripe", daemon=True)

    def __enter__(self) -> Self:
        if self._saved:
            self._saved.load()
        self._thread.start()
        self._webhooks.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._api.end()
        self._http.shutdown()
        self._http.server_close()
        self._http.hang_up()
        self._webhooks.close()
        self._thread.join(timeout=10)
        if self._saved:
            self._saved.save()

    def pay(self, session_url: str, *, card: str = "4242424242424242", authenticate: bool = True) -> Seen:
        """Pays at the session's page as a person does; where the bank asks, says that it is us, or not."""
        return buyer.pay(session_url, card=card, authenticate=authenticate)

    def answer(self, method: str, target: str, headers: Any, body: str) -> Answer:
        """What a request is told; raises `Cut` where that is nothing."""
        parts = urlsplit(target)
        if parts.path.startswith("/_sandbox/"):
            return self._control(parts.path.removeprefix("/_sandbox/"), headers, body)
        if _PAGES.fullmatch(parts.path):
            return self._page(method, parts.path, body)
        encoded = body if method == "POST" else parts.query
        return self._api.answer(Call(method, parts.path, encoded, headers))

    def _page(self, method: str, path: str, body: str) -> Answer:
        page = till.take(self._world, path, dict(parse_qsl(body))) if method == "POST" else till.show(self._world, path)
        headers = html.HEADERS | ({"Location": page.location} if page.location else {})
        return Answer(page.status, page.text.encode(), headers)

    def _control(self, name: str, headers: Any, body: str) -> Answer:
        try:
            self._api.demand_key_of_ours(headers.get("Authorization", ""))
            if name not in _CONTROLS:
                raise missing("control", name)
            told = json.loads(body or "{}")
            try:
                result = getattr(self, name)(**told)
            except (TypeError, ValueError, TimeoutError) as wrong:
                raise invalid(str(wrong)) from wrong
        except Refused as refused:
            return Answer(refused.status, json.dumps({"error": refused.error}).encode(), _JSON)
        return Answer(200, json.dumps({"result": result}, default=bytes.decode).encode(), _JSON)

    def _tidy(self) -> None:
        with self._world.lock:
            checkout.expire_due(self._world)
        if self._saved:
            self._saved.save()


_JSON = {"Content-Type": "application/json"}


@contextlib.contextmanager
def stripe_server(**options: Any) -> Iterator[StripeServer]:
    """A server with the options of `StripeServer`, for a test."""
    with StripeServer(**options) as server:
        yield server


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # what hangs on purpose ends with the process
    request_queue_size = 128

    def __init__(self, host: str, port: int, stripe: StripeServer) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.stripe = stripe
        self._open: set[socket.socket] = set()
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the connections that clients keep."""
        for line in list(self._open):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body go out together

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, *_: object) -> None:
        """Nothing: the outside world keeps its logs to itself."""

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LONGEST_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(length).decode()
        stripe = cast("_Http", self.server).stripe
        try:
            answer = stripe.answer(self.command, self.path, self.headers, body)
        except Cut:
            self._cut()
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(answer.body))}.items():
            if name not in answer.headers:
                self.send_header(name, value)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever asked may be gone
            self.wfile.write(answer.body)
            self.wfile.flush()

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.connection.close()
