"""The process in which WeasyPrint runs: no secrets, no network, a cap on memory; pages on stdin, files on stdout."""

import hashlib
import json
import logging
import os
import shutil
import struct
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

# WeasyPrint's check at import: that this process sees no font of the machine is what we want.
warnings.filterwarnings("ignore", message="No fonts configured", module="weasyprint")

import pydyf  # noqa: E402
from weasyprint import CSS, HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import FatalURLFetchingError  # noqa: E402

from learninghub.pdf.assets import BASE_URL, PackagedAssets  # noqa: E402
from learninghub.pdf.faces import FACES, Face, with_families  # noqa: E402

try:
    import resource
except ImportError:  # pragma: no cover - not a Unix
    resource = None  # type: ignore[assignment]

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


def limit_memory() -> None:
    """Lets an allocation fail here before the machine feels it."""
    if resource is not None:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))


class Warnings(logging.Handler):
    """Tells the other side what WeasyPrint finds odd, such as a character that no font has."""

    def __init__(self, answers: BinaryIO) -> None:
        super().__init__(logging.WARNING)
        self._answers = answers

    def emit(self, record: logging.LogRecord) -> None:
        _send(self._answers, b"~", record.getMessage().encode())


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers pages until the other side closes the pipe, which it also does by dying."""
    logging.getLogger("weasyprint").addHandler(Warnings(answers))
    press = Press()
    _send(answers, b"+", b"")
    while head := requests.read(4):
        request = json.loads(requests.read(*struct.unpack(">I", head)))
        try:
            _send(answers, b"+", press.render(**request))
        except (Exception, FatalURLFetchingError) as error:  # noqa: BLE001 - whatever it is, the other side must hear
            _send(answers, b"-", f"{type(error).__name__}: {error}".encode())


def _send(answers: BinaryIO, status: bytes, content: bytes) -> None:
    answers.write(struct.pack(">cI", status, len(content)) + content)
    answers.flush()


def main() -> None:
    # What a library prints must not fall between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory()
    serve(sys.stdin.buffer, answers)
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)


if __name__ == "__main__":
    main()
