"""Telling somebody what happened: signed, one after the other, again until it is taken."""

import hashlib
import heapq
import hmac
import itertools
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from sandbox.stripe.world import World, shown

_PATIENCE_S = 20.0
_LOOKS_AT_THE_CLOCK_S = 1.0
_AGED_S = 3600


class Forgery(StrEnum):
    """What is wrong with a delivery that is not to be believed."""

    OLD = "old"  # signed an hour ago
    FUTURE = "future"  # signed an hour from now
    SECRET = "secret"  # noqa: S105  signed by another secret
    BODY = "body"  # another body than the signed one
    UNSIGNED = "unsigned"


class Order(StrEnum):
    """How held deliveries go out."""

    KEPT = "kept"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


def signature(body: bytes, secret: str, *, at: int) -> str:
    """The `Stripe-Signature` header."""
    signed = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def letter(event: dict[str, Any], secret: str, *, forgery: Forgery | None = None) -> tuple[bytes, dict[str, str]]:
    """The body and the headers that tell of the event."""
    body = json.dumps(shown(event), indent=2).encode()
    at = int(time.time()) + {Forgery.OLD: -_AGED_S, Forgery.FUTURE: _AGED_S}.get(forgery or Forgery.BODY, 0)
    header = signature(body, "whsec_of_another" if forgery is Forgery.SECRET else secret, at=at)
    if forgery is Forgery.BODY:
        body = body.replace(b'"livemode": false', b'"livemode": true')
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (sandbox)"}
    return body, headers if forgery is Forgery.UNSIGNED else headers | {"Stripe-Signature": header}


class Webhooks:
    """Delivers events to `url` in the order in which they happened, from a thread of its own.

    What is not answered by 2xx is tried again after each of `retries` seconds, and the next ones do not wait for it.
    `meanwhile` is called about every second while there is nothing to deliver.
    """

    def __init__(
        self, world: World, *, url: str, secret: str, retries: Sequence[float], meanwhile: Callable[[], None]
    ) -> None:
        self.url = url
        self.secret = secret
        self._attempts: list[tuple[str, str, int]] = []
        self._retries = tuple(retries)
        self._meanwhile = meanwhile
        self._world = world
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, dict[str, Any], int]] = []  # due, number, event, earlier attempts
        self._held: list[dict[str, Any]] | None = None
        self._copies = 1
        self._delay = 0.0
        self._is_busy = False
        self._is_closing = False
        self._thread = threading.Thread(target=self._deliver_all, name="stripe-webhooks", daemon=True)
        world.on_event = self._hear

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout=_PATIENCE_S)

    def reset(self) -> None:
        """Forgets what waits; what is on its way arrives first."""
        with self._changed:
            self._queue.clear()
            self._changed.wait_for(lambda: not self._is_busy, _PATIENCE_S)
            self._held, self._copies, self._delay = None, 1, 0.0
            self._attempts.clear()

    def hold(self) -> None:
        """Keeps what happens from now on until `release`."""
        with self._changed:
            self._held = self._held or []

    def release(self, order: Order = Order.KEPT) -> None:
        with self._changed:
            held, self._held = self._held or [], None
            if order is Order.REVERSED:
                held.reverse()
            elif order is Order.SHUFFLED:
                random.Random(0).shuffle(held)  # noqa: S311  the same each time
            for event in held:
                self._enqueue(event)

    def deliver_each(self, *, copies: int = 1, delay: float = 0.0) -> None:
        """From now on every event goes out so often, and so many seconds late."""
        with self._changed:
            self._copies, self._delay = copies, delay

    def redeliver(self, event: str, *, times: int = 1, threads: int = 1, forgery: str | None = None) -> list[int]:
        """Tells of the event again at once, from so many threads; gives the statuses."""
        found = self._find(event)
        with ThreadPoolExecutor(threads) as crowd:
            sent = [crowd.submit(self._send, found, Forgery(forgery) if forgery else None) for _ in range(times)]
            return [one.result() for one in sent]

    def signed(self, event: str, *, forgery: str | None = None) -> tuple[bytes, dict[str, str]]:
        return letter(self._find(event), self.secret, forgery=Forgery(forgery) if forgery else None)

    def settle(self, timeout: float = 10.0) -> None:
        """Waits until every event that is not held was taken or given up."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._queue and not self._is_busy, timeout):
                waiting = [event["type"] for _, _, event, _ in self._queue]
                raise TimeoutError(f"after {timeout} s there wait {waiting}")

    def attempts(self) -> list[tuple[str, str, int]]:
        with self._changed:
            return list(self._attempts)

    def _find(self, event: str) -> dict[str, Any]:
        with self._world.lock:
            return self._world.find("event", event)

    def _hear(self, event: dict[str, Any]) -> None:
        if not self.url:
            return
        with self._changed:
            if self._held is not None:
                self._held.append(event)
            else:
                self._enqueue(event)

    def _enqueue(self, event: dict[str, Any], *, after: float | None = None, tried: int = 0) -> None:
        due = time.monotonic() + (self._delay if after is None else after)
        for _ in range(1 if tried else self._copies):
            heapq.heappush(self._queue, (due, next(self._numbers), event, tried))
        self._changed.notify_all()

    def _deliver_all(self) -> None:
        while not self._is_closing:
            with self._changed:
                due = self._queue[0][0] - time.monotonic() if self._queue else _LOOKS_AT_THE_CLOCK_S
                if due > 0:
                    self._changed.wait(min(due, _LOOKS_AT_THE_CLOCK_S))
                is_due = bool(self._queue) and self._queue[0][0] <= time.monotonic()
                if is_due:
                    _, _, event, tried = heapq.heappop(self._queue)
                    self._is_busy = True
            if is_due:
                self._deliver(event, tried)
            else:
                self._meanwhile()

    def _deliver(self, event: dict[str, Any], tried: int) -> None:
        status = self._send(event, None)
        with self._changed:
            if not 200 <= status < 300 and tried < len(self._retries):
                self._enqueue(event, after=self._retries[tried], tried=tried + 1)
            self._is_busy = False
            self._changed.notify_all()

    def _send(self, event: dict[str, Any], forgery: Forgery | None) -> int:
        body, headers = letter(event, self.secret, forgery=forgery)
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310  named by whoever starts us
        try:
            with _OPENER.open(request, timeout=_PATIENCE_S) as taken:
                status = int(taken.status)
        except urllib.error.HTTPError as refused:
            status = refused.code
            refused.close()
        except OSError:
            status = 0
        with self._changed:
            self._attempts.append((event["id"], event["type"], status))
        return status


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# The environment may name a proxy; nothing here goes further than this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
