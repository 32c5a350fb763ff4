"""Bytes kept under their SHA-256: written once, never changed, the same whether files or S3 hold them."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import connection, transaction

from learninghub.clock import now
from learninghub.storage.arrivals import Arrivals, Form, arrivals

__all__ = ["Arrivals", "ContentStore", "Form", "WholeFiles", "arrivals", "store"]

YOUNG = timedelta(hours=12)  # half of what the sweep lets pass
_CHUNK = 1024 * 1024


class WholeFiles(FileSystemStorage):
    """Files that are there whole or not at all, whenever the process or the machine dies."""

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix="draft-", delete=False) as draft:
            for chunk in content.chunks():
                draft.write(chunk)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(path)
        return name

    def stream(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from start to end, both included; raises FileNotFoundError at once, not at the first piece."""
        pieces = _part(self.open(name, "rb"), start, end)
        next(pieces)
        return pieces

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The names of the files that were last written before the moment."""
        root = Path(self.path(""))
        for path in root.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime < moment.timestamp():
                    yield path.relative_to(root).as_posix()

    def make_young(self, name: str) -> bool:
        """As if the file had been written now; says whether it is there."""
        try:
            os.utime(self.path(name))
        except FileNotFoundError:
            return False
        return True

    def presigned_form(self, name: str, **_: object) -> None:
        """No client reaches our disk: it sends its file through us."""

    def presigned_address(self, name: str, **_: object) -> None:
        """No client reaches our disk: it has the file from us."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # a name stands for its bytes: who comes second writes the same


class ContentStore:
    """A store whose key for some bytes is their SHA-256 in hex."""

    def put(self, content: bytes | IO[bytes], *, media_type: str = "application/octet-stream") -> str:
        """Keeps the bytes and returns their key; bytes already kept are not written again.

        Old ones may be about to be swept (`sweeping`): they are made young, under the key's lock, before a row comes to
        name them.
        """
        digest = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(max_size=8 * _CHUNK) as spool:
            for chunk in _chunks(content):
                digest.update(chunk)
                spool.write(chunk)
            key = digest.hexdigest()
            if not self._is_kept(key):
                spool.seek(0)
                body = File(spool, name=key)
                body.content_type = media_type  # type: ignore[attr-defined]
                self._backend.save(_path(key), body)
        return key

    def lock(self, key: str) -> None:
        """Nobody else writes or sweeps the bytes until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"file:{key}"])

    def modified(self, key: str) -> datetime | None:
        """When the bytes were last written; None where there are none."""
        try:
            return self._backend.get_modified_time(_path(key))
        except FileNotFoundError:
            return None

    def open(self, key: str) -> IO[bytes]:
        """The bytes under the key; raises FileNotFoundError."""
        content: IO[bytes] = self._backend.open(_path(key), "rb")
        return content

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from start to end, both included, piece by piece; raises FileNotFoundError. Close it."""
        pieces: Iterator[bytes] = self._backend.stream(_path(key), start, end)  # type: ignore[attr-defined]
        return pieces

    def address(self, key: str, *, method: str, media_type: str, disposition: str, lifetime: timedelta) -> str | None:
        """Where S3 itself answers GET or HEAD with the bytes, for so long and under these headers; None on a disk.

        Whoever has it has the bytes, so give it only to who may. Says nothing about whether they are there.
        """
        address: str | None = self._backend.presigned_address(  # type: ignore[attr-defined]
            _path(key), method=method, media_type=media_type, disposition=disposition, lifetime=lifetime
        )
        return address

    def read(self, key: str) -> bytes:
        """All bytes under the key; raises FileNotFoundError."""
        with self.open(key) as content:
            return content.read()

    def size(self, key: str) -> int:
        return self._backend.size(_path(key))

    def exists(self, key: str) -> bool:
        return self._backend.exists(_path(key))

    def delete(self, key: str) -> None:
        """Forgets the bytes; a key that is not there is no error."""
        self._backend.delete(_path(key))

    def _is_kept(self, key: str) -> bool:
        """Whether the bytes are there and stay: old ones are made young."""
        written = self.modified(key)
        if written is None or now() - written < YOUNG:
            return written is not None
        with transaction.atomic():
            self.lock(key)
            return bool(self._backend.make_young(_path(key)))  # type: ignore[attr-defined]

    @property
    def _backend(self) -> Storage:
        backend: Storage = storages["default"]
        return backend


def _chunks(content: bytes | IO[bytes]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(_CHUNK):
        yield chunk


def _part(content: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with content:
        content.seek(start)
        left = end - start + 1
        yield b""  # open from here on: closing the iterator closes the file
        while left and (chunk := content.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _path(key: str) -> str:
    return f"{key[:2]}/{key[2:4]}/{key}"


store = ContentStore()
