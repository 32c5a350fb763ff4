"""Parses the XML and HTML of strangers (no entities, no network) and takes small measures on the trees."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from apps.content import errors

MAX_MARKUP: Final = 10 * 1024 * 1024
MAX_ELEMENTS: Final = 200_000
SPACE: Final = re.compile(r"\s+")

_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

Element = etree._Element  # noqa: SLF001  the name that lxml gives its public node type


def parse_xml(content: bytes, path: str) -> Element:
    """Parse one XML file; DeclaresEntities where it declares anything, MalformedXml where it does not parse."""
    if content.startswith(_WIDE) or b"\x00" in content[:1024]:
        raise errors.MalformedXml(f"{path} is not written in UTF-8.")
    # Entities are refused before the parser sees them: attributes expand even where resolve_entities is off.
    if _DECLARES.search(content):
        raise errors.DeclaresEntities(f"{path} declares a document type or entities.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise errors.MalformedXml(f"{path} cannot be parsed: {error}.") from error
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise errors.TooManyElements(f"{path} has more than {MAX_ELEMENTS} elements.")
    return root


def parse_html(text: str) -> Element:
    """Parse tag soup into a `div` that holds it; what no browser would show is not there."""
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    clean = text.replace("\x00", "")
    root: Element = etree.fromstring(f"<div>{clean}</div>", parser)
    # Too deep a tree would be cut off without a word.
    if any(entry.type_name == "ERR_EXCESSIVE_DEPTH" or "depth" in entry.message for entry in parser.error_log):
        raise errors.TooManyElements("A page nests its elements too deep.")
    body = root.find("body")
    if body is None:
        return etree.Element("div")
    return body[0] if len(body) == 1 and tag_of(body[0]) == "div" else body


def decode(content: bytes) -> str:
    """Read text as UTF-8, or, where it is not, as Latin-1, which never fails."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def paths_of(root: Element) -> dict[Element, str]:
    """Name every element by its path within (`/problem/p[2]`), as XPath would, in one walk."""
    paths = {root: f"/{_name(root)}"}
    for parent in root.iter():
        elements = list(children(parent))
        counts = Counter(_name(child) for child in elements)
        seen: Counter[str] = Counter()
        for child in elements:
            name = _name(child)
            seen[name] += 1
            paths[child] = f"{paths[parent]}/{name}" + (f"[{seen[name]}]" if counts[name] > 1 else "")
    return paths


def tag_of(element: Element) -> str:
    """Give the tag in lower case; empty for what is no element (comments, instructions, entity references)."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def children(element: Element) -> Iterator[Element]:
    """Give the child elements, without comments and instructions."""
    return (child for child in element if tag_of(child))


def text_of(element: Element) -> str:
    """Give the text in one line."""
    return SPACE.sub(" ", raw_text(element)).strip()


def raw_text(element: Element) -> str:
    """Give the text as it stands, line breaks and all."""
    return "".join(str(text) for text in element.itertext())


def is_blank(element: Element) -> bool:
    """Tell whether the element has neither children nor text."""
    return next(children(element), None) is None and not raw_text(element).strip()


def remove(element: Element, *, keep_content: bool = False) -> None:
    """Take an element out of its tree, leaving the text that follows it, and its content if wanted."""
    parent = element.getparent()
    if parent is None:
        return
    if keep_content:
        _add_text(element, element.text)
        for child in list(element):
            element.addprevious(child)
    _add_text(element, element.tail)
    element.tail = None
    parent.remove(element)


def inner_html(element: Element) -> str:
    """Write what the element holds as HTML."""
    copies = [etree.tostring(child, method="html", encoding="unicode") for child in element]
    return _escape(element.text or "") + "".join(copies)


def _name(element: Element) -> str:
    return str(etree.QName(element).localname)


def _add_text(element: Element, text: str | None) -> None:
    if not text:
        return
    before = element.getprevious()
    parent = element.getparent()
    if before is not None:
        before.tail = (before.tail or "") + text
    elif parent is not None:
        parent.text = (parent.text or "") + text


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
