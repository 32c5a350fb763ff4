"""The outline of an OLX course: chapters become modules, verticals lessons; what lies between leads their titles."""

from dataclasses import dataclass, field

from apps.content import errors
from apps.content.readers.olx_blocks import MAX_TITLE, Block, Blocks
from apps.content.readers.olx_units import MAX_DEPTH, Draft, Units
from apps.content.types import ImportedLesson, ImportedModule

SEQUENTIALS = frozenset({"sequential", "videosequence", "problemset"})
WRAPPERS = frozenset({"section", "wrapper"})
UNITS = frozenset({"vertical"})


@dataclass(slots=True)
class _Module:
    key: str
    title: str
    lessons: list[ImportedLesson] = field(default_factory=list)

    def finish(self) -> ImportedModule:
        return ImportedModule(key=self.key, title=self.title, lessons=tuple(self.lessons))


class Outline:
    """Walks from the course down to its units."""

    def __init__(self, blocks: Blocks, units: Units) -> None:
        self._blocks = blocks
        self._report = blocks.report
        self._units = units

    def read(self, course: Block) -> tuple[ImportedModule, ...]:
        """Give the modules that have lessons, in the order of the course."""
        modules: list[_Module] = []
        loose: _Module | None = None
        for child in self._blocks.children(course):
            if child.tag == "chapter":
                modules.append(self._chapter(child))
            elif self._is_content(child):
                if loose is None:
                    loose = _Module(key="course", title=course.title or "Course")
                    modules.append(loose)
                self._place(child, loose, above=course, depth=0)
            else:
                self._units.leave_out(child)
        return tuple(module.finish() for module in modules if module.lessons)

    def _chapter(self, chapter: Block) -> _Module:
        self._report.open(chapter.source)
        module = _Module(key=chapter.key, title=chapter.title or "Untitled")
        for child in self._blocks.children(chapter):
            self._place(child, module, above=chapter, depth=0)
        if module.lessons:
            changes = [] if chapter.title else ["it has no name of its own"]
            self._report.settle("chapter", chapter.source, module.title, changes=changes)
        else:
            self._report.leave_out(
                "chapter", chapter.source, module.title, reason="none of its lessons can be taken over"
            )
        return module

    def _place(self, block: Block, module: _Module, *, above: Block, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise errors.TooManyElements(f"{block.source} nests its blocks too deep.")
        if block.tag in SEQUENTIALS or block.tag in WRAPPERS:
            self._sequential(block, module, above=above, depth=depth)
        elif block.tag in UNITS:
            self._unit(block, module, title=_title(block, above, number=0, has_siblings=False))
        elif self._units.is_leaf(block):
            self._unit(block, module, title=_title(block, above, number=0, has_siblings=False), is_alone=True)
        else:
            self._units.leave_out(block)

    def _sequential(self, sequential: Block, module: _Module, *, above: Block, depth: int) -> None:
        self._report.open(sequential.source)
        before = len(module.lessons)
        children = list(self._blocks.children(sequential))
        units = sum(self._is_unit(child) for child in children)
        number = 0
        for child in children:
            if not self._is_unit(child):
                self._place(child, module, above=sequential if sequential.title else above, depth=depth + 1)
                continue
            number += 1
            title = _title(child, sequential, number=number, has_siblings=units > 1)
            self._unit(child, module, title=title, is_alone=child.tag not in UNITS)
        if len(module.lessons) == before:
            reason = "nothing in it can be taken over"
            self._report.leave_out(sequential.tag, sequential.source, sequential.title, reason=reason)
        elif sequential.tag in WRAPPERS:
            words = "it has no level of its own here; what it holds was taken over"
            self._report.settle(sequential.tag, sequential.source, sequential.title, changes=[words])
        else:
            words = "it has no level of its own here; its name leads the titles of its lessons"
            self._report.settle(sequential.tag, sequential.source, sequential.title, changes=[words])

    def _unit(self, block: Block, module: _Module, *, title: str, is_alone: bool = False) -> None:
        draft = Draft()
        self._report.open(block.source)
        if is_alone:
            self._units.read(block, draft, changes=["it stands alone and became a lesson of its own"])
        else:
            for child in self._blocks.children(block):
                self._units.read(child, draft, changes=[])
        if not draft.is_empty:
            module.lessons.append(draft.finish(key=block.key, title=title))
        if is_alone:
            return
        if draft.is_empty:
            self._report.leave_out(block.tag, block.source, title, reason="nothing in it can be taken over")
        else:
            changes = [] if title == block.title else [f"its lesson is called “{title}”"]
            self._report.settle(block.tag, block.source, title, changes=changes)

    def _is_unit(self, block: Block) -> bool:
        return block.tag in UNITS or self._units.is_leaf(block)

    def _is_content(self, block: Block) -> bool:
        return block.tag in SEQUENTIALS | WRAPPERS or self._is_unit(block)


def _title(block: Block, above: Block, *, number: int, has_siblings: bool) -> str:
    """Name a lesson: `Sequential: unit`; without a name of its own `Sequential (2)`."""
    if not block.title:
        title = f"{above.title} ({number})" if has_siblings and above.title else above.title or "Untitled"
    elif above.tag in SEQUENTIALS and above.title and above.title != block.title:
        title = f"{above.title}: {block.title}"
    else:
        title = block.title
    return title[:MAX_TITLE].rstrip()
