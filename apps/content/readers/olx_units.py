"""Units of OLX (verticals, or what stands in their place): their html, videos and problems become one lesson."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from apps.assessments.types import QuestionSpec, QuizSpec
from apps.content import errors, rules
from apps.content.readers import markup, olx_problems, pages
from apps.content.readers.olx_blocks import Block, Blocks
from apps.content.readers.statics import Statics, keep_name, path_of
from apps.content.types import ImportedDownload, ImportedLesson
from learninghub.rich_text import sanitise

TRANSPARENT: Final = frozenset({"vertical", "section", "wrapper", "sequential", "videosequence", "problemset"})
LEFT_OUT: Final = {
    "lti": "external tools (LTI) cannot be used here yet",
    "lti_consumer": "external tools (LTI) cannot be used here yet",
    "openassessment": "peer assessment has no counterpart here yet",
    "combinedopenended": "peer assessment has no counterpart here yet",
    "edx_sga": "hand-ins that staff grade have no counterpart here yet",
    "discussion": "discussions have no counterpart here",
    "wiki": "the course wiki has no counterpart here",
    "poll": "polls have no counterpart here",
    "poll_question": "polls have no counterpart here",
    "survey": "polls have no counterpart here",
    "word_cloud": "polls have no counterpart here",
    "drag-and-drop-v2": "drag and drop cannot be graded here",
    "split_test": "experiments with groups of learners have no counterpart here",
    "library_content": "questions drawn at random from a library have no counterpart here",
    "randomize": "content drawn at random has no counterpart here",
    "conditional": "content that depends on other answers has no counterpart here",
    "textbook": "textbooks have no counterpart here",
}
HOLDERS_LEFT_OUT: Final = frozenset({"split_test", "library_content", "randomize", "conditional"})
UNKNOWN: Final = "blocks of this kind are not known here"
MAX_DEPTH: Final = 20
MAX_PAGE: Final = 400_000


@dataclass(slots=True)
class Draft:
    """A lesson while it is being put together."""

    html: list[str] = field(default_factory=list)
    videos: list[tuple[str, str]] = field(default_factory=list)
    questions: list[QuestionSpec] = field(default_factory=list)
    downloads: dict[str, ImportedDownload] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether a learner would find nothing."""
        return not (self.html or self.videos or self.questions)

    def finish(self, *, key: str, title: str) -> ImportedLesson:
        """Give the lesson: its first video stands as such, further ones as links after the text."""
        more = [markup.inner_html(_wrapped(url, name)) for name, url in self.videos[1:]]
        html = "\n".join([*self.html, *(sanitise(f"<p>{link}</p>", file=keep_name) for link in more)])
        return ImportedLesson(
            key=key,
            title=title,
            html=html,
            video_url=self.videos[0][1] if self.videos else "",
            downloads=tuple(self.downloads.values()),
            quiz=QuizSpec(title=title, questions=tuple(self.questions)) if self.questions else None,
        )


