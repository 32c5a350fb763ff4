"""The door of payments."""

from uuid import UUID

from apps.payments.queries import bills
from apps.payments.types import DocumentFile


def get_document_file(*, document_id: UUID) -> DocumentFile:
    """The file of an invoice or credit note; raises DocumentNotFound and DocumentNotReady."""
    return bills.get_file(document_id=document_id)


def get_credit_note_file(*, refund_id: UUID) -> DocumentFile:
    """The file of the refund's credit note; raises DocumentNotFound and DocumentNotReady."""
    return bills.get_credit_note_file(refund_id=refund_id)
