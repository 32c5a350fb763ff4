"""What can go wrong, by kind. Apps name their errors as children of these; one handler turns them into answers."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """The request could not be carried out.

    The class gives the HTTP status, the stable code (its name in snake case) and the title (the first line of its
    docstring); `detail` speaks to the person, `headers` go out with the answer, `extras` become members of the problem
    document (RFC 9457, section 3.2).
    """

    status: ClassVar[int] = 400
    retry_after: int | None = None
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str = "", *, retry_after: int | None = None, **extras: Any) -> None:
        super().__init__(detail or self.title())
        self.detail = detail
        self.extras = extras
        if retry_after is not None:
            self.retry_after = retry_after

    @classmethod
    def code(cls) -> str:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class Invalid(DomainError):
    """What was sent is not valid."""

    def __init__(self, detail: str = "", *, errors: dict[str, list[str]] | None = None, **extras: Any) -> None:
        super().__init__(detail, **(extras | ({"errors": errors} if errors else {})))


class Unauthorized(DomainError):
    """Log in first."""

    status = 401


class PaymentRequired(DomainError):
    """This has to be paid for first."""

    status = 402


class Forbidden(DomainError):
    """You may not do this."""

    status = 403


class NotFound(DomainError):
    """There is nothing here."""

    status = 404


class Conflict(DomainError):
    """The state of things does not allow this now."""

    status = 409


class Gone(DomainError):
    """This is no longer here."""

    status = 410


class LostUpdate(DomainError):
    """Someone else changed this since you read it."""

    status = 412


class TooLarge(DomainError):
    """What was sent is too large."""

    status = 413


class Unprocessable(DomainError):
    """This contradicts what was sent before."""

    status = 422


class TooMany(DomainError):
    """Too many requests; wait a little."""

    status = 429


class Unavailable(DomainError):
    """This is out of order for the moment."""

    status = 503
    retry_after = 5


class Outage(Unavailable):
    """What we stand on is away: whatever needs it waits, and has not failed."""
