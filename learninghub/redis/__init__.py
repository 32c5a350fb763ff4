"""Redis where there is one: a single node or a cluster, asked alike. What it holds may vanish at any moment.

Keep to what both can do: every key of one `ask` in one hash slot (a tag in braces where two must meet), database 0.
Nothing that must not be lost lives here: no money, no login limits, no idempotency keys, no locks that guard data.
"""

import os

from learninghub.redis.client import Client, Down

BUS_CHANNEL = "learninghub:bus"  # learninghub/bus.py tells and hears; the proxy, which has no Django, hears too

__all__ = ["BUS_CHANNEL", "Client", "Down", "client", "use"]

_client: Client | None = None


def client() -> Client | None:
    """The process's client; None where no REDIS_URL is set. Asks nothing of Redis by itself."""
    return _client


def use(url: str) -> None:
    """Makes the Redis at this address the process's; "" means none. Called once, at start-up."""
    global _client  # noqa: PLW0603  one per process
    if _client is not None:
        _client.close()
    _client = Client(url) if url else None


def _begin_anew() -> None:
    """A forked child shares no connection, lock or breaker with its parent."""
    global _client  # noqa: PLW0603
    if _client is not None:
        _client = Client(_client.url)


os.register_at_fork(after_in_child=_begin_anew)
