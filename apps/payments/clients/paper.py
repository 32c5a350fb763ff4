"""The paper: an invoice or a credit note as a PDF file, drawn in the PDF process."""

from datetime import UTC
from decimal import Decimal
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _

from apps.payments.types import Document, DocumentKind
from learninghub import money, pdf

PAPER = Path(__file__).resolve().parents[1] / "paper"


def draw(document: Document) -> bytes:
    """The document on A4; the same document gives the same bytes.

    It says what Directive 2006/112/EC asks of an invoice (Article 226) and of what amends one (Article 219), save the
    buyer's address, which nobody is asked for. Raises PdfUnavailable and PdfFailed.
    """
    with translation.override(document.language):
        html = render_to_string("payments/document.html", _page(document))
    return pdf.render(html=html, base=PAPER, stylesheets=["document.css"])


def _page(document: Document) -> dict[str, object]:
    issued_at = document.issued_at.astimezone(UTC)
    # Translators: a date as Django's date filter writes it, with the month in full.
    form = _("j F Y")
    return {
        "document": document,
        "is_invoice": document.kind == DocumentKind.INVOICE,
        "address": document.seller_address.replace(", ", "\n").splitlines(),
        "issued_on": formats.date_format(issued_at, form),
        "supplied_on": formats.date_format(document.supplied_on, form),
        "created_at": issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "rate": f"{formats.number_format(Decimal(document.tax_rate) / 100)}\u00a0%",
        **{name: money.written(getattr(document, name), document.currency) for name in ("net", "tax", "gross")},
    }
