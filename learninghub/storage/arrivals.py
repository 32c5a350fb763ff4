"""Files on their way in: sent to a place of their own, looked at there, and only then kept under their hash."""

from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import storages

FOLDER = "arrivals"


@dataclass(frozen=True, slots=True)
class Form:
    """Where a client posts a file as multipart/form-data, and the fields to be sent before it."""

    url: str
    fields: dict[str, str]


class Arrivals:
    """What arrived under a name; nothing in it is served, and what is not taken in is swept away after a day."""

    def form(self, name: str, *, media_type: str, size: int, lifetime: timedelta) -> Form | None:
        """A form that S3 itself takes a file of exactly this type and size by; None where files lie on a disk."""
        form: Form | None = self._backend.presigned_form(
            _path(name), media_type=media_type, size=size, lifetime=lifetime
        )
        return form

    def put(self, name: str, content: IO[bytes]) -> None:
        """Takes what a client sent through us; again replaces it."""
        self._backend.save(_path(name), File(content, name=name))

    def size(self, name: str) -> int | None:
        """How many bytes have arrived; None where none have."""
        try:
            return int(self._backend.size(_path(name)))
        except FileNotFoundError:
            return None

    def open(self, name: str) -> IO[bytes]:
        """What arrived, as it is now; raises FileNotFoundError."""
        content: IO[bytes] = self._backend.open(_path(name), "rb")
        return content

    def delete(self, name: str) -> None:
        """Forgets it; what is not there is no error."""
        self._backend.delete(_path(name))

    @property
    def _backend(self) -> Any:
        return storages["default"]


def _path(name: str) -> str:
    return f"{FOLDER}/{name}"


arrivals = Arrivals()
