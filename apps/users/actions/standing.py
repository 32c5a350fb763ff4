"""A person's standing: roles, and whether the account is open."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.users.errors import EmailNotVerified
from apps.users.events import EmailVerified, RolesChanged, UserSuspended
from apps.users.models import User
from apps.users.queries import SCOPE, lock_user
from apps.users.types import Role
from learninghub import audit, caching
from learninghub.outbox import publish


@transaction.atomic
def start_teaching(*, user_id: UUID, now: datetime) -> User:
    """Make a verified person an instructor, at their own wish; no effect where they are one.

    Raises EmailNotVerified.
    """
    user = lock_user(user_id=user_id)
    if not user.is_verified:
        raise EmailNotVerified
    _grant(user, Role.INSTRUCTOR, by=user_id, now=now)
    return user


@transaction.atomic
def vouch_for(*, user_id: UUID, by: UUID, now: datetime) -> None:
    """Take a person's address as proven on someone's word, without a link; no effect where it is proven."""
    user = lock_user(user_id=user_id)
    if user.is_verified:
        return
    user.email_verified_at = now
    user.save(update_fields=["email_verified_at", "updated_at"])
    publish(EmailVerified(user_id=user.id))
    audit.record(action="users.vouched_for", by=by, subject=user.id, now=now)


@transaction.atomic
def grant_role(*, user_id: UUID, role: Role, by: UUID, now: datetime) -> None:
    """Give a person a role; no effect where it is held already."""
    _grant(lock_user(user_id=user_id), role, by=by, now=now)


@transaction.atomic
def revoke_role(*, user_id: UUID, role: Role, by: UUID, now: datetime) -> None:
    """Take a role away; no effect where it is not held. The fact ends access tokens that still name it."""
    user = lock_user(user_id=user_id)
    if role not in user.roles:
        return
    user.roles = [held for held in user.roles if held != role]
    user.save(update_fields=["roles", "updated_at"])
    caching.bump(SCOPE)
    publish(RolesChanged(user_id=user.id, granted=None, revoked=role.value))
    audit.record(action="users.role_revoked", by=by, subject=user.id, details={"role": role.value}, now=now)


@transaction.atomic
def suspend(*, user_id: UUID, by: UUID, reason: str, now: datetime) -> None:
    """Close an account and so end its sessions; no effect where it is closed already."""
    user = lock_user(user_id=user_id)
    if not user.is_active:
        return
    user.is_active = False
    user.save(update_fields=["is_active", "updated_at"])
    caching.bump(SCOPE)
    publish(UserSuspended(user_id=user.id))
    audit.record(action="users.suspended", by=by, subject=user.id, reason=reason, now=now)


@transaction.atomic
def reinstate(*, user_id: UUID, by: UUID, reason: str, now: datetime) -> None:
    """Open a closed account again; no effect where it is open."""
    user = lock_user(user_id=user_id)
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active", "updated_at"])
    caching.bump(SCOPE)
    audit.record(action="users.reinstated", by=by, subject=user.id, reason=reason, now=now)


def _grant(user: User, role: Role, *, by: UUID, now: datetime) -> None:
    if role in user.roles:
        return
    user.roles = [*user.roles, role.value]
    user.save(update_fields=["roles", "updated_at"])
    caching.bump(SCOPE)
    publish(RolesChanged(user_id=user.id, granted=role.value, revoked=None))
    audit.record(action="users.role_granted", by=by, subject=user.id, details={"role": role.value}, now=now)
