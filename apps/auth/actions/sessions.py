"""Sessions: their start and their end."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from uuid import UUID

from django.db import transaction

from apps.auth import rules
from apps.auth.actions import copies
from apps.auth.actions.access import mint_access
from apps.auth.errors import SessionNotFound
from apps.auth.events import RefreshReused, SessionEnded, SessionStarted
from apps.auth.models import RefreshToken, Session
from apps.auth.types import EndReason, Origin, Tokens
from apps.users.types import Credentials
from learninghub.outbox import publish

_KEPT_AFTER_END = timedelta(days=30)
_TIDY_BATCH = 500


@transaction.atomic
def start_session(*, credentials: Credentials, origin: Origin, now: datetime) -> Tokens:
    """Open a session for a person who has proven themselves; its first refresh token is 256 bits of chance.

    The caller holds the credentials, so that none that was taken away meanwhile gets a session.
    """
    session = Session.objects.create(
        user_id=credentials.user_id,
        user_agent=origin.user_agent[:300],
        network=rules.truncated_address(origin.address),
        credential_epoch=credentials.epoch,
        started_at=now,
        last_used_at=now,
        expires_at=now + rules.SESSION_LIFETIME,
    )
    token = token_urlsafe(32)
    keep_refresh(session=session, token=token, predecessor=None, now=now)
    publish(SessionStarted(session_id=session.id, user_id=credentials.user_id))
    copies.keep_state(session)
    return tokens_of(session=session, credentials=credentials, refresh=token, now=now)


@transaction.atomic
def end_session(*, session_id: UUID, user_id: UUID, now: datetime) -> None:
    """End one of the person's sessions from another; no effect where it is over. Raises SessionNotFound."""
    session = Session.objects.select_for_update(no_key=True).filter(id=session_id, user_id=user_id).first()
    if session is None:
        raise SessionNotFound
    _end(session, reason=EndReason.ENDED_BY_OWNER, now=now)


@transaction.atomic
def log_out(*, session_id: UUID, user_id: UUID, now: datetime) -> None:
    """End the session that the person speaks from; no effect where it is over or forgotten."""
    session = Session.objects.select_for_update(no_key=True).filter(id=session_id, user_id=user_id).first()
    if session is not None:
        _end(session, reason=EndReason.LOGGED_OUT, now=now)


@transaction.atomic
def end_older_sessions(*, user_id: UUID, epoch: int, kept_session_id: UUID | None, now: datetime) -> None:
    """End the sessions that began before this credential epoch, save one: late word ends no younger session."""
    older = Session.objects.filter(user_id=user_id, ended_at=None, credential_epoch__lt=epoch)
    for session in older.select_for_update(no_key=True).order_by("id"):
        if session.id != kept_session_id:
            _end(session, reason=EndReason.PASSWORD_CHANGED, now=now)


@transaction.atomic
def end_all_sessions(*, user_id: UUID, reason: EndReason, now: datetime) -> None:
    """End every session of the person; twice is once. Locks them in the order of their ids."""
    for session in Session.objects.select_for_update(no_key=True).filter(user_id=user_id, ended_at=None).order_by("id"):
        _end(session, reason=reason, now=now)


@transaction.atomic
def end_stolen_session(*, session_id: UUID, now: datetime) -> None:
    """End a session whose refresh token two parties hold; no effect where it is over."""
    session = Session.objects.select_for_update(no_key=True).get(id=session_id)
    if session.ended_at is None:
        _end(session, reason=EndReason.REFRESH_REUSED, now=now)
        publish(RefreshReused(session_id=session.id, user_id=session.user_id))


@transaction.atomic
def distrust_tokens(*, user_id: UUID, now: datetime) -> None:
    """Have every access token that the person holds refused; the sessions go on and give new ones.

    Locks them in the order of their ids.
    """
    for session in Session.objects.select_for_update(no_key=True).filter(user_id=user_id, ended_at=None).order_by("id"):
        session.generation += 1
        session.changed_at = now
        session.save(update_fields=["generation", "changed_at", "updated_at"])
        copies.tell(session)


def tokens_of(*, session: Session, credentials: Credentials, refresh: str, now: datetime) -> Tokens:
    """The pair for a session whose lock the caller holds.

    The generation was read before the roles: a role that went in between makes the token stale, never too bold.
    """
    access = mint_access(
        user_id=credentials.user_id,
        session_id=session.id,
        generation=session.generation,
        roles=credentials.roles,
        is_verified=credentials.is_verified,
        now=now,
    )
    return Tokens(session_id=session.id, access=access, refresh=refresh)


def keep_refresh(*, session: Session, token: str, predecessor: RefreshToken | None, now: datetime) -> None:
    """Keep the digest of a refresh token in the session's family."""
    RefreshToken.objects.create(
        session=session,
        digest=rules.refresh_digest(token),
        predecessor=predecessor,
        expires_at=min(now + rules.REFRESH_LIFETIME, session.expires_at),
    )


def tidy(*, now: datetime) -> int:
    """Delete sessions that ended or expired long ago, with their tokens, in batches; returns how many sessions.

    Tokens that were used up stay as long as their session, because only so is their theft noticed.
    """
    over = Session.objects.long_over(before=now - _KEPT_AFTER_END).order_by("id")
    deleted = 0
    while batch := list(over.values_list("id", flat=True)[:_TIDY_BATCH]):
        with transaction.atomic():
            RefreshToken.objects.filter(session_id__in=batch).delete()
            deleted += Session.objects.filter(id__in=batch).delete()[0]
    return deleted


def _end(session: Session, *, reason: EndReason, now: datetime) -> None:
    if session.ended_at is not None:
        return
    session.ended_at = session.changed_at = now
    session.end_reason = reason
    session.save(update_fields=["ended_at", "changed_at", "end_reason", "updated_at"])
    publish(SessionEnded(session_id=session.id, user_id=session.user_id, reason=reason.value))
    copies.tell(session)
