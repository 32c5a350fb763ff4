"""What Redis keeps of sessions: a copy of their state, which serves to refuse, and when they were last seen."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from redis import Redis

from apps.auth.models import Session
from apps.auth.types import LOOK_BACK, SEEN_KEPT, SESSIONS_TOPIC, SessionChange, seen_key, state_key
from learninghub import bus, redis

# Words may come out of order: an end is never overwritten, nor is a later generation by an earlier one.
_KEEP = """
local kept = redis.call('GET', KEYS[1])
if kept == 'ended' or (ARGV[1] ~= 'ended' and (tonumber(kept or 0) or 0) > tonumber(ARGV[1])) then return end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
if ARGV[1] == 'ended' then redis.call('DEL', KEYS[2]) end
"""


def keep_state(session: Session) -> None:
    """Redis keeps the session's state, once this is committed; where it is away, nothing does."""
    note = _note(session)

    def keep() -> None:
        client = redis.client()
        if client is not None:
            with suppress(redis.Down):
                client.ask(note.key, note.write)

    transaction.on_commit(keep)


def tell(session: Session) -> None:
    """Word for every edge, once this is committed, and the new state for those that miss it."""
    bus.tell(SESSIONS_TOPIC, _change(session).word, note=_note(session))


def note_seen(*, seen: Mapping[tuple[UUID, UUID], datetime]) -> None:
    """Redis keeps when these sessions, each with its person, were last seen; nothing does where it is away."""
    client = redis.client()
    if client is None:
        return
    with suppress(redis.Down):
        for (session_id, user_id), at in seen.items():
            key, value = seen_key(session_id=session_id, user_id=user_id), int(at.timestamp())
            client.ask(key, lambda node, key=key, value=value: node.set(key, value, ex=SEEN_KEPT))  # type: ignore[misc]


def _note(session: Session) -> bus.Note:
    whose = {"session_id": session.id, "user_id": session.user_id}
    keys, state = (state_key(**whose), seen_key(**whose)), _change(session).state
    seconds = int(LOOK_BACK.total_seconds())

    def write(node: Redis) -> object:
        return node.eval(_KEEP, 2, *keys, state, seconds)

    return bus.Note(keys[0], write)


def _change(session: Session) -> SessionChange:
    return SessionChange(session_id=session.id, is_ended=session.ended_at is not None, generation=session.generation)
