"""What can go wrong with sessions, by name."""

from learninghub.errors import NotFound, Unauthorized


class RefreshInvalid(Unauthorized):
    """This refresh token is not valid, or not valid any more; log in again."""


class SessionNotFound(NotFound):
    """You have no such session."""
