"""Pages of a course: what of their HTML can be kept, with a word for everything that cannot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final

from lxml import etree

from apps.content.readers import markup
from apps.content.readers.markup import Element
from apps.content.readers.statics import DOWNLOADS, Statics, is_static, keep_name, path_of
from apps.content.types import ImportedDownload
from learninghub.rich_text import TAGS, sanitise

MAX_SHOWN: Final = 150
NO_SCRIPT: Final = "scripts are not carried over"
NO_STYLE: Final = "styling is not carried over"
NO_WIDGET: Final = "form fields and embedded objects are not carried over"

_YOUTUBE = re.compile(
    r"(?:https?:)?//(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com/(?:embed/|v/|watch\?v=)|youtu\.be/)([\w-]{6,20})"
)
_OUTSIDE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_REMOVED: Final = {
    "script": NO_SCRIPT,
    "noscript": NO_SCRIPT,
    "style": NO_STYLE,
    "link": NO_STYLE,
    "meta": NO_STYLE,
    "base": NO_STYLE,
    "title": "the page's own title is not carried over",
} | dict.fromkeys(
    ("object", "embed", "applet", "input", "button", "select", "textarea", "svg", "canvas", "math", "frame"), NO_WIDGET
)
_STYLING_TAGS: Final = frozenset({"font", "center", "big", "marquee", "blink"})
_STYLING = frozenset({"style", "align", "valign", "bgcolor", "background", "border", "color", "face"})
_MATHJAX: Final = {
    "[mathjaxinline]": r"\(",
    "[/mathjaxinline]": r"\)",
    "[mathjax]": r"\[",
    "[/mathjax]": r"\]",
}
_HOLDERS = frozenset(
    {"p", "span", "div", "ul", "ol", "li", "section", "small", "strong", "em", "b", "i", "h1", "h2", "h3"}
)
_BLOCKS = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "section", "hr"}
)
# Not \s: hard spaces are meant.
_GAP = re.compile(r"[ \t\r\n]+")
# latex2edx links each element to its source, solutions included: nothing that learners should be led to.
_TO_SOURCE: Final = "gitlink"


@dataclass(frozen=True, slots=True)
class Page:
    """What could be kept of a page."""

    html: str
    changes: list[str]
    downloads: tuple[ImportedDownload, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether a reader would see nothing."""
        return not self.html


def read_page(root: Element, statics: Statics) -> Page:
    """Clean a page (which changes its tree) and tell what was changed."""
    tidier = _Tidier(statics)
    for element in list(root.iter()):
        tidier.tidy(element)
    _prune(root)
    _compact(root)
    text = markup.inner_html(root)
    for theirs, ours in _MATHJAX.items():
        text = text.replace(theirs, ours)
    html = sanitise(text, file=keep_name).strip()
    return Page(html=html, changes=list(tidier.changes), downloads=tuple(tidier.downloads.values()))


def as_html(text: str) -> str:
    """Write plain text as HTML."""
    return sanitise(escape(text, quote=False)).strip() if text else ""


def plain_text(root: Element) -> str:
    """Write a page as paragraphs of plain text; a link's address follows its words."""
    for element in list(root.iter()):
        if markup.tag_of(element) in _REMOVED or not markup.tag_of(element):
            markup.remove(element)
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = markup.tag_of(element)
        is_block = tag in _BLOCKS or tag in {"li", "article", "br", "tr"}
        if event == "start":
            pieces += ["\n\n" if is_block else "", "- " if tag == "li" else "", _GAP.sub(" ", element.text or "")]
        else:
            target = element.get("href") or ""
            if tag == "a" and _OUTSIDE.match(target) and target != markup.text_of(element):
                pieces.append(f" ({target})")
            pieces += ["\n\n" if is_block else "", _GAP.sub(" ", element.tail or "")]
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def link(url: str, text: str) -> Element:
    """Make a link."""
    anchor = etree.Element("a", href=url)
    anchor.text = text
    return anchor


def youtube_link(reference: str) -> str | None:
    """Give the address of a YouTube film's page, whatever form it was embedded in."""
    found = _YOUTUBE.match(reference.strip())
    return f"https://www.youtube.com/watch?v={found.group(1)}" if found else None


