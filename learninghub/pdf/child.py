"""The process in which WeasyPrint runs: no secrets, no network, a cap on memory; pages on stdin, files on stdout."""

import hashlib
import logging
import warnings
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

# WeasyPrint's check at import: that this process sees no font of the machine is what we want.
warnings.filterwarnings("ignore", message="No fonts configured", module="weasyprint")

import pydyf  # noqa: E402
from weasyprint import CSS, HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import FatalURLFetchingError  # noqa: E402

from learninghub.children.far import Line  # noqa: E402
from learninghub.pdf.assets import BASE_URL, PackagedAssets  # noqa: E402
from learninghub.pdf.faces import FACES, Face, with_families  # noqa: E402

MEMORY_BYTES = 512 * 2**20
_FONTS = Path(__file__).resolve().parent / "fonts"


class Press:
    """One font configuration and the parsed stylesheets, kept for the life of the process."""

    def __init__(self) -> None:
        self._fonts = FontConfiguration()
        self._loaded: set[Face] = set()
        self._sheets: dict[Path, CSS] = {}
        self._load_faces("")

    def render(self, *, html: str, base: str, stylesheets: list[str], underlay: str | None) -> bytes:
        self._load_faces(html)
        folder = Path(base)
        page = HTML(string=html, base_url=BASE_URL, url_fetcher=PackagedAssets(folder))
        content: bytes = page.write_pdf(
            stylesheets=[self._sheet(folder, name) for name in stylesheets],
            font_config=self._fonts,
            finisher=_lay_under(folder / underlay) if underlay else None,
            pdf_variant="pdf/ua-1",
            pdf_identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(),
        )
        return content

    def _load_faces(self, text: str) -> None:
        """Unpacks only the fonts that the text needs: the Chinese characters alone take half a second."""
        for face in FACES:
            if face not in self._loaded and face.is_needed(text):
                self._css(string=face.css(), base=_FONTS)
                self._loaded.add(face)

    def _sheet(self, folder: Path, name: str) -> CSS:
        file = folder / name
        if file not in self._sheets:
            self._sheets[file] = self._css(string=with_families(file.read_text()), base=folder)
        return self._sheets[file]

    def _css(self, *, string: str, base: Path) -> CSS:
        return CSS(string=string, base_url=BASE_URL, url_fetcher=PackagedAssets(base), font_config=self._fonts)


@cache
def _packed(file: Path) -> bytes:
    return zlib.compress(b"/Artifact BMC q\n" + file.read_bytes() + b"\nQ EMC\n", 9)


def _lay_under(file: Path) -> Callable[[object, pydyf.PDF], None]:
    """Puts a drawing, written in the operators of PDF itself, below each page.

    The same lines as SVG cost a hundred milliseconds a page. A reader for the blind passes over an artifact.
    """

    def finish(_document: object, pdf: pydyf.PDF) -> None:
        drawing = pydyf.Stream([_packed(file)], {"Filter": "/FlateDecode"})
        pdf.add_object(drawing)
        for page in pdf.objects:
            if isinstance(page, pydyf.Dictionary) and page.get("Type") == "/Page":
                page["Contents"] = pydyf.Array([drawing.reference, page["Contents"]])

    return finish


class Warnings(logging.Handler):
    """Tells the other side what WeasyPrint finds odd, such as a character that no font has."""

    def __init__(self, line: Line) -> None:
        super().__init__(logging.WARNING)
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        self._line.warn(record.getMessage())


def main() -> None:
    line = Line(memory_bytes=MEMORY_BYTES)
    logging.getLogger("weasyprint").addHandler(Warnings(line))
    line.serve(Press().render, failures=(Exception, FatalURLFetchingError))


if __name__ == "__main__":
    main()
