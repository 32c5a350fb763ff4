"""Passwords: proving a person by one, and setting another."""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.db import transaction
from django.utils.translation import gettext as _

from apps.users import rules
from apps.users.errors import WeakPassword, WrongCredentials
from apps.users.events import PasswordChanged
from apps.users.models import User
from apps.users.queries import find_by_email, get_user, lock_user
from apps.users.rules import PasswordFault
from learninghub import limits
from learninghub.errors import Invalid
from learninghub.limits import Limit
from learninghub.outbox import publish

GUESSES_IN_SESSION = Limit(name="users.guesses", uses=10, window=timedelta(minutes=5))


def authenticate(*, email: str, password: str) -> User:
    """The person who has this address and this password.

    Raises WrongCredentials alike for an unknown address, a wrong password and a closed account, and hashes
    once in each case, so that neither words nor time tell them apart.
    """
    user = find_by_email(email=email)
    if user is None:
        make_password(password)
        raise WrongCredentials
    if not user.check_password(password) or not user.is_active:
        raise WrongCredentials
    return user


def change_password(
    *, user_id: UUID, current_password: str, new_password: str, session_id: UUID | None, now: datetime
) -> None:
    """Set another password; every other session ends by the fact, and links mailed before are void.

    Raises Invalid for a wrong current password, WeakPassword for the new one, TooMany.
    """
    proven = prove(user_id=user_id, password=current_password, field="current_password", now=now)
    with transaction.atomic():
        user = lock_user(user_id=user_id)
        if user.credential_epoch != proven.credential_epoch:
            raise _wrong("current_password")
        replace_password(user=user, password=new_password, field="new_password", kept_session_id=session_id)


def prove(*, user_id: UUID, password: str, field: str, now: datetime) -> User:
    """The person, once it is sure that it is they who ask; whoever holds a stolen session gets ten guesses.

    Raises Invalid naming the field, and TooMany.
    """
    limits.claim(GUESSES_IN_SESSION, str(user_id), now=now)
    user = get_user(user_id=user_id)
    if not user.check_password(password):
        raise _wrong(field)
    limits.give_back(GUESSES_IN_SESSION, str(user_id), now=now)
    return user


def replace_password(
    *, user: User, password: str, field: str = "password", kept_session_id: UUID | None = None
) -> None:
    """Hash and keep a new password of a locked person, step the epoch on and state the fact."""
    user.password = hashed(password, email=user.email, display_name=user.display_name, field=field)
    user.credential_epoch += 1
    user.save(update_fields=["password", "credential_epoch", "updated_at"])
    publish(PasswordChanged(user_id=user.id, epoch=user.credential_epoch, kept_session_id=kept_session_id))


def hashed(password: str, *, email: str, display_name: str, field: str = "password") -> str:
    """The hash of a password that is good enough; raises WeakPassword with all that is wrong with it."""
    faults = rules.password_faults(
        password=password, email=email, display_name=display_name, common=_common_passwords()
    )
    if faults:
        raise WeakPassword(errors={field: [_words(fault) for fault in faults]})
    return make_password(password)


def _wrong(field: str) -> Invalid:
    return Invalid(errors={field: [_("This is not your current password.")]})


def _words(fault: PasswordFault) -> str:
    return {
        PasswordFault.TOO_SHORT: _("Use at least %(count)d characters.") % {"count": rules.PASSWORD_MIN},
        PasswordFault.TOO_LONG: _("Use at most %(count)d characters.") % {"count": rules.PASSWORD_MAX},
        PasswordFault.TOO_COMMON: _("This password is one of the first that anyone would try."),
        PasswordFault.TOO_SIMILAR: _("This password is too much like your name, your address or ours."),
    }[fault]


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
