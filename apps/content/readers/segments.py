"""Cuts the text of a problem with several fields into one piece for each field."""

import copy
from itertools import pairwise

from lxml import etree

from apps.content.readers import markup
from apps.content.readers.markup import Element

BLANK = "____"


def cut(root: Element, anchors: list[Element]) -> list[Element]:
    """Give each anchor (in the order of the document) a copy of the tree that holds only what belongs to it.

    What stands before an anchor belongs to it; so does what follows it within the same paragraph, list item or cell
    (a unit, say), as long as that does not hold the next anchor. What follows the last one belongs to the last.
    """
    ends = {_end(anchor, following) for anchor, following in pairwise(anchors)}
    starts_in: dict[Element, int] = {}
    tail_in: dict[Element, int] = {}
    at = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            starts_in[element] = at
        else:
            tail_in[element] = at
            at += element in ends
    return [_copy(root, number, starts_in, tail_in) for number in range(len(anchors))]


def mark_blank(anchor: Element, *, is_inline: bool) -> None:
    """Put a blank where a field stood within a line of text; elsewhere just take the field away."""
    blank = f" {BLANK} " if is_inline and _is_in_line(anchor) else ""
    for child in list(anchor):
        anchor.remove(child)
    anchor.text = None
    anchor.tag = "span"
    anchor.attrib.clear()
    anchor.text = blank or None


def _end(anchor: Element, following: Element) -> Element:
    shared = set(following.iterancestors())
    end = anchor
    for ancestor in anchor.iterancestors():
        if ancestor in shared:
            break
        end = ancestor
    return end


def _copy(root: Element, number: int, starts_in: dict[Element, int], tail_in: dict[Element, int]) -> Element:
    twin = copy.deepcopy(root)
    for element, copied in list(zip(root.iter(), twin.iter(), strict=True)):
        if starts_in[element] != number:
            copied.text = None
        if tail_in[element] != number:
            copied.tail = None
    for element, copied in reversed(list(zip(root.iter(), twin.iter(), strict=True))):
        if copied is not twin and not starts_in[element] <= number <= tail_in[element]:
            markup.remove(copied)
    return twin


def _is_in_line(anchor: Element) -> bool:
    field = anchor
    parent = field.getparent()
    while parent is not None and markup.tag_of(parent).endswith("response"):
        field, parent = parent, parent.getparent()
    if parent is None or markup.tag_of(parent) == "problem":
        return False
    around = [parent.text, *(child.tail for child in parent)]
    siblings = [markup.text_of(child) for child in markup.children(parent) if child is not field]
    return any(text and text.strip() for text in [*around, *siblings])
