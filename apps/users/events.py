"""Facts that users states."""

from uuid import UUID

from learninghub.events import event


@event("users.user_registered.v1", key="user_id")
class UserRegistered:
    """A person made an account; the address is not proven yet."""

    user_id: UUID
    display_name: str
    locale: str


@event("users.email_verification_requested.v1", key="user_id")
class EmailVerificationRequested:
    """A link that proves the person's address is to be mailed to it."""

    user_id: UUID
    request_id: UUID


@event("users.email_verified.v1", key="user_id")
class EmailVerified:
    """The person proved the address."""

    user_id: UUID


@event("users.profile_changed.v1", key="user_id")
class ProfileChanged:
    """The name or picture that others see has changed."""

    user_id: UUID
    display_name: str
    avatar_id: UUID | None


@event("users.email_change_requested.v1", key="user_id")
class EmailChangeRequested:
    """A new address is to be proven by a link mailed to it; the old one still stands and is to be told."""

    user_id: UUID
    request_id: UUID


@event("users.email_changed.v1", key="user_id")
class EmailChanged:
    """The person's address is another one now, and proven."""

    user_id: UUID


@event("users.password_changed.v1", key="user_id")
class PasswordChanged:
    """The password is another one; sessions of an earlier epoch end, save the one in which it was changed."""

    user_id: UUID
    epoch: int
    kept_session_id: UUID | None


@event("users.password_reset_requested.v1", key="user_id")
class PasswordResetRequested:
    """A link that allows a new password is to be mailed."""

    user_id: UUID
    request_id: UUID


@event("users.roles_changed.v1", key="user_id")
class RolesChanged:
    """A role was granted or taken away."""

    user_id: UUID
    granted: str | None
    revoked: str | None


@event("users.user_suspended.v1", key="user_id")
class UserSuspended:
    """Staff closed the account; it may be opened again."""

    user_id: UUID
