"""The room that one course may take: paths that are safe, and limits that are counted on what really arrives."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from apps.content import errors

MiB: Final = 1024 * 1024
# An exported course has a file per element: the 1,000 files of the general upload limit would refuse real ones.
MAX_FILES: Final = 5_000
MAX_FILE_SIZE: Final = 100 * MiB
MAX_TOTAL_SIZE: Final = 500 * MiB
MAX_RATIO: Final = 100
# Below this a high ratio is ordinary (a kilobyte of spaces) and harms nobody.
RATIO_FREE_SIZE: Final = 4 * MiB
MAX_FOLDERS: Final = 20
MAX_PATH: Final = 400
MAX_NAME: Final = 200
CHUNK: Final = 64 * 1024

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]|^[A-Za-z]:")


class Readable(Protocol):
    """Whatever bytes can be read from, piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class Limits:
    """Counts files and bytes against what one course may have."""

    files: int = 0
    size: int = 0

    def count_file(self, path: str) -> None:
        """Count one more file, before it is read."""
        self.files += 1
        if self.files > MAX_FILES:
            raise errors.TooManyFiles(f"There are more than {MAX_FILES} files ({path} is one too many).")

    def count_bytes(self, path: str, *, more: int, file_size: int) -> None:
        """Count bytes of the file, which has come to `file_size` with them."""
        self.size += more
        if file_size > MAX_FILE_SIZE:
            raise errors.TooLarge(f"{path} is larger than {MAX_FILE_SIZE // MiB} MiB.")
        if self.size > MAX_TOTAL_SIZE:
            raise errors.TooLarge(f"The files come to more than {MAX_TOTAL_SIZE // MiB} MiB (reached at {path}).")


@dataclass(slots=True)
class Room:
    """An empty folder that an archive is unpacked into, file by file."""

    root: Path
    archive_size: int
    files: dict[str, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def add(self, path: str, content: Readable, *, packed_size: int | None = None) -> None:
        """Store one file; `packed_size` is what it takes in the archive, where the format tells."""
        path = safe_path(path)
        if path in self.files:
            raise errors.DuplicatePath(f"{path} is in the archive twice.")
        self.limits.count_file(path)
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stored:
                size = 0
                while chunk := content.read(CHUNK):
                    size += len(chunk)
                    self._count(path, more=len(chunk), size=size, packed_size=packed_size)
                    stored.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise errors.DuplicatePath(f"{path} is in the archive both as a file and as a folder.") from error
        self.files[path] = size

    def _count(self, path: str, *, more: int, size: int, packed_size: int | None) -> None:
        self.limits.count_bytes(path, more=more, file_size=size)
        if packed_size is not None and size > max(RATIO_FREE_SIZE, MAX_RATIO * packed_size):
            raise errors.CompressionBomb(f"{path} unpacks to more than {MAX_RATIO} times its packed size.")
        if self.limits.size > max(RATIO_FREE_SIZE, MAX_RATIO * self.archive_size):
            raise errors.CompressionBomb(
                f"The archive unpacks to more than {MAX_RATIO} times its size (reached at {path})."
            )


def safe_path(path: str) -> str:
    """Normalise an archive's path (`./a//b`) or refuse it: absolute, leading out, control characters, too long."""
    shown = path.encode("ascii", "backslashreplace").decode()[:120]
    if path.startswith("/") or _UNSAFE.search(path):
        raise errors.UnsafePath(f"The path {shown!r} is not safe.")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts or not parts:
        raise errors.UnsafePath(f"The path {shown!r} leads out of the archive.")
    if len(parts) > MAX_FOLDERS or len(path) > MAX_PATH or max(len(part.encode()) for part in parts) > MAX_NAME:
        raise errors.UnsafePath(f"The path {shown!r} is too long or too deep.")
    return "/".join(parts)
