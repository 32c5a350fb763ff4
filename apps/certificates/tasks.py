"""The jobs of certificates."""

from datetime import timedelta
from uuid import UUID

from apps.certificates import actions
from learninghub import pdf
from learninghub.jobs import Later, job

_UNTIL_SOMEONE_INSTALLS = timedelta(minutes=1)


@job("certificates.render", queue="pdf")
def render(certificate_id: UUID) -> None:
    if lack := pdf.missing():
        raise Later(lack, wait=_UNTIL_SOMEONE_INSTALLS)
    actions.render(certificate_id=certificate_id)