class _Tidier:
    def __init__(self, statics: Statics) -> None:
        self._statics = statics
        self.changes: dict[str, None] = {}
        self.downloads: dict[str, ImportedDownload] = {}
        self._by_tag: dict[str, Callable[[Element], None]] = {
            "img": self._image,
            "a": self._anchor,
            "iframe": self._frame,
            "video": self._frame,
            "audio": self._frame,
        }

    def tidy(self, element: Element) -> None:
        tag = markup.tag_of(element)
        if not tag:
            markup.remove(element)
        elif tag in _REMOVED:
            self._note(_REMOVED[tag])
            markup.remove(element)
        elif _TO_SOURCE in (element.get("class") or "").split():
            self._note("links to the LaTeX source are left out")
            markup.remove(element)
        else:
            self._note_attributes(tag, element)
            if tag == "text":
                markup.remove(element, keep_content=True)
            elif tag == "tt":
                element.tag = "code"
            if tag in self._by_tag:
                self._by_tag[tag](element)

    def _note(self, change: str) -> None:
        self.changes[change] = None

    def _note_attributes(self, tag: str, element: Element) -> None:
        names = {str(name).lower() for name in element.attrib}
        if any(name.startswith("on") for name in names):
            self._note(NO_SCRIPT)
        if tag in _STYLING_TAGS or names & _STYLING:
            self._note(NO_STYLE)

    def _image(self, element: Element) -> None:
        source = (element.get("src") or "").strip()
        name = self._statics.use_image(source)
        if name:
            element.set("src", name)
            return
        if _OUTSIDE.match(source):
            self._note(f"the picture {_short(source)} stands elsewhere and became a link")
            element.addprevious(link(_absolute(source), element.get("alt") or source))
        elif is_static(source):
            self._note(f"the picture {_short(source)} {_why_not(self._statics, source)}")
        else:
            self._note("a picture without a usable address was left out")
        markup.remove(element)

    def _anchor(self, element: Element) -> None:
        target = (element.get("href") or "").strip()
        if not target or target.startswith("#"):
            markup.remove(element, keep_content=True)
        elif is_static(target):
            self._file(element, target)
        elif target.lower().startswith("javascript:"):
            self._note(NO_SCRIPT)
            markup.remove(element, keep_content=True)
        elif _OUTSIDE.match(target):
            element.set("href", _absolute(target))
        elif not target.lower().startswith("mailto:"):
            self._note(f"the link to {_short(target)} has no counterpart here; its words stay")
            markup.remove(element, keep_content=True)

    def _file(self, element: Element, target: str) -> None:
        name = self._statics.use_file(target)
        path = path_of(name) if name else None
        if name is None or path is None:
            self._note(f"the file {_short(target)} {_why_not(self._statics, target)}; its words stay")
            markup.remove(element, keep_content=True)
            return
        element.set("href", name)
        if path.lower().endswith(tuple(DOWNLOADS)):
            title = markup.text_of(element) or path.rsplit("/", 1)[-1]
            self.downloads.setdefault(path, ImportedDownload(path=path, title=title[:200]))

    def _frame(self, element: Element) -> None:
        inner = element.find("source")
        source = (element.get("src") or (inner.get("src") if inner is not None else "") or "").strip()
        url = youtube_link(source) or (_absolute(source) if _OUTSIDE.match(source) else None)
        if url:
            self._note(f"the embedded page or film {_short(source)} became a link")
            element.addprevious(link(url, element.get("title") or url))
        else:
            self._note(NO_WIDGET)
        markup.remove(element)


def _short(address: str) -> str:
    return address if len(address) <= MAX_SHOWN else f"{address[:MAX_SHOWN]}…"


def _absolute(address: str) -> str:
    return f"https:{address}" if address.startswith("//") else address


def _why_not(statics: Statics, reference: str) -> str:
    return "is of a kind that is not taken over" if statics.find(reference) else "is not in the source"


def _prune(root: Element) -> None:
    # Backwards, so that what is empty once its children have gone goes too.
    for element in reversed(list(root.iter())):
        tag = markup.tag_of(element)
        if element is not root and (tag in _HOLDERS or tag not in TAGS) and markup.is_blank(element):
            markup.remove(element)


def _compact(root: Element) -> None:
    for element in list(root.iter()):
        if element is not root and markup.tag_of(element) == "p" and any(markup.tag_of(e) in _BLOCKS for e in element):
            element.tag = "div"
        if next(element.iterancestors("pre"), None) is None:
            if markup.tag_of(element) != "pre":
                element.text = _GAP.sub(" ", element.text) if element.text else None
            element.tail = _GAP.sub(" ", element.tail) if element.tail else None
