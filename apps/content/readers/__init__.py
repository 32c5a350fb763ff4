"""Foreign formats, read into the frozen types of an import; knows no database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.content import errors
from apps.content.readers import olx
from apps.content.readers.archive import open_source
from apps.content.types import ImportedCourse


@contextmanager
def open_course(path: Path) -> Iterator[ImportedCourse]:
    """Read a course in any format known here; its files can be opened until the block ends.

    Raises a child of SourceRefused that names the problem, and then leaves nothing behind.
    """
    with open_source(path) as source:
        if not olx.is_olx(source):
            raise errors.NoCourse("There is no course.xml in the source.")
        yield olx.read_course(source)
