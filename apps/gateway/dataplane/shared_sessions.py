"""What Redis keeps of sessions: looked at when a token is first shown, told when a session is used.

It is a copy that may be lost, emptied or old: a reason to refuse, never one to believe.
"""

import asyncio
from contextlib import suppress
from functools import partial
from uuid import UUID

import structlog

from apps.auth.types import SEEN_KEPT, SessionChange, seen_key, state_key
from apps.gateway.dataplane.seen import SeenLately
from apps.gateway.dataplane.shared_redis import (
    AT_ONCE,
    BEGIN_SECONDS,
    FAILURES,
    LOOK_AGAIN_SECONDS,
    Silence,
    connect,
    stop,
)
from apps.gateway.dataplane.tokens import TokenVerifier
from learninghub.http.identity import Caller

log = structlog.get_logger(__name__)

_NOBODY = UUID(int=0)
_WRITE_EVERY = 1.0


class SharedSessions:
    """Tells the verifier what Redis knows of a session, and Redis when a session was seen.

    Requests wait for a silent Redis `deadline` seconds once: then it is asked in the background until it answers, and
    meanwhile sessions are known by the bus and by asking auth-service alone.
    """

    def __init__(
        self, url: str, verifier: TokenVerifier, *, deadline: float, look_again: float = LOOK_AGAIN_SECONDS
    ) -> None:
        self._redis = connect(url, deadline=deadline)
        self._verifier = verifier
        self._deadline = deadline
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._silence = Silence("sessions", look_again=look_again)
        self._looks: set[asyncio.Task[None]] = set()
        self.seen = SeenLately()

    @property
    def is_alone(self) -> bool:
        """Whether Redis is silent."""
        return self._silence.is_on

    async def begin(self) -> None:
        """Makes acquaintance with Redis before the first request has to."""
        ask = partial(self._state, _NOBODY, _NOBODY)
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                await ask()
        except FAILURES as error:
            self._silence.begin(error, ask)

    def look(self, caller: Caller, token: str) -> asyncio.Task[None] | None:
        """A look at the session of a token that is not settled: what Redis knows is noted when the task is done.

        None while Redis is silent: the token stays unsettled.
        """
        if self.is_alone:
            return None
        task = asyncio.create_task(self._look(caller, token))
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)
        return task

    async def write_seen(self) -> None:
        """Tells Redis every second which sessions have been seen; never returns."""
        while True:
            await asyncio.sleep(_WRITE_EVERY)
            for (session_id, user_id), at in self.seen.take().items():
                if self.is_alone:
                    break
                key = seen_key(session_id=session_id, user_id=user_id)
                try:
                    async with asyncio.timeout(self._deadline):
                        await self._redis.set(key, int(at), ex=SEEN_KEPT)
                except FAILURES as error:
                    self._silence.begin(error, partial(self._state, session_id, user_id))

    async def close(self) -> None:
        for task in tuple(self._looks):
            await stop(task)
        await self._silence.end()
        with suppress(*FAILURES):
            await self._redis.aclose()

    async def _look(self, caller: Caller, token: str) -> None:
        try:
            async with self._turns:
                if self.is_alone:
                    return
                async with asyncio.timeout(self._deadline):
                    kept = await self._state(caller.session, caller.id)
            self._verifier.settle(token)
            if kept is not None:
                change = SessionChange.from_word(f"{caller.session} {kept.decode()}")
                self._verifier.note(change.session_id, is_ended=change.is_ended, generation=change.generation)
        except FAILURES as error:
            self._silence.begin(error, partial(self._state, caller.session, caller.id))
        except ValueError:
            log.warning("sessions.unknown_state")

    async def _state(self, session_id: UUID, user_id: UUID) -> bytes | None:
        kept = await self._redis.get(state_key(session_id=session_id, user_id=user_id))
        return kept if isinstance(kept, bytes) else None
