"""What passes the door of users: people, their contacts and their credentials."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person may be here; written into access tokens as it stands."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What everybody may see of a person."""

    id: UUID
    display_name: str
    avatar_id: UUID | None
    is_instructor: bool
    joined_at: datetime


class LinkPurpose(StrEnum):
    """What a mailed link proves or allows."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as other apps may know them: no address, nothing secret."""

    id: UUID
    display_name: str
    avatar_id: UUID | None
    locale: str
    time_zone: str
    is_active: bool
    is_verified: bool
    roles: frozenset[Role]
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to write to a person; only for those who must."""

    id: UUID
    email: str
    display_name: str
    locale: str
    time_zone: str
    is_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a session is built on: who, as what, and since which change of the password."""

    user_id: UUID
    roles: frozenset[Role]
    epoch: int
    is_active: bool
    is_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLink:
    """A link to be mailed: where it leads, to whom it goes and how long it holds."""

    url: str
    contact: Contact
    expires_at: datetime
