"""Hears the bus of all processes, and says so while it does."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from apps.gateway.dataplane.watch import Watch
from learninghub.redis import BUS_CHANNEL
from learninghub.redis.address import parse

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 1.0
_SILENT_AFTER = 4  # questions without an answer
_PAUSE_SECONDS = 1.0


async def hear(url: str, watch: Watch, *, gap: Callable[[], None]) -> None:
    """Passes on to the watch what is told, whatever becomes of Redis; never returns.

    `gap` is called when hearing begins or begins anew: what was told before was told to nobody.
    """
    plain = parse(url).url  # any node of a cluster passes on what any was told
    while True:
        try:
            await _hear(plain, watch, gap)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("bus.deaf", error=type(error).__name__)
        finally:
            watch.tuned_out()
        await asyncio.sleep(_PAUSE_SECONDS)


async def _hear(url: str, watch: Watch, gap: Callable[[], None]) -> None:
    redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=_PATIENCE_SECONDS)
    async with aclosing(redis), redis.pubsub() as heard:
        await heard.subscribe(BUS_CHANNEL)
        unanswered = 0
        while unanswered < _SILENT_AFTER:
            message = await heard.get_message(timeout=_PATIENCE_SECONDS)
            if message is None:
                unanswered += 1
                await heard.ping()
                continue
            unanswered = 0
            if message["type"] == "subscribe":
                watch.tuned_in()
                gap()
            else:
                watch.heard(_word(message))
    raise TimeoutError


def _word(message: dict[str, Any]) -> str | None:
    """What was told; None for an answer to a ping."""
    return message["data"].decode(errors="replace") if message["type"] == "message" else None
