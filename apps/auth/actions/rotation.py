"""Refresh tokens: each is used once and gives the next; a second use gives its holder away."""

from datetime import datetime
from secrets import token_bytes

from django.conf import settings
from django.db import transaction
from django.utils.encoding import force_bytes

from apps.auth import rules
from apps.auth.actions.sessions import end_stolen_session, keep_refresh, tokens_of
from apps.auth.errors import RefreshInvalid
from apps.auth.models import RefreshToken, Session
from apps.auth.types import Tokens
from apps.users import api as users


def refresh(*, token: str, now: datetime) -> Tokens:
    """A new access token and the next refresh token of the same family.

    A token is used up by one conditional UPDATE. Shown again within the grace it gives the same successor, as long
    as that one is unused; later it ends the session (RFC 9700, section 4.14.2), and that end is committed although
    the call raises RefreshInvalid.
    """
    with transaction.atomic():
        tokens = _exchange(token, now=now)
    if tokens is None:
        raise RefreshInvalid
    return tokens


def _exchange(token: str, *, now: datetime) -> Tokens | None:
    held = RefreshToken.objects.filter(digest=rules.refresh_digest(token), expires_at__gt=now).first()
    if held is None:
        raise RefreshInvalid
    salt = token_bytes(32)
    is_first = _consume(held, salt=salt, now=now)
    if not is_first:
        held.refresh_from_db()
        if not _may_be_shown_again(held, now=now):
            end_stolen_session(session_id=held.session_id, now=now)
            return None
        salt = bytes(held.successor_salt or b"")
    session = _touch(held, now=now)
    credentials = users.get_credentials(user_id=session.user_id)
    if not credentials.is_active:
        raise RefreshInvalid
    successor = rules.next_refresh(key=force_bytes(settings.SECRET_KEY), token=token, salt=salt)
    if is_first:
        keep_refresh(session=session, token=successor, predecessor=held, now=now)
    return tokens_of(session=session, credentials=credentials, refresh=successor, now=now)


def _consume(held: RefreshToken, *, salt: bytes, now: datetime) -> bool:
    """Whether this call is the one that uses the token up; a second one waits here for the first to commit."""
    unused = RefreshToken.objects.filter(id=held.id, consumed_at=None)
    return unused.update(consumed_at=now, successor_salt=salt) == 1


def _touch(held: RefreshToken, *, now: datetime) -> Session:
    """The session, locked and in use; raises RefreshInvalid when it is over, which undoes the consumption."""
    if not Session.objects.alive(now=now).filter(id=held.session_id).update(last_used_at=now):
        raise RefreshInvalid
    return Session.objects.get(id=held.session_id)


def _may_be_shown_again(held: RefreshToken, *, now: datetime) -> bool:
    if held.consumed_at is None or not rules.within_grace(consumed_at=held.consumed_at, now=now):
        return False
    return RefreshToken.objects.filter(predecessor=held, consumed_at=None).exists()
