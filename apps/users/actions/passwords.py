"""Passwords: proving a person by one, and setting another."""

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
from apps.users.queries import find_by_email, lock_user
from apps.users.rules import PasswordFault
from learninghub.errors import Invalid
from learninghub.outbox import publish


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


@transaction.atomic
def change_password(*, user_id: UUID, current_password: str, new_password: str, session_id: UUID | None) -> None:
    """Set another password; every other session ends by the fact, and links mailed before are void.

    Raises Invalid for a wrong current password, WeakPassword for the new one.
    """
    user = lock_user(user_id=user_id)
    prove(user, current_password, field="current_password")
    replace_password(user=user, password=new_password, kept_session_id=session_id)


def prove(user: User, password: str, *, field: str) -> None:
    """Make sure that it is the person who asks; raises Invalid naming the field."""
    if not user.check_password(password):
        raise Invalid(errors={field: [_("This is not your current password.")]})


def replace_password(*, user: User, password: str, kept_session_id: UUID | None = None) -> None:
    """Hash and keep a new password of a locked person, step the epoch on and state the fact."""
    user.password = hashed(password, email=user.email, display_name=user.display_name)
    user.credential_epoch += 1
    user.save(update_fields=["password", "credential_epoch", "updated_at"])
    publish(PasswordChanged(user_id=user.id, epoch=user.credential_epoch, kept_session_id=kept_session_id))


def hashed(password: str, *, email: str, display_name: str) -> str:
    """The hash of a password that is good enough; raises WeakPassword with all that is wrong with it."""
    faults = rules.password_faults(
        password=password, email=email, display_name=display_name, common=_common_passwords()
    )
    if faults:
        raise WeakPassword(errors={"password": [_words(fault) for fault in faults]})
    return make_password(password)


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
