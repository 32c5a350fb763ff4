"""Reading PDF files back: their words, sizes and metadata."""

import pypdfium2
from pypdfium2 import raw

A4_LANDSCAPE = (841.89, 595.276)


def text_of(content: bytes) -> str:
    """The words of all pages, as a reader copies them."""
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def sizes_of(content: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [(round(page.get_width(), 2), round(page.get_height(), 3)) for page in document]
    finally:
        document.close()


def metadata_of(content: bytes) -> dict[str, str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()


def is_tagged(content: bytes) -> bool:
    """Whether a screen reader finds the structure of the text."""
    document = pypdfium2.PdfDocument(content)
    try:
        return bool(raw.FPDFCatalog_IsTagged(document))
    finally:
        document.close()
