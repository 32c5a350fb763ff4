"""Pictures: measured before they are decoded, and made smaller without what else they carry.

Pillow reads them in a process of its own, without our secrets and with a cap on memory and time (`darkroom`).
"""

import json
import shutil
import struct
import tempfile
from dataclasses import dataclass
from typing import IO

from apps.media.errors import PicturesUnavailable, PictureTooLarge, UnreadablePicture
from learninghub.children import Away, Child, Ended, Failed

SECONDS = 20.0
_darkroom = Child("apps.media.readers.darkroom")


@dataclass(frozen=True, slots=True)
class Measure:
    """How large a picture is as people see it, and whether it moves."""

    width: int
    height: int
    is_animated: bool


@dataclass(frozen=True, slots=True)
class Smaller:
    """A picture made smaller."""

    content: bytes
    width: int
    height: int


def measure(content: IO[bytes], *, media_type: str) -> Measure:
    """The picture's size from its head; raises PictureTooLarge, UnreadablePicture, PicturesUnavailable."""
    return Measure(**json.loads(_ask(content, deed="measure", media_type=media_type)))


def check_whole(content: IO[bytes], *, media_type: str) -> None:
    """Decodes all of the picture once; raises UnreadablePicture for one broken inside, and as `measure`."""
    _ask(content, deed="check_whole", media_type=media_type)


def shrink(content: IO[bytes], *, media_type: str, edge: int, written_as: str) -> Smaller:
    """The picture with its longer edge at most `edge`, upright, without metadata, in WebP or AVIF. Never made larger.

    Raises as `measure`.
    """
    made = _ask(content, deed="shrink", media_type=media_type, edge=edge, written_as=written_as)
    width, height = struct.unpack(">II", made[:8])
    return Smaller(made[8:], width, height)


def _ask(content: IO[bytes], **request: str | int) -> bytes:
    """The darkroom's answer; a picture over which it ended or took too long is none that can be read."""
    content.seek(0)
    with tempfile.NamedTemporaryFile(prefix="picture-") as copy:
        shutil.copyfileobj(content, copy, 1024 * 1024)
        copy.flush()
        try:
            return _darkroom.ask({**request, "path": copy.name}, seconds=SECONDS)
        except Failed as error:
            raise PictureTooLarge if str(error).startswith("PictureTooLarge") else UnreadablePicture from error
        except Ended as error:
            raise UnreadablePicture from error
        except Away as error:
            raise PicturesUnavailable from error
