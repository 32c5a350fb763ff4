"""Pictures that mean harm: too large inside, broken, carrying what is not picture. Generated, none kept as a file."""

import io
import struct
import zlib

from PIL import Image

CANARY = b"<script>alert('canary')</script>"


def written(kind, *, size=(64, 48), frames=1, **options):
    """A picture by Pillow itself, of noise."""
    target = io.BytesIO()
    one = Image.effect_noise(size, 60).convert("P" if kind == "GIF" else "RGB")
    if frames > 1:
        others = [Image.effect_noise(size, 60).convert(one.mode) for _ in range(frames - 1)]
        options |= {"save_all": True, "append_images": others}
    one.save(target, kind, **options)
    return target.getvalue()


def exif():
    """Where the author lives, and the camera."""
    told = Image.Exif()
    told[0x010F] = CANARY.decode()
    told.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    return told


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, *between, pixels=b"\0" * 100, depth=8, colours=2):
    head = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *between, chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def whole_png(*between, after=b"", more_pixels=0):
    return png(64, 48, *between, pixels=(b"\0" + b"\7" * 192) * 48 + b"\0" * more_pixels) + after


def with_measure(content, before, at, width, height, form):
    """The picture with another size written into its head, `at` bytes after the mark."""
    place = content.index(before) + len(before) + at
    new = struct.pack(form, width, height)
    return content[:place] + new + content[place + len(new) :]


def jpeg_of(width, height):
    return with_measure(written("JPEG"), b"\xff\xc0", 3, height, width, ">HH")


def avif_of(width, height):
    return with_measure(written("AVIF"), b"ispe", 4, width, height, ">II")


def gif_screen(width, height):
    return with_measure(written("GIF"), b"GIF8", 2, width, height, "<HH")


def gif_frame(width, height):
    """A tiny screen with a frame far larger than it."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00\x3b"


def webp_canvas(width, height):
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (width - 1).to_bytes(3, "little")
    return _riff(head + (height - 1).to_bytes(3, "little") + written("WEBP")[12:])


def webp_lossless(width, height):
    bits = (width - 1) | (height - 1) << 14
    body = b"\x2f" + struct.pack("<I", bits) + b"\x88\x88\x08" + b"\0" * 20
    return _riff(b"VP8L" + struct.pack("<I", len(body)) + body)


def tiff_of(width, height):
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200), (279, 4, 10)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0" * 300


def apng_that_claims(frames):
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    return whole_png(control, chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 64, 48, 0, 0, 1, 10, 0, 0)))


def gif_and_script():
    """A GIF whose width reads as the start of a comment in JavaScript: a picture that also runs."""
    picture = written("GIF", size=(64, 48))
    return b"GIF89a/*" + picture[8:] + b"*/=1;" + CANARY


def bad_sum(content):
    place = content.index(b"IDAT") + 6
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def squeezed(length):
    """A text that unpacks to so many bytes, for chunks that carry one."""
    return b"Comment\0\0" + zlib.compress(b"A" * length)


def _riff(body):
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
