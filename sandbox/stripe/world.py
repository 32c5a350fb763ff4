"""All that the server knows: objects by kind, what happened, the clock and the names it gives."""

import contextlib
import copy
import random
import string
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.stripe.blanks import BLANKS, WITHOUT_MODE
from sandbox.stripe.errors import missing

API_VERSION = "2026-10-28.endive"

_PREFIXES = {
    "balance_transaction": "txn", "charge": "ch", "checkout.session": "cs_test", "customer": "cus", "dispute": "dp",
    "event": "evt", "item": "li", "payment_intent": "pi", "payment_method": "pm", "price": "price", "product": "prod",
    "refund": "re", "request": "req",
}  # fmt: skip
_LETTERS = string.ascii_letters + string.digits


class World:
    """Whoever touches it holds `lock`. Names in an object that begin with `_` are the server's own and never shown.

    `on_event` is called with each event as it happens, with the lock held.
    """

    def __init__(self, *, url: str = "", seed: int | None = None) -> None:
        self.lock = threading.RLock()
        self.url = url
        self.on_event: Callable[[dict[str, Any]], None] = lambda _: None
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        self._request: dict[str, str | None] = {"id": None, "idempotency_key": None}
        self._ahead_s = 0.0
        self._tables: dict[str, dict[str, dict[str, Any]]] = {}
        self._names = random.Random(self._seed)  # noqa: S311  names, no secrets

    def dump(self) -> dict[str, Any]:
        return {"ahead_s": self._ahead_s, "tables": self._tables}

    def load(self, kept: dict[str, Any]) -> None:
        self._ahead_s, self._tables = kept["ahead_s"], kept["tables"]

    def now(self) -> int:
        return int(time.time() + self._ahead_s)

    def advance(self, seconds: float) -> int:
        self._ahead_s += seconds
        return self.now()

    def set_clock(self, *, behind: float) -> int:
        self._ahead_s = -behind
        return self.now()

    def name(self, kind: str) -> str:
        return f"{_PREFIXES[kind]}_{''.join(self._names.choices(_LETTERS, k=24))}"

    def add(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Keeps a new object; where it has no id yet it gets one."""
        made: dict[str, Any] = {"id": self.name(kind), "object": kind, "created": self.now()}
        if kind not in WITHOUT_MODE:
            made["livemode"] = False
        made.update(copy.deepcopy(BLANKS.get(kind, {})) | fields)
        self._tables.setdefault(kind, {})[made["id"]] = made
        return made

    def find(self, kind: str, key: str, *, param: str = "id") -> dict[str, Any]:
        try:
            return self._tables[kind][key]
        except KeyError:
            raise missing(kind.replace("_", " ").replace(".", " "), key, param=param) from None

    def all(self, kind: str) -> list[dict[str, Any]]:
        """In the order they came to be."""
        return list(self._tables.get(kind, {}).values())

    def forget(self, kind: str, key: str) -> None:
        del self._tables[kind][key]

    @contextlib.contextmanager
    def asked_by(self, request: str, key: str) -> Iterator[None]:
        """What happens meanwhile, happens because of this call."""
        before, self._request = self._request, {"id": request, "idempotency_key": key or None}
        try:
            yield
        finally:
            self._request = before

    def emit(self, what: str, thing: dict[str, Any], *, before: dict[str, Any] | None = None) -> None:
        """States that something happened to an object, which the event keeps as it is now.

        Nothing is stated while the clock is behind: whoever set it looks by themselves.
        """
        if self._ahead_s < 0:
            return
        self.on_event(self.note(what, thing, at=self.now(), before=before))

    def note(
        self, what: str, thing: dict[str, Any], *, at: int, before: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The event, kept and told to nobody."""
        data = {"object": shown(thing)} | ({"previous_attributes": before} if before else {})
        about = {"api_version": API_VERSION, "type": what, "data": data, "pending_webhooks": 1}
        return self.add("event", created=at, request=dict(self._request), **about)


def shown(thing: Any) -> Any:
    """A copy as others may see it."""
    if isinstance(thing, dict):
        return {name: shown(value) for name, value in thing.items() if not name.startswith("_")}
    if isinstance(thing, list):
        return [shown(item) for item in thing]
    return thing
