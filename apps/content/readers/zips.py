"""Unpacks zip archives into a room, reading the directory only after its own size has been checked."""

import os
import stat
import struct
import zipfile
import zlib
from typing import IO, Final

from apps.content import errors
from apps.content.readers.room import MAX_FILES, MiB, Room

MAX_DIRECTORY: Final = 4 * MiB

_END = b"PK\x05\x06"
_END_SIZE = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_SIZE = 20
_ENCRYPTED = 0x1


def is_zip(start: bytes) -> bool:
    """Tell a zip archive (also an empty one) by its first bytes."""
    return start.startswith((b"PK\x03\x04", _END))


def unpack(content: IO[bytes], *, room: Room) -> None:
    """Store every file of the archive in the room."""
    _check_directory(content)
    try:
        with zipfile.ZipFile(content) as archive:
            for member in archive.infolist():
                _unpack_member(archive, member, room=room)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, UnicodeDecodeError) as error:
        raise errors.ArchiveDamaged(f"The zip archive cannot be read: {error}.") from error


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, room: Room) -> None:
    name = member.orig_filename
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise errors.HoldsLink(f"{name} is a symbolic link.")
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise errors.HoldsSpecialFile(f"{name} is not a plain file.")
    if member.flag_bits & _ENCRYPTED:
        raise errors.ArchiveEncrypted(f"{name} is encrypted.")
    if member.is_dir():
        return
    with archive.open(member) as packed:
        room.add(name, packed, packed_size=member.compress_size)


def _check_directory(content: IO[bytes]) -> None:
    # zipfile reads the whole directory into memory, however large; its end record tells the size beforehand.
    length = content.seek(0, os.SEEK_END)
    tail_size = min(length, _END_SIZE + 0xFFFF + _ZIP64_LOCATOR_SIZE)
    content.seek(length - tail_size)
    tail = content.read(tail_size)
    content.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise errors.ArchiveDamaged("The zip archive is cut short: its directory is missing.")
    count, directory_size = struct.unpack_from("<HI", tail, at + 10)
    if tail[max(0, at - _ZIP64_LOCATOR_SIZE) : at].startswith(_ZIP64_LOCATOR) or count > MAX_FILES:
        raise errors.TooManyFiles(f"The zip archive is made for more than {MAX_FILES} files.")
    if directory_size > MAX_DIRECTORY:
        raise errors.TooManyFiles(f"The directory of the zip archive has {directory_size} bytes.")
