"""Reads of people."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.encoding import force_bytes

from apps.users import rules
from apps.users.errors import PersonNotFound
from apps.users.models import LinkRequest, User
from apps.users.types import Contact, Credentials, LinkPurpose, MailedLink, Person, Profile, Role
from learninghub import caching
from learninghub.db import Figures, per_day

SCOPE = "users"  # of profiles: whatever shows in one raises its version
_PROFILE_SECONDS = 60.0


def get_user(*, user_id: UUID) -> User:
    """The person with this id; raises PersonNotFound."""
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise PersonNotFound
    return user


def lock_user(*, user_id: UUID) -> User:
    """The person, locked until the transaction ends but open to foreign keys; raises PersonNotFound."""
    user = User.objects.select_for_update(no_key=True).filter(id=user_id).first()
    if user is None:
        raise PersonNotFound
    return user


def get_active_user(*, user_id: UUID) -> User:
    """The person with this id, if the account is open; raises PersonNotFound."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise PersonNotFound
    return user


def get_profile(*, user_id: UUID) -> Profile:
    """What everybody may see of the person, if the account is open; kept for a minute. Raises PersonNotFound."""
    key = caching.key(app="users", what="profile", of=user_id)
    kept = caching.remember(key, SCOPE, _PROFILE_SECONDS, lambda: _shown(get_active_user(user_id=user_id)))
    return Profile(
        id=user_id,
        display_name=kept["display_name"],
        avatar_id=UUID(kept["avatar_id"]) if kept["avatar_id"] else None,
        is_instructor=kept["is_instructor"],
        joined_at=datetime.fromisoformat(kept["joined_at"]),
    )


def list_users(*, ids: Collection[UUID]) -> list[User]:
    """Those of these people who exist, in the order of their ids."""
    return list(User.objects.filter(id__in=ids).order_by("id")) if ids else []


def find_by_email(*, email: str) -> User | None:
    """Who has this address, in whatever spelling."""
    try:
        spelling = rules.normalise_email(email)
    except ValueError:
        return None
    return User.objects.filter(email=spelling).first()


def get_link_request(*, request_id: UUID) -> LinkRequest:
    """The request for a mailed link, with its person; raises PersonNotFound."""
    request = LinkRequest.objects.select_related("user").filter(id=request_id).first()
    if request is None:
        raise PersonNotFound
    return request


def link_url(*, request: LinkRequest) -> str:
    """The address to be mailed, made anew each time from the request and the house's key."""
    purpose = LinkPurpose(request.purpose)
    token = rules.link_token(key=link_keys()[0], purpose=purpose, request_id=request.id, epoch=request.credential_epoch)
    page = {LinkPurpose.VERIFY_EMAIL: "verify-email", LinkPurpose.RESET_PASSWORD: "reset-password"}[purpose]
    return f"{settings.SITE_URL.rstrip('/')}/{page}/?token={token}"


def link_keys() -> list[bytes]:
    """The keys of mailed links: the first signs, the rest still open older links."""
    return [force_bytes(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def as_person(user: User) -> Person:
    """The person as others may know them."""
    return Person(
        id=user.id,
        display_name=user.display_name,
        avatar_id=user.avatar_id,
        locale=user.locale,
        time_zone=user.time_zone,
        is_active=user.is_active,
        is_verified=user.is_verified,
        roles=frozenset(Role(role) for role in user.roles),
        joined_at=user.created_at,
    )


def as_contact(user: User) -> Contact:
    """How to write to the person."""
    return Contact(
        id=user.id,
        email=user.email,
        display_name=user.display_name,
        locale=user.locale,
        time_zone=user.time_zone,
        is_verified=user.is_verified,
    )


def as_credentials(user: User) -> Credentials:
    """What a session of the person may claim."""
    return Credentials(
        user_id=user.id,
        roles=frozenset(Role(role) for role in user.roles),
        epoch=user.credential_epoch,
        is_active=user.is_active,
        is_verified=user.is_verified,
    )


def as_mailed_link(request: LinkRequest) -> MailedLink:
    """The link, and the address it goes to: a new one where the person asked to change it."""
    proven = request.user.is_verified and request.user.email == request.email
    return MailedLink(
        url=link_url(request=request),
        contact=replace(as_contact(request.user), email=request.email, is_verified=proven),
        expires_at=request.expires_at,
    )


def figures(*, first: date, last: date) -> Figures:
    """The registrations of each day."""
    return {"registrations": per_day(User.objects.all(), first=first, last=last)}


def _shown(user: User) -> dict[str, Any]:
    """A profile as it is kept."""
    return {
        "display_name": user.display_name,
        "avatar_id": str(user.avatar_id) if user.avatar_id else None,
        "is_instructor": user.is_instructor,
        "joined_at": user.created_at.isoformat(),
    }
