"""What an OLX course holds besides its blocks: about pages, files, and everything that no block leads to."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from apps.content import errors
from apps.content.readers import markup, olx_problems, pages, statics
from apps.content.readers.archive import Source
from apps.content.readers.olx_blocks import Blocks
from apps.content.readers.statics import Statics

MAX_SUMMARY: Final = 500
MAX_DESCRIPTION: Final = 20_000
BLOCK_FOLDERS: Final = frozenset(
    {"course", "chapter", "sequential", "vertical", "problem", "html", "video", "lti", "openassessment", "discussion"}
)
_REASONS: Final = {
    "about": "this page about the course has no counterpart here",
    "info": "course updates and handouts have no counterpart here",
    "tabs": "pages beside the course have no counterpart here",
    "policies": "grading and settings have no counterpart here yet",
    "assets": "it lists uploaded files, which are found without it",
    "drafts": "it is a draft",
}
_PARSED: Final = (".xml",)


class Rest:
    """Reads the about pages, then names each file that nothing has named."""

    def __init__(self, whole: Source, folder: str, blocks: Blocks, static: Statics, texts: Mapping[str, str]) -> None:
        self._whole = whole
        self._folder = folder
        self._source = blocks.source
        self._blocks = blocks
        self._report = blocks.report
        self._statics = static
        self._texts = texts

    def summary(self, path: str) -> str:
        """Give the short description as one line of plain text."""
        text = self._text(path)
        if text is None:
            return ""
        words = markup.text_of(markup.parse_html(text))
        if path in self._source.files:
            if words:
                changes = [] if len(words) <= MAX_SUMMARY else [f"it was cut to {MAX_SUMMARY} characters"]
                self._report.settle("file", path, "", changes=changes)
            else:
                self._report.leave_out("file", path, "", reason="it is empty")
        return words[:MAX_SUMMARY]

    def description(self, path: str) -> str:
        """Give the overview as paragraphs of plain text, which is what a course's description is."""
        text = self._text(path)
        if text is None:
            return ""
        root = markup.parse_html(text)
        pictures = [element for element in root.iter() if markup.tag_of(element) == "img"]
        for picture in pictures:
            markup.remove(picture)
        words = pages.plain_text(root)
        if path in self._source.files:
            if words:
                changes = ["it became plain text"] + (["its pictures were left out"] if pictures else [])
                if len(words) > MAX_DESCRIPTION:
                    changes.append(f"it was cut to {MAX_DESCRIPTION} characters")
                self._report.settle("file", path, "", changes=changes)
            else:
                self._report.leave_out("file", path, "", reason="it is empty")
        return words[:MAX_DESCRIPTION]

    def sweep(self) -> None:
        """Name every file that the course has and that has not been named."""
        prefix = f"{self._folder}/" if self._folder else ""
        named = {line.source.split("#")[0] for line in self._report.lines()}
        for whole_path in sorted(self._whole.files):
            path = whole_path.removeprefix(prefix) if whole_path.startswith(prefix) else f"/{whole_path}"
            if path in named or path in self._blocks.visited:
                continue
            self._name(path)

    def _name(self, path: str) -> None:
        top = path.partition("/")[0]
        if path in self._statics.used:
            self._report.settle("file", path, PurePosixPath(path).name)
        elif top == "static":
            self._report.leave_out("file", path, PurePosixPath(path).name, reason=_why_unused(path))
        elif top in BLOCK_FOLDERS and path.endswith(_PARSED):
            self._orphan(path)
        else:
            fallback = "nothing in the course leads to it" if top in BLOCK_FOLDERS else "it is not part of the course"
            self._report.leave_out("file", path, "", reason=_REASONS.get(top, fallback))

    def _orphan(self, path: str) -> None:
        try:
            root = self._blocks.read_xml(path)
        except errors.MalformedXml as error:
            self._report.leave_out("file", path, "", reason=f"it cannot be parsed: {error}")
            return
        source = self._report.locate(path, root)
        title = root.get("display_name") or ""
        reason = "nothing in the course leads to it"
        if markup.tag_of(root) == "problem":
            olx_problems.leave_out(root, path=path, source=source, title=title, reason=reason, report=self._report)
        else:
            self._report.leave_out(markup.tag_of(root), source, title, reason=reason)

    def _text(self, path: str) -> str | None:
        if path in self._source.files:
            return markup.decode(self._source.read(path, limit=markup.MAX_MARKUP))
        return self._texts.get(path)


def _why_unused(path: str) -> str:
    if PurePosixPath(path).suffix.lower() not in statics.IMAGES | statics.DOWNLOADS:
        return "files of this kind are not taken over"
    return "no page that was taken over uses it"
