"""The second level: answers in Redis, seen by every process, and the right to renew one."""

from collections.abc import Callable
from dataclasses import dataclass
from random import uniform
from uuid import uuid4

from redis import Redis

from learninghub.redis import Client

LOCK_MILLISECONDS = 3000
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, the version of its scope that it shows at least, and its seconds: good for, and to be had after that.

    Redis counts them down, so that no two clocks need agree.
    """

    answer: bytes
    version: int
    fresh_for: float
    stale_for: float


def read(client: Client, key: str) -> Found | None:
    def run(node: Redis) -> list[object]:
        with node.pipeline(transaction=False) as both:
            both.get(key)
            both.pttl(key)
            return both.execute()

    kept, left = client.ask(key, run)
    if not isinstance(kept, bytes) or not isinstance(left, int):
        return None
    head, _, answer = kept.partition(b"\n")
    version, life = map(int, head.split())
    fresh = max(0, left - life)
    return Found(answer, version, fresh / 1000, min(left, life) / 1000)


def write(client: Client, key: str, answer: bytes, *, version: int, seconds: float) -> None:
    """Keeps the answer for the seconds and up to a tenth more, and as long again for whoever may have it stale."""
    life = int(seconds * uniform(1000, 1100))  # noqa: S311
    client.ask(key, lambda node: node.set(key, b"%d %d\n%s" % (version, life, answer), px=2 * life))


def lock(client: Client, key: str) -> Callable[[], None] | None:
    """Takes the right to renew the answer, for 3 s at most; gives what hands it back, or None: another has it."""
    name, token = f"{key}:lock", uuid4().hex
    if not client.ask(name, lambda node: node.set(name, token, nx=True, px=LOCK_MILLISECONDS)):
        return None
    return lambda: client.ask(name, lambda node: node.eval(_UNLOCK, 1, name, token)) and None
