"""The file of an invoice or credit note: what the law asks for, in the buyer's language, to the minor unit."""

import pytest
from structlog.testing import capture_logs

from apps.payments.actions import invoicing
from apps.payments.clients import paper
from tests.kernel.test_pdf import NAMES
from tests.support.bills import ISSUED_AT, make_invoice, make_paid_order, make_settled_refund
from tests.support.courses import make_course
from tests.support.pdf import is_tagged, metadata_of, sizes_of, text_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
A4 = (595.28, 841.89)


def words_of(content: bytes) -> str:
    """The words in one line, as they follow each other on the page."""
    return " ".join(text_of(content).split())


def ada(locale: str = "en") -> object:
    return make_person(display_name="Ada Lovelace", email="ada@example.org", locale=locale)


def test_an_invoice_says_all_that_it_must():
    course = make_course(title="Analytical Engines", lessons=1)
    content = paper.draw(make_invoice(buyer=ada(), course=course, amount=123_450))
    words = words_of(content)

    for part in (
        "Invoice INV-2026-000001",
        "Date of issue 22 November 2026",
        "Date of supply 22 November 2026",
        "Seller Example Learning GmbH Lernweg 7 10115 Berlin Germany",
        "VAT ID DE123456789",
        "Buyer Ada Lovelace ada@example.org",
        "Online course Analytical Engines 1 19 % EUR 1,037.39",
        "Net EUR 1,037.39",
        "VAT 19 % EUR 197.11",
        "Total EUR 1,234.50",
        "Paid in full; nothing is left to pay.",
    ):
        assert part in words
    assert [tuple(round(side, 2) for side in size) for size in sizes_of(content)] == [A4]
    assert metadata_of(content)["Title"] == "Invoice INV-2026-000001"
    assert metadata_of(content)["Author"] == "Example Learning GmbH"
    assert metadata_of(content)["CreationDate"] == "D:20261122101520Z"
    assert is_tagged(content)


def test_a_german_buyer_gets_a_german_one():
    words = words_of(paper.draw(make_invoice(buyer=ada("de-AT"), amount=123_450, tax_rate=770)))

    for part in (
        "Rechnung INV-2026-000001",
        "Ausgestellt am 22. November 2026",
        "Leistungsdatum 22. November 2026",
        "USt-IdNr. DE123456789",
        "Netto 1.146,24 EUR",
        "USt. 7,7 % 88,26 EUR",
        "Gesamt 1.234,50 EUR",
        "Vollständig bezahlt",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("currency", "net", "tax", "gross"),
    [
        ("JPY", "JPY 103,739", "JPY 19,711", "JPY 123,450"),
        ("KWD", "KWD 103.739", "KWD 19.711", "KWD 123.450"),
    ],
)
def test_amounts_follow_their_currency(currency: str, net: str, tax: str, gross: str):
    words = words_of(paper.draw(make_invoice(amount=123_450, currency=currency)))
    assert (f"Net {net}" in words, f"VAT 19 % {tax}" in words, f"Total {gross}" in words) == (True, True, True)


def test_a_credit_note_names_the_invoice_that_it_corrects():
    order = make_paid_order(buyer=ada(), amount=10_000)
    invoicing.issue_invoice(order=order, now=ISSUED_AT)
    note = invoicing.issue_credit_note(refund=make_settled_refund(order, amount=4_000), now=ISSUED_AT)
    words = words_of(paper.draw(note))

    for part in (
        "Credit note CN-2026-000001",
        "Corrects invoice INV-2026-000001",
        "This credit note corrects invoice INV-2026-000001.",
        "Net EUR 33.61",
        "VAT 19 % EUR 6.39",
        "Credited EUR 40.00",
    ):
        assert part in words
    assert "Paid in full" not in words


def test_the_same_document_gives_the_same_bytes():
    invoice = make_invoice()
    assert paper.draw(invoice) == paper.draw(invoice)


def test_markup_is_shown_and_not_obeyed():
    course = make_course(title="<script>x</script> & Co", lessons=1)
    buyer = make_person(display_name='<img src="file:///etc/passwd">')
    words = words_of(paper.draw(make_invoice(course=course, buyer=buyer))).replace(" ", "")
    assert "<script>x</script>&Co" in words
    assert '<imgsrc="file:///etc/passwd">' in words


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_in_every_script_is_on_the_page(name: str):
    with capture_logs() as warnings:
        content = paper.draw(make_invoice(course=make_course(title=name), buyer=make_person(display_name=name)))
    assert [entry for entry in warnings if entry["event"] == "child.warning"] == []
    assert len(sizes_of(content)) == 1


@pytest.mark.parametrize("word", ["W" * 120, "Ada " * 29, "王" * 120], ids=["one long word", "many words", "Chinese"])
def test_the_longest_words_stay_on_one_page_and_on_the_paper(word: str):
    content = paper.draw(make_invoice(course=make_course(title=word), buyer=make_person(display_name=word)))
    assert [tuple(round(side, 2) for side in size) for size in sizes_of(content)] == [A4]
    assert furthest_right(content) <= A4[0] - 60


def furthest_right(content: bytes) -> float:
    import pypdfium2  # noqa: PLC0415

    document = pypdfium2.PdfDocument(content)
    text = document[0].get_textpage()
    right = max(text.get_rect(number)[2] for number in range(text.count_rects()))
    document.close()
    return float(right)
