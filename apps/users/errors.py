"""What can go wrong with people, by name."""

from learninghub.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized


class PersonNotFound(NotFound):
    """There is no such person."""


class EmailTaken(Conflict):
    """There is already an account with this address."""


class WrongCredentials(Unauthorized):
    """The address or the password is wrong."""


class WeakPassword(Invalid):
    """The password is too easy to guess."""


class InvalidLink(Invalid):
    """This link is not valid, or not valid any more."""


class EmailNotVerified(Forbidden):
    """Please confirm your e-mail address first."""


class AlreadyVerified(Conflict):
    """The address is confirmed already."""
