"""The files that a course carries with it: which of them its pages use, and under what names pages speak of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote

ELEMENT: Final = "file"
IMAGES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_WORDS: Final = """
    .pdf .txt .csv .md .tex .bib .json .zip .gz .py .ipynb .r .m .c .java .doc .docx .xls .xlsx .ppt .pptx .odt .ods
    .odp .epub .mp3 .m4a .ogg .wav .mp4 .webm .vtt .srt
"""
FILMS: Final = frozenset({".mp4", ".webm"})
DOWNLOADS: Final = frozenset(_WORDS.split())

_REFERENCE = re.compile(
    r"(?:https?://[^/]+)?/?(?:static/|c4x/[^/]+/[^/]+/asset/|(?:assets/courseware/.*?)?asset-v1:[^@]+@asset\+block[@/])(.+)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Statics:
    """Resolves references to static files and remembers those that were used."""

    paths: frozenset[str]
    used: dict[str, None] = field(default_factory=dict)

    @classmethod
    def among(cls, paths: Iterable[str]) -> "Statics":
        """Take the files under `static/`."""
        return cls(paths=frozenset(path for path in paths if path.startswith("static/")))

    def find(self, reference: str) -> str | None:
        """Give the file's path that a page's address means, or None where the course does not have it."""
        named = _REFERENCE.fullmatch(_plain(reference))
        name = unquote(named.group(1)) if named else reference
        for candidate in (name, name.replace("/", "_"), name.replace("_", "/", 1), f"images/{name}"):
            if f"static/{candidate}" in self.paths:
                return f"static/{candidate}"
        return None

    def use_image(self, reference: str) -> str | None:
        """Take a picture into use and give its placeholder; None where it is missing or of another kind."""
        return self._use(reference, kinds=IMAGES)

    def use_file(self, reference: str) -> str | None:
        """Take a file into use and give its placeholder; None where it is missing or of a kind not taken over."""
        return self._use(reference, kinds=IMAGES | DOWNLOADS)

    def use_film(self, reference: str) -> str | None:
        """Take a film into use and give its placeholder; None where it is missing or of a kind browsers do not play."""
        return self._use(reference, kinds=FILMS)

    def _use(self, reference: str, *, kinds: frozenset[str]) -> str | None:
        path = self.find(reference) if is_static(reference) else None
        if path is None or PurePosixPath(path).suffix.lower() not in kinds:
            return None
        self.used[path] = None
        return placeholder(path)


def is_static(reference: str) -> bool:
    """Tell whether a page's address means a file of the course."""
    return bool(_REFERENCE.fullmatch(_plain(reference)))


def placeholder(path: str) -> str:
    """Write a file's path the way sanitised HTML carries it from reader to writer."""
    return f"static:{quote(path)}"


def keep_name(name: str) -> str:
    """Leave a file's name as it stands, for a text on its way from reader to writer."""
    return name


def path_of(name: str) -> str | None:
    """Read the path out of `static:<path>`."""
    return unquote(name.removeprefix("static:")) if name.startswith("static:") else None


def _plain(reference: str) -> str:
    return reference.partition("?")[0].partition("#")[0].strip()
