"""What Stripe answers when it refuses: the kind, the code and the field at fault."""

from typing import Any


class Refused(Exception):
    """A call that is answered with an error, in the shape that Stripe gives it."""

    def __init__(self, status: int, message: str, *, kind: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message} | {name: value for name, value in more.items() if value}

    @property
    def is_kept(self) -> bool:
        """Whether the call's Idempotency-Key answers so from now on: what failed on the way in may be tried again."""
        return self.status == 402 or self.status >= 500


def invalid(message: str, *, param: str = "", code: str = "") -> Refused:
    return Refused(400, message, param=param, code=code)


def missing(kind: str, key: str, *, param: str = "id") -> Refused:
    return Refused(404, f"No such {kind}: '{key}'", param=param, code="resource_missing")


def wrong_key(given: str) -> Refused:
    if not given:
        return Refused(401, "You did not provide an API key.")
    return Refused(401, f"Invalid API Key provided: {given[:8]}{'*' * 8}{given[-4:]}")


def key_for_other_parameters(key: str) -> Refused:
    return Refused(
        400,
        f"Keys for idempotent requests can only be used with the same parameters they were first used with: {key}",
        kind="idempotency_error",
    )


def key_in_use(key: str) -> Refused:
    return Refused(
        409,
        f"There is currently another in-progress request using this Idempotency Key: {key}",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )
