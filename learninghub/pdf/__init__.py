"""PDF files from HTML: WeasyPrint in a process of its own, with fonts that travel with the code."""

from learninghub.pdf.renderer import PdfFailed, PdfUnavailable, render
from learninghub.pdf.system import missing

__all__ = ["PdfFailed", "PdfUnavailable", "missing", "render"]
