"""Reads of invoices and credit notes."""

from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from apps.payments.errors import DocumentNotFound, DocumentNotReady
from apps.payments.models import Document as DocumentRow
from apps.payments.types import Attachment, Document, DocumentFile, DocumentKind
from learninghub.http.pagination import Page, PageRequest, paginate
from learninghub.storage import store


def get(*, document_id: UUID) -> Document:
    """One document; raises DocumentNotFound."""
    return _only(_rows().filter(id=document_id))


def list_for_person(*, user_id: UUID, page: PageRequest) -> Page[Document]:
    """The person's invoices and credit notes, newest first."""
    found = paginate(_rows().filter(user_id=user_id), order_by=["-issued_at", "-id"], page=page)
    return replace(found, results=[as_document(row) for row in found.results])


def get_file(*, document_id: UUID) -> DocumentFile:
    """Where the bytes as issued are kept; raises DocumentNotFound and DocumentNotReady."""
    return _file(get(document_id=document_id))


def read_document(*, document_id: UUID) -> Attachment:
    """The bytes as issued; raises DocumentNotFound and DocumentNotReady."""
    return _read(get(document_id=document_id))


def read_credit_note(*, refund_id: UUID) -> Attachment:
    """The bytes of the refund's credit note; raises DocumentNotFound and DocumentNotReady."""
    return _read(_only(_rows().filter(refund_id=refund_id)))


def is_owner(*, user_id: UUID, document_id: UUID) -> bool:
    """Whether the document is this person's."""
    return DocumentRow.objects.filter(id=document_id, user_id=user_id).exists()


def as_document(row: DocumentRow) -> Document:
    """The row as it passes the door."""
    return Document(
        id=row.id,
        kind=DocumentKind(row.kind),
        number=row.number,
        corrects=row.corrects.number if row.corrects else "",
        order_id=row.order_id,
        user_id=row.user_id,
        course_id=row.order.course_id,
        seller_name=row.seller_name,
        seller_address=row.seller_address,
        seller_tax_id=row.seller_tax_id,
        buyer_name=row.buyer_name,
        buyer_email=row.buyer_email,
        language=row.language,
        description=row.description,
        supplied_on=row.supplied_on,
        issued_at=row.issued_at,
        net=row.net,
        tax_rate=row.tax_rate,
        tax=row.tax,
        gross=row.gross,
        currency=row.currency,
        sha256=row.sha256,
    )


def _rows() -> QuerySet[DocumentRow]:
    return DocumentRow.objects.select_related("corrects", "order")


def _file(document: Document) -> DocumentFile:
    if not document.sha256:
        raise DocumentNotReady
    return DocumentFile(name=f"{document.number}.pdf", sha256=document.sha256)


def _read(document: Document) -> Attachment:
    file = _file(document)
    return Attachment(name=file.name, content=store.read(file.sha256))


def _only(rows: QuerySet[DocumentRow]) -> Document:
    row = rows.first()
    if row is None:
        raise DocumentNotFound
    return as_document(row)
