"""Unpacks tar and tar.gz archives into a room as a stream, with a budget for what may be read at each step."""

import gzip
import io
import tarfile
import zlib
from typing import IO, Final

from apps.content import errors
from apps.content.readers.room import MAX_FILE_SIZE, Readable, Room

# What a member's headers may take (long names, extended attributes): tarfile reads those into memory whole.
HEADER_BUDGET: Final = 1024 * 1024

_GZIP = b"\x1f\x8b"
_MAGIC_AT = 257


def is_tar(start: bytes) -> bool:
    """Tell a tar or gzip file by its first 512 bytes."""
    return start.startswith(_GZIP) or start[_MAGIC_AT : _MAGIC_AT + 5] == b"ustar"


def unpack(content: IO[bytes], *, room: Room) -> None:
    """Store every file of the archive in the room."""
    packed = content.read(2).startswith(_GZIP)
    content.seek(0)
    stream = _Metered(gzip.GzipFile(fileobj=content) if packed else content)
    try:
        with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
            while member := archive.next():
                stream.budget = member.size + HEADER_BUDGET
                _unpack_member(archive, member, room=room)
                stream.budget = HEADER_BUDGET
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise errors.ArchiveDamaged(f"The tar archive cannot be read: {error}.") from error


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, *, room: Room) -> None:
    if member.issym() or member.islnk():
        raise errors.HoldsLink(f"{member.name} is a link to {member.linkname}.")
    if member.isdir():
        return
    if not member.isreg() or member.issparse():
        raise errors.HoldsSpecialFile(f"{member.name} is not a plain file.")
    if member.size > MAX_FILE_SIZE:
        raise errors.TooLarge(f"{member.name} says that it has {member.size} bytes.")
    packed = archive.extractfile(member)
    if packed is None:
        raise errors.HoldsSpecialFile(f"{member.name} is not a plain file.")
    room.add(member.name, packed)


class _Metered(io.RawIOBase):
    def __init__(self, content: Readable) -> None:
        super().__init__()
        self._content = content
        self.budget = HEADER_BUDGET

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._content.read(size)
        self.budget -= len(chunk)
        if self.budget < 0:
            raise errors.CompressionBomb("The archive hides more between its files than a course has use for.")
        return chunk
