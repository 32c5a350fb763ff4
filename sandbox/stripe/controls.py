"""What a test may ask of the outside world: to fail, to wait, to say something twice; and what has happened."""

from fnmatch import fnmatchcase as fnmatch
from typing import Any

from sandbox.stripe import checkout, refunds
from sandbox.stripe.calls import Api
from sandbox.stripe.webhooks import Order, Webhooks
from sandbox.stripe.world import shown


class Controls:
    """The same in a test's own process and, by name, at `POST /_sandbox/<name>` with the arguments as JSON."""

    def __init__(self, api: Api, webhooks: Webhooks) -> None:
        self._api = api
        self._world = api.world
        self._webhooks = webhooks

    def reset(self) -> None:
        """As if just started, the names it gives included."""
        self._webhooks.reset()
        with self._world.lock:
            self._api.reset()
            self._world.reset()

    def advance(self, seconds: float) -> int:
        """Moves the clock on; what is due by then happens. Gives the time that it is now."""
        with self._world.lock:
            now = self._world.advance(seconds)
            checkout.expire_due(self._world)
            return now

    def set_clock(self, *, behind: float = 0) -> int:
        """Sets the clock so many seconds behind the true one, or right; what is due by then happens. Gives its time.

        While it is behind, no event tells of what happens.
        """
        with self._world.lock:
            now = self._world.set_clock(behind=behind)
            checkout.expire_due(self._world)
            return now

    def fault(
        self,
        mode: str | list[str],
        *,
        method: str = "*",
        path: str = "*",
        times: int = 1,
        seconds: float = 0,
        hang: float = 30,
    ) -> None:
        """The next `times` calls, or all within `seconds`, go wrong so; several modes come in turn."""
        with self._world.lock:
            self._api.faults.add(mode, method=method, path=path, times=times, seconds=seconds, hang=hang)

    def clear_faults(self) -> None:
        with self._world.lock:
            self._api.faults.clear()

    def calls(self, method: str = "*", path: str = "*") -> int:
        """How many calls came, refused ones and repeated ones included; the path may be a pattern."""
        with self._world.lock:
            came = self._api.came.items()
            return sum(count for call, count in came if fnmatch(call[0], method) and fnmatch(call[1], path))

    def keys(self) -> dict[str, int]:
        """How often each Idempotency-Key came."""
        with self._world.lock:
            return dict(self._api.keys.seen)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """All of a kind (`refund`, `checkout.session`), oldest first."""
        with self._world.lock:
            return [shown(thing) for thing in self._world.all(kind)]

    def events(self, *types: str) -> list[dict[str, Any]]:
        """What has happened, oldest first: of these types, or all."""
        return [event for event in self.objects("event") if not types or event["type"] in types]

    def dispute(self, payment_intent: str, *, reason: str = "fraudulent") -> dict[str, Any]:
        """The card's holder disputes the payment."""
        with self._world.lock:
            intent = self._world.find("payment_intent", payment_intent)
            charge = self._world.find("charge", intent["latest_charge"])
            return self._copy(refunds.dispute(self._world, charge, reason=reason))

    def close_dispute(self, dispute: str, status: str) -> dict[str, Any]:
        """The bank decides, `won` or `lost`."""
        with self._world.lock:
            return self._copy(refunds.close(self._world, self._world.find("dispute", dispute), status=status))

    def deliver_to(self, url: str) -> None:
        """Where what happens is told from now on; nowhere, if the address is empty."""
        self._webhooks.url = url

    def hold(self) -> None:
        """Keeps back what happens from now on, until `release`."""
        self._webhooks.hold()

    def release(self, order: str = Order.KEPT) -> None:
        """Delivers what was held: in the order `kept`, `reversed` or `shuffled`."""
        self._webhooks.release(Order(order))

    def deliver_each(self, *, copies: int = 1, delay: float = 0.0) -> None:
        """From now on every event goes out so often, and so many seconds late."""
        self._webhooks.deliver_each(copies=copies, delay=delay)

    def redeliver(self, event: str, *, times: int = 1, threads: int = 1, forgery: str | None = None) -> list[int]:
        """Tells of the event again at once, from so many threads; gives the statuses."""
        return self._webhooks.redeliver(event, times=times, threads=threads, forgery=forgery)

    def invent(self, what: str, thing: dict[str, Any], *, age: float = 0) -> str:
        """An event that nothing led to, so many seconds old; it is only told by `redeliver`. Gives its name."""
        with self._world.lock:
            return str(self._world.note(what, thing, at=self._world.now() - int(age))["id"])

    def settle(self, timeout: float = 10.0) -> None:
        """Waits until every event that is not held was taken or given up."""
        self._webhooks.settle(timeout)

    def attempts(self) -> list[tuple[str, str, int]]:
        """Every delivery: the event, its type and the status that answered, 0 for none."""
        return self._webhooks.attempts()

    def signed(self, event: str, *, forgery: str | None = None) -> tuple[bytes, dict[str, str]]:
        """The body and headers that tell of the event, for a test to deliver by itself."""
        return self._webhooks.signed(event, forgery=forgery)

    @staticmethod
    def _copy(thing: dict[str, Any]) -> dict[str, Any]:
        copied: dict[str, Any] = shown(thing)
        return copied
