"""Files for other tests: pictures made in memory, assets stored through the door."""

import io
from itertools import count
from typing import Any
from uuid import UUID

from PIL import Image

from apps.media import api as media
from apps.media.types import Asset, Purpose
from learninghub.clock import now
from tests.support.people import make_person

_numbers = count(1)


def png_bytes(*, width: int = 64, height: int = 48, colour: tuple[int, int, int] | None = None) -> bytes:
    """A picture of one colour, another one each time unless the colour is given."""
    number = next(_numbers)
    return written(Image.new("RGB", (width, height), colour or (number % 256, number // 256 % 256, 128)), "PNG")


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of this kind."""
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def jpeg_with_secrets(*, width: int = 300, height: int = 200, orientation: int = 6) -> bytes:
    """A picture that lies on its side and says where and by what it was taken: `Secret` stands in it twice."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    return written(Image.new("RGB", (width, height), "red"), "JPEG", exif=exif, comment=b"SecretComment")


def make_asset(
    *,
    owner_id: UUID | None = None,
    content: bytes | None = None,
    filename: str = "picture.png",
    is_public: bool = False,
    purpose: Purpose = Purpose.RESOURCE,
) -> Asset:
    """A stored file, a picture unless content is given; run the jobs to have its sizes made."""
    return media.store(
        content=png_bytes() if content is None else content,
        filename=filename,
        owner_id=owner_id or make_person(roles={"instructor"}).id,
        is_public=is_public,
        purpose=purpose,
        now=now(),
    )
