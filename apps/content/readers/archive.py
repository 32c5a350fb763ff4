"""Opens what people send (tar.gz, tar, zip, one XML file, or a folder) as a set of plain files, and never trusts it."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from apps.content import errors
from apps.content.readers import tarballs, zips
from apps.content.readers.room import Limits, Room

XML_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[?!A-Za-z]")


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a course: paths as the archive names them, with their sizes."""

    root: Path
    files: dict[str, int]

    def location(self, path: str) -> Path:
        """Tell where the file lies as long as the source is open."""
        return self.root / path

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a file that must be small; TooLarge where it is not."""
        if self.files[path] > limit:
            raise errors.TooLarge(f"{path} has {self.files[path]} bytes; at most {limit} can be read as text.")
        return self.location(path).read_bytes()

    def below(self, folder: str) -> "Source":
        """Narrow the source to one folder of it; the empty name is the whole."""
        if not folder:
            return self
        prefix = f"{folder}/"
        files = {path.removeprefix(prefix): size for path, size in self.files.items() if path.startswith(prefix)}
        return Source(root=self.root / folder, files=files)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Give the files of a folder as they lie, or those of an archive unpacked in a folder that is gone afterwards.

    Raises a child of SourceRefused that names the problem; nothing of the archive is left on disk then either.
    """
    if path.is_dir():
        yield Source(root=path, files=_walk(path))
        return
    with tempfile.TemporaryDirectory(prefix="learninghub-course-") as folder, path.open("rb") as content:
        room = Room(root=Path(folder), archive_size=path.stat().st_size)
        _unpack(content, name=path.name, room=room)
        yield Source(root=room.root, files=room.files)


def _unpack(content: IO[bytes], *, name: str, room: Room) -> None:
    start = content.read(512)
    content.seek(0)
    if zips.is_zip(start):
        zips.unpack(content, room=room)
    elif tarballs.is_tar(start):
        tarballs.unpack(content, room=room)
    elif XML_START.match(start):
        room.add(f"{PurePosixPath(name).stem or 'course'}.xml", content)
    else:
        raise errors.NotAnArchive


def _walk(root: Path) -> dict[str, int]:
    files: dict[str, int] = {}
    limits = Limits()
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for entry in (Path(folder, name) for name in [*folders, *sorted(names)]):
            path = entry.relative_to(root).as_posix()
            if entry.is_symlink():
                raise errors.HoldsLink(f"{path} is a symbolic link.")
            if entry.is_dir():
                continue
            if not entry.is_file():
                raise errors.HoldsSpecialFile(f"{path} is not a plain file.")
            files[path] = entry.stat().st_size
            limits.count_file(path)
            limits.count_bytes(path, more=files[path], file_size=files[path])
    return files
