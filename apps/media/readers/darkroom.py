"""The process in which Pillow meets foreign pictures; `pictures` is its near side."""

import io
import json
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps, ImageSequence

from apps.media import rules
from apps.media.errors import PictureTooLarge, UnreadablePicture
from learninghub.children.far import Line

MEMORY_BYTES = 448 * 2**20
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", rules.WEBP: "WEBP", rules.AVIF: "AVIF"}
_WRITTEN = {
    rules.WEBP: ("WEBP", {"quality": 80, "method": 4}),
    rules.AVIF: ("AVIF", {"quality": 60, "speed": 8, "max_threads": 1}),
}
_ORIENTATION = 0x0112
# What Pillow raises over broken files, by its sources; anything else is a mistake of ours.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError, AttributeError,
    OverflowError, ZeroDivisionError, AssertionError, RuntimeError, struct.error,
)  # fmt: skip


def measure(path: str, media_type: str) -> bytes:
    """The picture's size as people see it, and whether it moves, from its head."""
    with _opened(path, media_type) as picture:
        # A PNG without metadata in its head would be decoded whole in search of some.
        is_bare = picture.format == "PNG" and "exif" not in picture.info
        is_turned = not is_bare and picture.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}
        width, height = reversed(picture.size) if is_turned else picture.size
        told = {"width": width, "height": height, "is_animated": getattr(picture, "is_animated", False)}
        return json.dumps(told).encode()


def check_whole(path: str, media_type: str) -> bytes:
    """Decodes every frame once."""
    with _opened(path, media_type) as picture:
        for frame in _frames(picture):
            frame.load()
    return b""


def shrink(path: str, media_type: str, edge: int, written_as: str) -> bytes:
    """The picture with its longer edge at most `edge`, upright, without metadata, behind its width and height.

    Decodes at a reduced scale where the format can, which is most of the work saved (guides, performance 1k). One that
    moves goes on moving, at the pace of its frames.
    """
    kind, options = _WRITTEN[written_as]
    written = io.BytesIO()
    with _opened(path, media_type) as picture:
        if getattr(picture, "is_animated", False):
            pace = [int(frame.info.get("duration", 100)) for frame in _frames(picture)]
            frames = (_bare(frame.copy(), edge) for frame in _frames(picture))
            first = next(frames)
            moving = {"save_all": True, "append_images": frames, "duration": pace, "loop": picture.info.get("loop", 0)}
            first.save(written, kind, **options | moving | {"method": 0})
        else:
            picture.draft("RGB", (edge * 2, edge * 2))
            first = _bare(picture, edge)
            first.save(written, kind, **options)
    return struct.pack(">II", first.width, first.height) + written.getvalue()


def _bare(picture: Image.Image, edge: int) -> Image.Image:
    has_alpha = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    picture.thumbnail((edge, edge), reducing_gap=2.0)
    upright = ImageOps.exif_transpose(picture).convert("RGBA" if has_alpha else "RGB")
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    return bare


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    """The frames, counted as they come: what the head says of their number need not be so."""
    for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
        if number > rules.MAX_FRAMES or number * frame.width * frame.height > rules.MAX_PIXELS_OF_ALL_FRAMES:
            raise PictureTooLarge
        yield frame


@contextmanager
def _opened(path: str, media_type: str) -> Iterator[Image.Image]:
    """The picture as the one format it claims to be; whatever Pillow finds wrong leaves under one of two names."""
    try:
        with Image.open(path, formats=[_FORMATS[media_type]]) as picture:
            if picture.width * picture.height > rules.MAX_PIXELS:
                raise PictureTooLarge
            yield picture
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except _BROKEN as error:
        raise UnreadablePicture from error


_DEEDS: dict[str, Callable[..., bytes]] = {"measure": measure, "check_whole": check_whole, "shrink": shrink}


def _answer(deed: str, **about: object) -> bytes:
    return _DEEDS[deed](**about)


def main() -> None:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Line(memory_bytes=MEMORY_BYTES).serve(_answer)


if __name__ == "__main__":
    main()
