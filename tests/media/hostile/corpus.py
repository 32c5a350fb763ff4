"""The hostile files, one by one: what each is said to be, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.media.hostile import documents as doc
from tests.media.hostile import pictures as pic

JPEG, PNG, GIF, WEBP, AVIF = (f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "avif"))
ZIP, GZIP, PDF, PLAYLIST = (f"application/{kind}" for kind in ("zip", "gzip", "pdf", "vnd.apple.mpegurl"))
TEXT, BYTES = "text/plain", "application/octet-stream"


@dataclass(frozen=True)
class Refused:
    """Not even taken: the announcement is answered so."""

    status: int
    code: str


@dataclass(frozen=True)
class Rejected:
    """Taken, looked at, thrown away for this reason."""

    reason: str


@dataclass(frozen=True)
class Redrawn:
    """Handed out as a picture of ours, in which nothing is left of what rode on it."""

    width: int = 64
    height: int = 48


@dataclass(frozen=True)
class Saved:
    """Handed out untouched, to be saved under this name and never shown or run."""

    kind: str
    name: str


@dataclass(frozen=True)
class Shown:
    """May be shown, as exactly this and nothing else, in a sandbox."""

    kind: str


Fate = Refused | Rejected | Redrawn | Saved | Shown


@dataclass(frozen=True)
class Hostile:
    name: str
    make: Callable[[], bytes]
    said: str
    fate: Fate
    filename: str = "file"
    purpose: str = "resource"


TOO_LARGE, UNREADABLE, OTHER_TYPE = (
    Rejected(reason) for reason in ("picture_too_large", "unreadable_picture", "type_not_taken")
)
NOT_TAKEN = Refused(400, "type_not_taken")


def raw(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def placed(kind: str) -> Callable[[], bytes]:
    return lambda: pic.written(kind, exif=pic.exif())


def talking(kind: str, frames: int = 1) -> Callable[[], bytes]:
    return lambda: pic.written(kind, frames=frames, comment=pic.CANARY)


def cut(kind: str) -> Callable[[], bytes]:
    def make() -> bytes:
        content = pic.written(kind, size=(400, 300))
        return content[: len(content) // 2]

    return make


FLOODS = (
    Hostile("flood: png of 900 megapixels", partial(pic.png, 30_000, 30_000), PNG, TOO_LARGE),
    Hostile("flood: png just above the limit", partial(pic.png, 5001, 5000), PNG, TOO_LARGE),
    Hostile("flood: png of one endless row", partial(pic.png, 2**31 - 1, 1), PNG, TOO_LARGE),
    Hostile("flood: png of nothing", partial(pic.png, 0, 0), PNG, UNREADABLE),
    Hostile("flood: jpeg", partial(pic.jpeg_of, 65_500, 65_500), JPEG, TOO_LARGE),
    Hostile("flood: gif's screen", partial(pic.gif_screen, 65_535, 65_535), GIF, TOO_LARGE),
    Hostile("flood: gif's frame beyond its screen", partial(pic.gif_frame, 60_000, 60_000), GIF, TOO_LARGE),
    Hostile("flood: webp's canvas", partial(pic.webp_canvas, 16_000, 16_000), WEBP, TOO_LARGE),
    Hostile("flood: webp without loss", partial(pic.webp_lossless, 16_383, 16_383), WEBP, TOO_LARGE),
    Hostile("flood: avif", partial(pic.avif_of, 30_000, 30_000), AVIF, UNREADABLE),
    Hostile("flood: tiff as itself", partial(pic.tiff_of, 60_000, 60_000), "image/tiff", Saved("image/tiff", "file")),
    Hostile("flood: tiff as a cover", partial(pic.tiff_of, 60_000, 60_000), "image/tiff", NOT_TAKEN, purpose="cover"),
    Hostile("flood: tiff as a jpeg", partial(pic.tiff_of, 60_000, 60_000), JPEG, OTHER_TYPE),
    Hostile("flood: bmp as a png", raw(doc.BITMAP), PNG, OTHER_TYPE),
    Hostile("flood: gif of 700 frames", partial(pic.written, "GIF", size=(2, 2), frames=700), GIF, TOO_LARGE),
    Hostile("flood: png that claims a million frames", partial(pic.apng_that_claims, 10**6), PNG, OTHER_TYPE),
    Hostile("bomb: png's text", partial(pic.whole_png, pic.chunk(b"zTXt", pic.squeezed(50_000_000))), PNG, UNREADABLE),
    Hostile(
        "bomb: png's colours", partial(pic.whole_png, pic.chunk(b"iCCP", pic.squeezed(50_000_000))), PNG, UNREADABLE
    ),
    Hostile("bomb: png's pixels", partial(pic.whole_png, more_pixels=50_000_000), PNG, Redrawn()),
)
BROKEN = (
    *(
        Hostile(f"cut short: {kind.lower()}", cut(kind), f"image/{kind.lower()}", UNREADABLE)
        for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
    ),
    Hostile("broken: png of a wrong sum", lambda: pic.bad_sum(pic.written("PNG")), PNG, UNREADABLE),
    Hostile("broken: head of a jpeg", raw(b"\xff\xd8\xff\xe0" + b"\0" * 50), JPEG, UNREADABLE),
    Hostile("broken: head of a gif", raw(b"GIF89a"), GIF, UNREADABLE),
)
RIDERS = (
    Hostile(
        "rider: jpeg that tells where its author lives", lambda: pic.written("JPEG", exif=pic.exif()), JPEG, Redrawn()
    ),
    Hostile(
        "rider: png that tells where its author lives", lambda: pic.written("PNG", exif=pic.exif()), PNG, Redrawn()
    ),
    Hostile(
        "rider: webp that tells where its author lives", lambda: pic.written("WEBP", exif=pic.exif()), WEBP, Redrawn()
    ),
    Hostile(
        "rider: avif that tells where its author lives", lambda: pic.written("AVIF", exif=pic.exif()), AVIF, Redrawn()
    ),
    Hostile("rider: webp with a packet of words", lambda: pic.written("WEBP", xmp=pic.CANARY), WEBP, Redrawn()),
    Hostile("rider: jpeg with a script for a comment", talking("JPEG"), JPEG, Redrawn()),
    Hostile(
        "rider: moving gif with a script for a comment",
        talking("GIF", 3),
        GIF,
        Redrawn(),
    ),
    Hostile("rider: png and page", lambda: pic.whole_png(after=doc.HTML), PNG, Redrawn()),
    Hostile("rider: png and zip", lambda: pic.whole_png(after=doc.packed(("a.html", doc.HTML))), PNG, Redrawn()),
    Hostile("rider: gif and script", pic.gif_and_script, GIF, Redrawn(10_799, 48)),
    Hostile("rider: two endings", talking("JPEG"), JPEG, Redrawn(), "photo.jpg.html"),
)
PAGES = (
    *(
        Hostile(f"svg: {name}", raw(content), "image/svg+xml", NOT_TAKEN, "drawing.svg")
        for name, content in (
            ("script", doc.SCRIPTED),
            ("a page inside", doc.FOREIGN),
            ("fetching", doc.FETCHING),
            ("a billion laughs", doc.LAUGHS),
        )
    ),
    Hostile("svg: as a png", raw(doc.SCRIPTED), PNG, OTHER_TYPE, "drawing.png"),
    Hostile("svg: as text", raw(doc.SCRIPTED), TEXT, OTHER_TYPE),
    Hostile("svg: as bytes", raw(doc.SCRIPTED), BYTES, OTHER_TYPE),
    Hostile("svg: laughing as xml", raw(doc.LAUGHS), "application/xml", OTHER_TYPE),
    Hostile("svg: in two bytes a letter", lambda: doc.utf16(doc.SCRIPTED), TEXT, OTHER_TYPE),
    Hostile("svg: squeezed", lambda: doc.gzipped(doc.SCRIPTED), GZIP, Saved(GZIP, "a.svgz"), "a.svgz", "archive"),
    Hostile("svg: far behind a comment", raw(doc.FAR_MARKUP), TEXT, Shown(TEXT)),
    Hostile("html: as itself", raw(doc.HTML), "text/html", NOT_TAKEN),
    Hostile("html: as xhtml", raw(doc.HTML), "application/xhtml+xml", NOT_TAKEN),
    Hostile("html: as a jpeg", raw(doc.HTML), JPEG, OTHER_TYPE, "photo.jpg"),
    Hostile("html: as text", raw(doc.HTML), TEXT, OTHER_TYPE),
    Hostile("html: as bytes", raw(doc.HTML), BYTES, OTHER_TYPE),
    Hostile("html: behind a mark and spaces", raw(b"\xef\xbb\xbf \n" + doc.HTML), "text/csv", OTHER_TYPE),
    Hostile("html: as a mail", raw(doc.MAIL), "message/rfc822", Saved("message/rfc822", "file")),
    Hostile("script: for other pages to load", raw(b"alert(1)"), "text/javascript", Saved(BYTES, "a.js"), "a.js"),
    Hostile("style: for other pages to load", raw(b"*{display:none}"), "text/css", Saved(BYTES, "a.css"), "a.css"),
    Hostile("xml: that reads files", raw(doc.ENTITIES), "application/xml", Saved("application/xml", "file")),
)
PROGRAMS = (
    Hostile("malware: as text", raw(doc.MALWARE), TEXT, Rejected("malware_found")),
    Hostile("malware: as a picture", raw(doc.MALWARE), PNG, Rejected("malware_found"), purpose="cover"),
    Hostile("malware: with an empty line", raw(doc.MALWARE + b"\r\n"), BYTES, Rejected("malware_found")),
    Hostile("program: as a paper", raw(doc.PROGRAM), PDF, OTHER_TYPE, "lecture.pdf.exe"),
    Hostile("program: as bytes", raw(doc.ELF), BYTES, OTHER_TYPE),
    Hostile("program: postscript as a jpeg", raw(doc.POSTSCRIPT), JPEG, OTHER_TYPE),
    Hostile("program: shortcut", raw(doc.SHORTCUT), "application/x-url", Saved("application/x-url", "a.url"), "a.url"),
    Hostile("film: playlist that reads files", raw(doc.PLAYLIST), PLAYLIST, Saved(PLAYLIST, "file")),
    Hostile("film: playlist as a film", raw(doc.PLAYLIST), "video/mp4", OTHER_TYPE),
    Hostile("film: of a piece without end", raw(doc.MOVIE), "video/mp4", Shown("video/mp4")),
    Hostile("paper: with a script", raw(doc.PDF), PDF, Shown(PDF)),
    Hostile("paper: and zip", lambda: doc.PDF + doc.packed(("a.html", doc.HTML)), PDF, Shown(PDF)),
    Hostile("paper: as a zip", raw(doc.PDF), ZIP, OTHER_TYPE, purpose="archive"),
)
# Media opens none of these: what unpacks them refuses them by name (tests/content/readers/test_archive.py).
ARCHIVES = tuple(
    Hostile(f"archive: {name}", make, said, Saved(said, "course"), "course", "archive")
    for name, make, said in (
        ("climbs out", lambda: doc.packed(("../../etc/cron.d/x", b"x")), ZIP),
        ("links out", doc.linked, ZIP),
        ("nests", partial(doc.nested, 3), ZIP),
        ("overlaps", partial(doc.overlapping, 1000), ZIP),
        ("lies about its size", doc.lying_about_its_size, ZIP),
        ("a thousand to one", lambda: doc.packed(("a", b"\0" * 50_000_000)), ZIP),
        ("of devices", doc.with_device, GZIP),
        ("bomb", doc.gzip_bomb, GZIP),
    )
)
NAMES = (
    Hostile("name: turned around", raw(b"x"), TEXT, Shown(TEXT), "lecture\u202etxt.exe"),
    Hostile("name: of a path", raw(b"\0"), BYTES, Saved(BYTES, "passwd"), "../../etc/passwd"),
    Hostile("name: of another system's path", raw(b"\0"), BYTES, Saved(BYTES, "x.bin"), "C:\\windows\\x.bin"),
    Hostile("name: with a header inside", raw(b"\0"), BYTES, Saved(BYTES, "aSet-Cookie_ b"), "a\r\nSet-Cookie: b"),
    Hostile("name: with a zero", raw(b"x"), TEXT, Refused(400, "invalid"), "a\x00.html"),
    Hostile("name: too long", raw(b"x"), TEXT, Refused(400, "invalid"), "a" * 256),
    Hostile("size: nothing", raw(b""), TEXT, Refused(400, "invalid")),
    Hostile("type: with a header inside", raw(b"x"), "text/plain\r\nx: y", Refused(400, "invalid")),
)

CORPUS = (*FLOODS, *BROKEN, *RIDERS, *PAGES, *PROGRAMS, *ARCHIVES, *NAMES)
