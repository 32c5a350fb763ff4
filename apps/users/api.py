"""The door of users: who people are, how to write to them, and whether they are who they say."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.users import actions, queries
from apps.users.actions import grant_role, reinstate, revoke_role, suspend, vouch_for
from apps.users.queries import figures
from apps.users.types import Contact, Credentials, MailedLink, Person

__all__ = [
    "authenticate",
    "figures",
    "find_by_email",
    "get_contact",
    "get_contacts",
    "get_credentials",
    "get_mailed_link",
    "get_people",
    "get_person",
    "grant_role",
    "hold_credentials",
    "normalise_email",
    "register",
    "reinstate",
    "revoke_role",
    "suspend",
    "vouch_for",
]


def register(
    *,
    email: str,
    password: str,
    display_name: str,
    locale: str = "en",
    time_zone: str = "UTC",
    terms_version: str,
    now: datetime,
) -> Person:
    """Make an account and ask for its address to be proven.

    Raises EmailTaken, WeakPassword, and Invalid for an unknown locale or time zone.
    """
    user = actions.register(
        email=email,
        password=password,
        display_name=display_name,
        locale=locale,
        time_zone=time_zone,
        terms_version=terms_version,
        now=now,
    )
    return queries.as_person(user)


def normalise_email(*, email: str) -> str:
    """The one spelling under which an address is kept; raises Invalid."""
    return actions.checked_address(email)


def authenticate(*, email: str, password: str) -> Credentials:
    """Prove a person by password.

    Raises WrongCredentials, alike and as slowly for an unknown address, a wrong password, a closed account.
    """
    return queries.as_credentials(actions.authenticate(email=email, password=password))


def get_credentials(*, user_id: UUID) -> Credentials:
    """What a session of this person may claim now; raises PersonNotFound."""
    return queries.as_credentials(queries.get_user(user_id=user_id))


def hold_credentials(*, user_id: UUID) -> Credentials:
    """The same, and nobody changes them until the caller's transaction ends; raises PersonNotFound."""
    return queries.as_credentials(queries.lock_user(user_id=user_id))


def get_person(*, user_id: UUID) -> Person:
    """One person; raises PersonNotFound."""
    return queries.as_person(queries.get_user(user_id=user_id))


def get_people(*, ids: Collection[UUID]) -> dict[UUID, Person]:
    """Many people in one statement; unknown ids are left out."""
    return {user.id: queries.as_person(user) for user in queries.list_users(ids=ids)}


def get_contact(*, user_id: UUID) -> Contact:
    """How to write to one person; raises PersonNotFound."""
    return queries.as_contact(queries.get_user(user_id=user_id))


def get_contacts(*, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """How to write to many people, in one statement; unknown ids are left out."""
    return {user.id: queries.as_contact(user) for user in queries.list_users(ids=ids)}


def find_by_email(*, email: str) -> Person | None:
    """Who has this address, in whatever spelling."""
    user = queries.find_by_email(email=email)
    return queries.as_person(user) if user else None


def get_mailed_link(*, request_id: UUID) -> MailedLink:
    """A link with the address it is to be mailed to: a new address where the person asked to change it."""
    return queries.as_mailed_link(queries.get_link_request(request_id=request_id))
