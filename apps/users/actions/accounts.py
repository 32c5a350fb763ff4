"""Accounts: registration, profile and preferences."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.media import api as media
from apps.media.types import Holder
from apps.users.actions.checks import checked_address, checked_avatar, checked_locale, checked_name, checked_time_zone
from apps.users.actions.links import ask_for_verification
from apps.users.actions.passwords import hashed
from apps.users.errors import EmailTaken
from apps.users.events import ProfileChanged, UserRegistered
from apps.users.models import User
from apps.users.queries import SCOPE, find_by_email, lock_user
from apps.users.types import Role
from learninghub import caching
from learninghub.outbox import publish


def register(
    *,
    email: str,
    password: str,
    display_name: str,
    locale: str,
    time_zone: str,
    terms_version: str,
    now: datetime,
) -> User:
    """Make a student's account, and ask for a link that proves its address.

    Raises EmailTaken, WeakPassword and Invalid. The hash is made before the transaction opens.
    """
    address = checked_address(email)
    name = checked_name(display_name)
    user = User(
        email=address,
        display_name=name,
        roles=[Role.STUDENT],
        locale=checked_locale(locale),
        time_zone=checked_time_zone(time_zone),
        terms_version=terms_version,
        terms_accepted_at=now,
        created_at=now,
    )
    if find_by_email(email=address):
        raise EmailTaken
    user.password = hashed(password, email=address, display_name=name)
    with transaction.atomic():
        _insert(user)
        publish(UserRegistered(user_id=user.id, display_name=user.display_name, locale=user.locale))
        ask_for_verification(user=user, now=now)
    return user


@transaction.atomic
def change_profile(*, user_id: UUID, now: datetime, **changes: Any) -> User:
    """Change the name (`display_name`) or the picture (`avatar_id`, None for no picture) that others see.

    States a fact only where something changed. While a picture is shown, nobody deletes it.
    """
    user = lock_user(user_id=user_id)
    before = (user.display_name, user.avatar_id)
    if "display_name" in changes:
        user.display_name = checked_name(changes["display_name"])
    if changes.get("avatar_id", user.avatar_id) != user.avatar_id:
        user.avatar_id = checked_avatar(changes["avatar_id"], owner_id=user_id)
        shown = [user.avatar_id] if user.avatar_id else []
        media.attach_only(asset_ids=shown, holder=Holder(kind="users.avatar", id=user_id), now=now)
    if (user.display_name, user.avatar_id) != before:
        user.save(update_fields=["display_name", "avatar_id", "updated_at"])
        publish(ProfileChanged(user_id=user.id, display_name=user.display_name, avatar_id=user.avatar_id))
        caching.bump(SCOPE)
    return user


@transaction.atomic
def change_preferences(*, user_id: UUID, locale: str, time_zone: str) -> User:
    """Set the language and the time zone in which the person is written to."""
    user = lock_user(user_id=user_id)
    user.locale = checked_locale(locale)
    user.time_zone = checked_time_zone(time_zone)
    user.save(update_fields=["locale", "time_zone", "updated_at"])
    return user


def _insert(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        if find_by_email(email=user.email):
            raise EmailTaken from None
        raise
