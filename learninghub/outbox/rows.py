"""An envelope as a row, and back: a row is its envelope, and how far it has come."""

import dataclasses

from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import QueuedMessage

_SHARED = [field.name for field in dataclasses.fields(Envelope)]


def row_of(envelope: Envelope) -> QueuedMessage:
    """The envelope as a row, not yet written."""
    return QueuedMessage(**{name: getattr(envelope, name) for name in _SHARED})


def envelope_of(row: QueuedMessage) -> Envelope:
    """The envelope that the row keeps."""
    return Envelope(**{name: getattr(row, name) for name in _SHARED})
