"""Hands pages to the process that makes PDF files of them."""

from collections.abc import Sequence
from pathlib import Path

from learninghub.children import Away, Child, Failed
from learninghub.errors import Unavailable
from learninghub.pdf.system import missing

PAGE_SECONDS = 10.0
_FONTS = Path(__file__).resolve().parent / "fonts"


class PdfUnavailable(Unavailable):
    """PDF files cannot be made at the moment."""


class PdfFailed(Exception):
    """This page cannot become a PDF file: asking again will not help until the page or its assets change."""


_renderer = Child(
    "learninghub.pdf.child",
    environment={
        "FONTCONFIG_FILE": str(_FONTS / "fonts.conf"),
        "DYLD_FALLBACK_LIBRARY_PATH": "/opt/homebrew/lib:/usr/local/lib:/usr/lib",
    },
)


def render(*, html: str, base: Path, stylesheets: Sequence[str] = (), underlay: str | None = None) -> bytes:
    """Turn a page into a tagged PDF (PDF/UA-1); the same page gives the same bytes.

    `base` is the packaged folder that relative addresses and the names in `stylesheets` mean; nothing outside it is
    read, and `data:` is the only other source. Everything a person typed must already be escaped in `html`.
    Stylesheets find the fonts under `var(--display)`, `var(--text)` and `var(--label)`; `underlay` names a file of PDF
    operators that is drawn below every page.

    Raises PdfUnavailable where the machine lacks a library or the page took too long: ask again later. Raises
    PdfFailed for a page that asks for what is not packaged, or for more than its share of memory.
    """
    if lack := missing():
        raise PdfUnavailable(lack)
    page = {"html": html, "base": str(base), "stylesheets": list(stylesheets), "underlay": underlay}
    try:
        return _renderer.ask(page, seconds=PAGE_SECONDS)
    except Away as error:
        raise PdfUnavailable(str(error)) from error
    except Failed as error:
        raise PdfFailed(str(error)) from error
