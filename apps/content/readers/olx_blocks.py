"""Finds the blocks of an OLX course: follows `url_name` to the file that defines a block, each file once."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from apps.content import errors
from apps.content.readers import markup
from apps.content.readers.archive import Source
from apps.content.readers.markup import Element
from apps.content.readers.report import Report

MAX_TITLE: Final = 200
MAX_KEY: Final = 180

_POINTER_ATTRIBUTES: Final = frozenset({"url_name", "slug", "org", "course"})


@dataclass(frozen=True, slots=True)
class Block:
    """One block where it is defined; `key` names it across versions of the course."""

    tag: str
    element: Element
    path: str
    source: str
    key: str
    title: str


class Blocks:
    """Hands out blocks, and tells the report of those that cannot be found."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.visited: set[str] = set()
        self._policy: Mapping[str, Mapping[str, object]] = {}
        self._keys: Counter[str] = Counter()

    def use_policy(self, policy: Mapping[str, Mapping[str, object]]) -> None:
        """Let the policy's display names go before those of the blocks, as Open edX does."""
        self._policy = policy

    def read_xml(self, path: str) -> Element:
        """Parse one file of the course and remember that it was met."""
        self.visited.add(path)
        return markup.parse_xml(self.source.read(path, limit=markup.MAX_MARKUP), path)

    def resolve(self, element: Element, *, path: str, parent_key: str) -> Block | None:
        """Find the block that an element stands for; None, and a line of the report, where there is none."""
        tag = markup.tag_of(element)
        url_name = (element.get("url_name") or "").strip()
        target = f"{tag}/{url_name.replace(':', '/')}.xml"
        if not url_name or not markup.is_blank(element):
            return self._block(element, path=path, url_name=url_name, parent_key=parent_key)
        if target in self.source.files:
            return self._follow(element, path=path, target=target, url_name=url_name, parent_key=parent_key)
        if {str(name) for name in element.attrib} <= _POINTER_ATTRIBUTES:
            reason = f"it points to {target}, which is not in the source"
            self.report.leave_out(tag, self.report.locate(path, element), url_name, reason=reason)
            return None
        return self._block(element, path=path, url_name=url_name, parent_key=parent_key)

    def find_text(self, tag: str, name: str, suffix: str) -> str | None:
        """Find the file that holds a block's content: in the folder of its kind, or anywhere below that."""
        wanted = f"{name.replace(':', '/')}{suffix}"
        exact = f"{tag}/{wanted}"
        if exact in self.source.files:
            return exact
        nested = (path for path in self.source.files if path.startswith(f"{tag}/") and path.endswith(f"/{wanted}"))
        return min(nested, default=None)

    def children(self, block: Block) -> Iterable[Block]:
        """Give the blocks that stand directly in a block."""
        for child in markup.children(block.element):
            found = self.resolve(child, path=block.path, parent_key=block.key)
            if found:
                yield found

    def _follow(self, element: Element, *, path: str, target: str, url_name: str, parent_key: str) -> Block | None:
        tag = markup.tag_of(element)
        if target in self.visited:
            reason = f"{target} stands in the course more than once; it was read where it stands first"
            self.report.leave_out(tag, self.report.locate(path, element), url_name, reason=reason)
            return None
        try:
            root = self.read_xml(target)
        except errors.MalformedXml as error:
            self.report.leave_out(tag, target, url_name, reason=f"it cannot be parsed: {error}")
            return None
        for name, value in element.attrib.items():
            if name not in root.attrib:
                root.set(name, value)
        return self._block(root, path=target, url_name=url_name, parent_key=parent_key)

    def _block(self, element: Element, *, path: str, url_name: str, parent_key: str) -> Block:
        tag = markup.tag_of(element)
        stated = self._policy.get(f"{tag}/{url_name}", {}).get("display_name") if url_name else None
        title = str(stated or element.get("display_name") or "")
        title = re.sub(r"\s+", " ", title).strip()[:MAX_TITLE]
        key = f"{tag}/{url_name}" if url_name else f"{parent_key}/{tag}:{title}"
        return Block(
            tag=tag,
            element=element,
            path=path,
            source=self.report.locate(path, element),
            key=self._unique(key),
            title=title,
        )

    def _unique(self, key: str) -> str:
        # Without url_name (the single-file form) two blocks of one name under one parent are told apart by their order.
        if len(key) > MAX_KEY:
            key = f"{key[: MAX_KEY - 17]}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        self._keys[key] += 1
        return key if self._keys[key] == 1 else f"{key}#{self._keys[key]}"
