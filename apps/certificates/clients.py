"""The paper: a certificate as a PDF file, drawn in the PDF process."""

import base64
import io
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _

from apps.certificates import rules
from apps.certificates.types import Certificate
from learninghub import pdf
from learninghub.readable import in_groups

PAPER = Path(__file__).resolve().parent / "paper"
PLATFORM = "Learning Hub"


def address_of(code: str) -> str:
    """Where anyone can confirm the certificate with this code."""
    return f"{settings.SITE_URL}/verify/{code}/"


def draw(certificate: Certificate) -> bytes:
    """The certificate as one A4 page; the same certificate gives the same bytes.

    Raises PdfUnavailable and PdfFailed.
    """
    with translation.override(certificate.locale):
        html = render_to_string("certificates/certificate.html", _page(certificate))
    return pdf.render(html=html, base=PAPER, stylesheets=["certificate.css"], underlay="frame.pdfops")


def _page(certificate: Certificate) -> dict[str, object]:
    locale = certificate.locale
    return {
        "locale": translation.get_language() or "en",
        "platform": PLATFORM,
        "name": rules.wording(certificate.learner_name, steps=rules.NAME_STEPS, locale=locale),
        "course": rules.wording(certificate.course_title, steps=rules.COURSE_STEPS, locale=locale),
        "instructor": rules.wording(certificate.instructor_name, steps=rules.INSTRUCTOR_STEPS, locale=locale),
        # Translators: a date as Django's date filter writes it, with the month in full.
        "date": formats.date_format(certificate.completed_on, _("j F Y")),
        "issued_at": certificate.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "code": in_groups(certificate.code),
        "address": f"{urlsplit(settings.SITE_URL).netloc}/verify/",
        "qr": _qr(address_of(certificate.code)),
    }


def _qr(address: str) -> str:
    """A QR code as a one-bit PNG: as SVG it would take a fifth of the page's time."""
    image = io.BytesIO()
    segno.make_qr(address, error="m", boost_error=False).save(image, kind="png", scale=1, border=0)
    return f"data:image/png;base64,{base64.b64encode(image.getvalue()).decode()}"
