"""Pictures: measured before they are decoded, and made smaller without what else they carry."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps

from apps.media import rules
from apps.media.errors import PictureTooLarge, UnreadablePicture

MEDIA_TYPE = "image/webp"
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
_ORIENTATION = 0x0112


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
    """The picture's size from its head; raises PictureTooLarge, UnreadablePicture."""
    with _opened(content, media_type) as picture:
        # A PNG without metadata in its head would be decoded whole in search of some.
        is_bare = picture.format == "PNG" and "exif" not in picture.info
        is_turned = not is_bare and picture.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}
        width, height = reversed(picture.size) if is_turned else picture.size
        return Measure(width, height, is_animated=getattr(picture, "is_animated", False))


def check_whole(content: IO[bytes], *, media_type: str) -> None:
    """Decodes all of the picture once; raises UnreadablePicture for one cut short or broken inside."""
    with _opened(content, media_type) as picture:
        picture.load()


def shrink(content: IO[bytes], *, media_type: str, edge: int) -> Smaller:
    """The picture with its longer edge at most `edge`, upright, in WebP, without metadata. Never made larger.

    Decodes at a reduced scale where the format can, which is most of the work saved (guides, performance 1k).
    """
    with _opened(content, media_type) as picture:
        picture.draft("RGB", (edge * 2, edge * 2))
        has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
        picture.thumbnail((edge, edge), reducing_gap=2.0)
        upright = ImageOps.exif_transpose(picture).convert("RGBA" if has_alpha else "RGB")
        bare = Image.new(upright.mode, upright.size)
        bare.paste(upright)
        written = io.BytesIO()
        bare.save(written, "WEBP", quality=80, method=4)
        return Smaller(written.getvalue(), bare.width, bare.height)


@contextmanager
def _opened(content: IO[bytes], media_type: str) -> Iterator[Image.Image]:
    """The picture as the one format it claims to be; whatever Pillow finds wrong leaves under one of two names."""
    content.seek(0)
    try:
        with Image.open(content, formats=[_FORMATS[media_type]]) as picture:
            if picture.width * picture.height > rules.MAX_PIXELS:
                raise PictureTooLarge
            yield picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, OverflowError, MemoryError) as error:
        raise UnreadablePicture from error
