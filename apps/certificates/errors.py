"""What can go wrong with certificates."""

from learninghub.errors import Conflict, Gone, NotFound, Unavailable


class CertificateNotFound(NotFound):
    """There is no such certificate."""


class CertificateNotReady(Unavailable):
    """The certificate's file is still being made; ask again in a moment."""

    retry_after = 5


class CertificateWithdrawn(Gone):
    """The certificate was revoked; its file is no longer handed out."""


class AlreadyRevoked(Conflict):
    """The certificate is revoked already."""