class Units:
    """Reads the blocks of a unit into a draft and writes their lines of the report."""

    def __init__(self, blocks: Blocks, statics: Statics) -> None:
        self._blocks = blocks
        self._report = blocks.report
        self._statics = statics
        self._leaves: dict[str, Callable[[Block, Draft, list[str]], None]] = {
            "html": self._html,
            "video": self._video,
            "youtube": self._video,
            "problem": self._problem,
        }

    def is_leaf(self, block: Block) -> bool:
        """Tell whether the block is content itself, not a holder of content."""
        return block.tag in self._leaves

    def read(self, block: Block, draft: Draft, *, changes: list[str], depth: int = 0) -> None:
        """Take over what a block of a unit holds."""
        if depth > MAX_DEPTH:
            raise errors.TooManyElements(f"{block.source} nests its blocks too deep.")
        leaf = self._leaves.get(block.tag)
        if leaf:
            leaf(block, draft, changes)
        elif block.tag in TRANSPARENT:
            self._report.open(block.source)
            for child in self._blocks.children(block):
                self.read(child, draft, changes=[], depth=depth + 1)
            words = [*changes, "it has no level of its own here; what it holds was taken over"]
            self._report.settle(block.tag, block.source, block.title, changes=words)
        else:
            self.leave_out(block)

    def leave_out(self, block: Block, *, reason: str = "", depth: int = 0) -> None:
        """Name a block, and the blocks it holds, as left out."""
        reason = reason or LEFT_OUT.get(block.tag, UNKNOWN)
        if depth > MAX_DEPTH:
            raise errors.TooManyElements(f"{block.source} nests its blocks too deep.")
        if block.tag == "problem":
            olx_problems.leave_out(
                block.element,
                path=block.path,
                source=block.source,
                title=block.title,
                reason=reason,
                report=self._report,
            )
            return
        self._report.leave_out(block.tag, block.source, block.title, reason=reason)
        if block.tag in HOLDERS_LEFT_OUT or block.tag in TRANSPARENT or block.tag in {"chapter", "course"}:
            for child in self._blocks.children(block):
                self.leave_out(child, reason="what holds it was left out", depth=depth + 1)

    def _html(self, block: Block, draft: Draft, changes: list[str]) -> None:
        root = block.element
        name = block.element.get("filename")
        path = self._blocks.find_text("html", name, ".html") if name else None
        if name and not path and markup.is_blank(root):
            reason = f"its text html/{name}.html is not in the source"
            self._report.leave_out("html", block.source, block.title, reason=reason)
            return
        if path:
            self._blocks.visited.add(path)
            root = markup.parse_html(markup.decode(self._blocks.source.read(path, limit=markup.MAX_MARKUP)))
        page = pages.read_page(root, self._statics)
        is_usable = not page.is_empty and len(page.html) <= MAX_PAGE
        for source, element in [(block.source, "html"), *([(path, "file")] if path else [])]:
            if is_usable:
                self._report.settle(element, source, block.title, changes=[*changes, *page.changes])
            else:
                reason = "nothing in it can be shown" if page.is_empty else f"it is longer than {MAX_PAGE} characters"
                self._report.leave_out(element, source, block.title, reason="; ".join([reason, *page.changes[:3]]))
        if is_usable:
            draft.html.append(page.html)
            draft.downloads |= {download.path: download for download in page.downloads}

    def _video(self, block: Block, draft: Draft, changes: list[str]) -> None:
        url = _video_url(block) or self._film(block)
        if url is None:
            reason = "it names neither a YouTube film nor an address on the web, and no film of the course"
            self._report.leave_out(block.tag, block.source, block.title, reason=reason)
            return
        words = list(changes)
        if block.element.get("sub") or block.element.get("transcripts") or block.element.find("transcript") is not None:
            words.append("its captions are not carried over")
        if draft.videos:
            words.append("it became a link in the text, after the lesson's first video")
        draft.videos.append((block.title or path_of(url) or url, url))
        self._report.settle(block.tag, block.source, block.title, changes=words)

    def _film(self, block: Block) -> str | None:
        return next(filter(None, map(self._statics.use_film, _file_addresses(block))), None)

    def _problem(self, block: Block, draft: Draft, changes: list[str]) -> None:
        root, path = block.element, block.path
        name = root.get("filename")
        found = self._blocks.find_text("problem", name, ".xml") if name and markup.is_blank(root) else None
        if found:
            try:
                root, path = self._blocks.read_xml(found), found
            except errors.MalformedXml as error:
                self._report.leave_out("file", found, block.title, reason=f"it cannot be parsed: {error}")
        given = olx_problems.read_problem(
            root,
            path=path,
            source=block.source,
            title=block.title,
            key=block.key,
            report=self._report,
            statics=self._statics,
        )
        if found and given.questions:
            self._report.settle("file", found, block.title, changes=[f"it was read as the text of {block.source}"])
        elif found:
            self._report.leave_out("file", found, block.title, reason="its problem was left out")
        if given.questions and changes:
            line = self._report.line(block.source)
            self._report.settle("problem", block.source, block.title, changes=[*changes, *filter(None, [line.detail])])
        draft.questions.extend(given.questions)
        draft.downloads |= {download.path: download for download in given.downloads}


def _video_url(block: Block) -> str | None:
    element = block.element
    for entry in (element.get("youtube") or "").split(","):
        speed, _, name = entry.strip().rpartition(":")
        if name and speed in {"", "1", "1.0", "1.00"}:
            return pages.youtube_link(f"https://youtu.be/{name}")
    identity = (element.get("youtube_id_1_0") or "").strip()
    if identity:
        return pages.youtube_link(f"https://youtu.be/{identity}")
    return next((url for url in _file_addresses(block) if rules.is_video_link(url)), None)


def _file_addresses(block: Block) -> list[str]:
    try:
        listed = json.loads(block.element.get("html5_sources") or "[]")
    except ValueError:
        listed = []
    sources = [str(url) for url in listed] if isinstance(listed, list) else []
    sources += [block.element.get("source") or "", *(child.get("src") or "" for child in block.element.iter("source"))]
    return [url.strip() for url in sources if url.strip()]


def _wrapped(url: str, name: str) -> markup.Element:
    holder = pages.link(url, name)
    parent = pages.link("", "")
    parent.text = None
    parent.append(holder)
    return parent
