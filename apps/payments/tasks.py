"""The jobs of payments."""

from datetime import timedelta
from uuid import UUID

from apps.payments.actions import invoicing
from learninghub import pdf
from learninghub.jobs import Later, job

_UNTIL_SOMEONE_INSTALLS = timedelta(minutes=1)


@job("payments.render_document", queue="pdf")
def render_document(document_id: UUID) -> None:
    if lack := pdf.missing():
        raise Later(lack, wait=_UNTIL_SOMEONE_INSTALLS)
    invoicing.render_document(document_id=document_id)
