"""Covers for the demo's courses, drawn from three colours: nothing in them belongs to anybody."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

SIZE = (1200, 675)
_RINGS = 9


def draw(colours: Sequence[str], *, at: tuple[float, float]) -> bytes:
    """A PNG of rings around a point, given as parts of the width and the height, in turns of the colours."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, colours[0])
    pen = ImageDraw.Draw(picture)
    centre = (width * at[0], height * at[1])
    for ring in range(_RINGS, 0, -1):
        radius = ring * width / _RINGS * 0.75
        box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        pen.ellipse(box, fill=colours[ring % len(colours)])
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()
