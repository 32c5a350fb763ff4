"""Rich text that is safe to show: an allow-listed HTML whose pictures are only files of our own."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

import nh3

_WORDS = """
    a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2
    h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup
    table tbody td tfoot th thead tr u ul var
"""
TAGS: Final = frozenset(_WORDS.split())
ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "a": frozenset({"href", "title"}),
    "abbr": frozenset({"title"}),
    "code": frozenset({"class"}),
    "img": frozenset({"src", "alt", "title", "width", "height"}),
    "ol": frozenset({"start"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
}
DISCARDED: Final = frozenset({"script", "style", "template", "title", "textarea", "select", "object", "noscript"})

_OUTSIDE = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_FILE = re.compile(r"media:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[A-Za-z0-9+#-]{1,30}")
_FILE_SCHEMES: Final = ("media:", "static:")

Resolve = Callable[[str], str | None]


def sanitise(html: str, *, file: Resolve | None = None) -> str:
    """Keeps what the allow-list names and nothing else; doing it twice changes nothing.

    Links may be http, https, mailto or a file; pictures are files only. A file is written `media:<uuid>`, or
    `static:<path>` on its way from an import's reader to its writer. `file` turns each file's name into the
    address to write (None drops it); without it `media:` names stay and all others go.
    """
    resolve = file or _own_file

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        if attribute in {"href", "src"}:
            if value.startswith(_FILE_SCHEMES):
                return resolve(value)
            return value if attribute == "href" and _OUTSIDE.fullmatch(value.strip()) else None
        if (tag, attribute) == ("code", "class"):
            return value if _LANGUAGE.fullmatch(value) else None
        return value

    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(DISCARDED),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "media", "static"},
        link_rel="noopener noreferrer",
    )


def file_ids(html: str) -> tuple[UUID, ...]:
    """The files that sanitised HTML shows or links to, once each, in order of appearance."""
    return tuple(dict.fromkeys(UUID(found) for found in _FILE.findall(html)))


def file_id(name: str) -> UUID | None:
    """The id in `media:<uuid>`; None for any other name."""
    found = _FILE.fullmatch(name)
    return UUID(found[1]) if found else None


def with_addresses(html: str, addresses: Mapping[UUID, str]) -> str:
    """Sanitised HTML with each file's name replaced by its address; a file without one is not shown."""
    if "media:" not in html:
        return html

    def address(name: str) -> str | None:
        found = file_id(name)
        return addresses.get(found) if found else None

    return sanitise(html, file=address)


def _own_file(name: str) -> str | None:
    return name if _FILE.fullmatch(name) else None
