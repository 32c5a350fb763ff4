"""What auth-service says of keys and ended sessions: asked every few seconds, and heard on the bus in between."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from apps.auth.types import AUDIENCE, ISSUER, KEYS_PATH, SESSIONS_PATH, SESSIONS_TOPIC, SessionChange
from apps.gateway.dataplane.tokens import TokenVerifier

log = structlog.get_logger(__name__)

Ask = Callable[[str], Awaitable[Any]]

_KEYS_EVERY = 60.0
_RENEWED_AT_MOST_EVERY = 5.0  # tokens that name keys of their own invention must not have us ask each time


class Watch:
    """Keeps a token verifier up to date, and knows when it is not.

    `ask` fetches a path of auth-service as JSON and raises OSError, TimeoutError or ValueError. Tokens are believed for
    `trust_seconds` after the last answer, and longer only while the bus has been heard without a gap since then.
    """

    def __init__(self, *, ask: Ask, trust_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.verifier = TokenVerifier(keys=lambda: self._keys, issuer=ISSUER, audience=AUDIENCE)
        self._ask = ask
        self._trust_seconds = trust_seconds
        self._clock = clock
        self._keys: Sequence[Mapping[str, Any]] = ()
        self._keys_at = self._renewed_at = self._asked_at = -math.inf
        self._tuned_in_at = math.inf
        self._heard_at = -math.inf
        self._fetching = asyncio.Lock()

    @property
    def knows(self) -> bool:
        """Whether every session that ended more than a few seconds ago is known, and the keys are."""
        now = self._clock()
        is_asked = now - self._asked_at <= self._trust_seconds
        is_told = self._tuned_in_at <= self._asked_at and now - self._heard_at <= self._trust_seconds
        return bool(self._keys) and (is_asked or is_told)

    async def poll(self) -> bool:
        """Asks once for sessions, and for keys where that is due; False where there was no answer."""
        try:
            began = self._clock()
            answer = await self._ask(SESSIONS_PATH)
            for word in answer["changes"]:
                self._note(word)
            self._asked_at = began
            if began - self._keys_at >= _KEYS_EVERY:
                await self._fetch_keys()
        except (OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("sessions.unanswered", error=repr(error))
            return False
        return True

    async def renew_keys(self) -> bool:
        """Asks for keys because a token names a new one; False where that was done only just now, or in vain."""
        async with self._fetching:
            if self._clock() - self._renewed_at < _RENEWED_AT_MOST_EVERY:
                return False
            self._renewed_at = self._clock()
            try:
                await self._fetch_keys()
            except (OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
                log.warning("keys.unanswered", error=repr(error))
                return False
        return True

    def tuned_in(self) -> None:
        """The bus is heard from now on; what was told before, only asking can tell."""
        self._tuned_in_at = self._heard_at = self._clock()

    def heard(self, said: str | None = None) -> None:
        """A sign of life from the bus, perhaps with a word in it."""
        self._heard_at = self._clock()
        topic, _, word = (said or "").partition(" ")
        if topic == SESSIONS_TOPIC:
            try:
                self._note(word)
            except ValueError:
                log.warning("sessions.unknown_word")

    def tuned_out(self) -> None:
        """The bus is not heard any more."""
        self._tuned_in_at = math.inf

    def _note(self, word: str) -> None:
        change = SessionChange.from_word(word)
        self.verifier.note(change.session_id, is_ended=change.is_ended, generation=change.generation)

    async def _fetch_keys(self) -> None:
        self._keys_at = self._clock()
        self._keys = (await self._ask(KEYS_PATH))["keys"]
        self.verifier.renew_keys()
