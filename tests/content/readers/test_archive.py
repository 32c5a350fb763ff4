"""Hostile and broken sources: each refused by a name that says what is wrong, with nothing left on disk."""

import gzip
import io
import os
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.content import errors
from apps.content.readers import open_course, room
from apps.content.readers.archive import open_source
from tests.support import olx

GOOD = olx.course()


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def tar_with(change: Callable[[tarfile.TarFile], None]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in GOOD.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(str(content).encode()))
        change(archive)
    return packed.getvalue()


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"x") -> bytes:
    def add(archive: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, link
        member.size = len(content) if kind == tarfile.REGTYPE else 0
        archive.addfile(member, io.BytesIO(content))

    return tar_with(add)


def zip_member(name: str, content: bytes = b"x", mode: int = 0o100644) -> bytes:
    packed = io.BytesIO(olx.zipped(GOOD))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.filename = entry.orig_filename = name
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)
    return packed.getvalue()


def encrypted_zip() -> bytes:
    content = bytearray(olx.zipped({"course.xml": "<course/>"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def zip_that_hides_its_directory() -> bytes:
    content = bytearray(olx.zipped(GOOD))
    struct.pack_into("<I", content, content.rindex(b"PK\x05\x06") + 12, 0x0FFFFFFF)
    return bytes(content)


def zip64() -> bytes:
    content = olx.zipped(GOOD)
    end = content.rindex(b"PK\x05\x06")
    return content[:end] + b"PK\x06\x07" + b"\x00" * 16 + content[end:]


def broken_zip_member() -> bytes:
    content = bytearray(olx.zipped({"course.xml": "<course>" + "x" * 500 + "</course>"}))
    content[45:60] = b"\xff" * 15
    return bytes(content)


def tar_with_huge_header() -> bytes:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 64 * room.MiB
    return gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + b"\x00" * (64 * room.MiB), compresslevel=1)


def tar_that_claims_a_giant() -> bytes:
    header = tarfile.TarInfo("static/giant.bin")
    header.size = 80 * 1024 * room.MiB
    return gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + b"\x00" * 4096)


def sparse_tar() -> bytes:
    header = tarfile.TarInfo("static/sparse")
    header.type, header.size = tarfile.GNUTYPE_SPARSE, 512
    return gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + b"\x00" * 2048)


def many_files(pack: Callable[[olx.Files], bytes]) -> bytes:
    return pack({**GOOD, **{f"static/{number}.txt": b"" for number in range(room.MAX_FILES)}})


def gzip_bomb() -> bytes:
    return tar_member("static/zeros.bin", content=b"\x00" * (20 * room.MiB))


def trailing_bomb() -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("././@LongLink" + "y" * 80))
    long_name = tarfile.TarInfo("././@LongLink")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 200 * room.MiB
    packed = engine.compress(long_name.tobuf(tarfile.GNU_FORMAT))
    for _ in range(200):
        packed += engine.compress(b"y" * room.MiB)
    return packed + engine.flush()


HOSTILE: dict[str, tuple[Callable[[], bytes], type[errors.SourceRefused], str]] = {
    "tar: a path that climbs out": (lambda: tar_member("../../etc/cron.d/x"), errors.UnsafePath, "../../etc/cron.d/x"),
    "tar: a path that climbs out in the middle": (lambda: tar_member("static/../../x"), errors.UnsafePath, "../../x"),
    "tar: an absolute path": (lambda: tar_member("/etc/passwd"), errors.UnsafePath, "/etc/passwd"),
    "tar: a symbolic link": (
        lambda: tar_member("static/a", tarfile.SYMTYPE, "/etc/passwd"),
        errors.HoldsLink,
        "static/a",
    ),
    "tar: a hard link": (lambda: tar_member("static/a", tarfile.LNKTYPE, "course.xml"), errors.HoldsLink, "static/a"),
    "tar: a device": (lambda: tar_member("static/null", tarfile.CHRTYPE), errors.HoldsSpecialFile, "static/null"),
    "tar: a pipe": (lambda: tar_member("static/pipe", tarfile.FIFOTYPE), errors.HoldsSpecialFile, "static/pipe"),
    "tar: a sparse file": (sparse_tar, errors.HoldsSpecialFile, "static/sparse"),
    "tar: the same path twice": (lambda: tar_member("course.xml"), errors.DuplicatePath, "course.xml"),
    "tar: a file where a folder is": (lambda: tar_member("chapter"), errors.DuplicatePath, "chapter"),
    "tar: a folder where a file is": (lambda: tar_member("course.xml/x"), errors.DuplicatePath, "course.xml/x"),
    "tar: a bomb": (gzip_bomb, errors.CompressionBomb, "static/zeros.bin"),
    "tar: a bomb in a header": (tar_with_huge_header, errors.CompressionBomb, "between its files"),
    "tar: a bomb in a name": (trailing_bomb, errors.CompressionBomb, "between its files"),
    "tar: a giant by its own word": (tar_that_claims_a_giant, errors.TooLarge, "static/giant.bin"),
    "tar: too many files": (lambda: many_files(olx.tar_gz), errors.TooManyFiles, str(room.MAX_FILES)),
    "tar: cut short": (lambda: olx.tar_gz(GOOD)[:-40], errors.ArchiveDamaged, "tar"),
    "tar: garbage after gzip's head": (lambda: b"\x1f\x8b\x08\x00" + b"\x07" * 400, errors.ArchiveDamaged, "tar"),
    "tar: a control character": (lambda: tar_member("static/a\x1b[2J"), errors.UnsafePath, "x1b"),
    "tar: a name that is not UTF-8": (lambda: tar_member("static/\udcff"), errors.UnsafePath, "udcff"),
    "tar: a name without end": (lambda: tar_member("static/" + "n" * 300), errors.UnsafePath, "too long"),
    "tar: folders without end": (lambda: tar_member("d/" * 40 + "x"), errors.UnsafePath, "too deep"),
    "zip: a path that climbs out": (lambda: zip_member("../x"), errors.UnsafePath, "../x"),
    "zip: an absolute path": (lambda: zip_member("/x"), errors.UnsafePath, "/x"),
    "zip: a path with backslashes": (lambda: zip_member("..\\..\\x"), errors.UnsafePath, "x"),
    "zip: a path on a drive": (lambda: zip_member("C:/x"), errors.UnsafePath, "C:/x"),
    "zip: a symbolic link": (lambda: zip_member("a", b"/etc/passwd", 0o120777), errors.HoldsLink, "a"),
    "zip: a device": (lambda: zip_member("a", b"", 0o020666), errors.HoldsSpecialFile, "a"),
    "zip: a bomb": (lambda: zip_member("z", b"\x00" * (20 * room.MiB)), errors.CompressionBomb, "z"),
    "zip: encrypted": (encrypted_zip, errors.ArchiveEncrypted, "course.xml"),
    "zip: too many files": (lambda: many_files(olx.zipped), errors.TooManyFiles, str(room.MAX_FILES)),
    "zip: a directory that lies about its size": (zip_that_hides_its_directory, errors.TooManyFiles, "directory"),
    "zip: the large format": (zip64, errors.TooManyFiles, str(room.MAX_FILES)),
    "zip: cut short": (lambda: olx.zipped(GOOD)[:-30], errors.ArchiveDamaged, "zip"),
    "zip: damaged inside": (broken_zip_member, errors.ArchiveDamaged, "zip"),
    "nothing at all": (lambda: b"", errors.NotAnArchive, "neither"),
    "a program": (lambda: b"\x7fELF" + b"\x00" * 600, errors.NotAnArchive, "neither"),
    "a picture": (lambda: olx.PIXEL, errors.NotAnArchive, "neither"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused_by_name_and_leaves_nothing(name: str, scratch: Path, tmp_path: Path) -> None:
    make, error, words = HOSTILE[name]
    path = tmp_path / "upload"
    path.write_bytes(make())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(errors.SourceRefused) as refused, open_course(path):
        pass
    assert type(refused.value) is error
    assert words in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert list(scratch.iterdir()) == []


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


def with_file(path: str, content: str | bytes) -> dict[str, str | bytes]:
    return {**GOOD, path: content}


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        pytest.param(
            with_file("course.xml", f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]><course url_name="r1">&e11;</course>'),
            errors.DeclaresEntities,
            "course.xml",
            id="entities that expand",
        ),
        pytest.param(
            with_file("vertical/v1.xml", f'<!DOCTYPE x [<!ENTITY e0 "h">{ENTITIES}]><vertical display_name="&e11;"/>'),
            errors.DeclaresEntities,
            "vertical/v1.xml",
            id="entities that expand in an attribute",
        ),
        pytest.param(
            with_file("html/h.xml", '<!DOCTYPE h [<!ENTITY x SYSTEM "file:///etc/passwd">]><html>&x;</html>'),
            errors.DeclaresEntities,
            "html/h.xml",
            id="an entity that reads a file, in a file that nothing leads to",
        ),
        pytest.param(
            with_file("chapter/c1.xml", '<!DOCTYPE c SYSTEM "http://127.0.0.1:9/x.dtd"><chapter/>'),
            errors.DeclaresEntities,
            "chapter/c1.xml",
            id="a document type on the network",
        ),
        pytest.param(
            with_file("course.xml", '<?xml version="1.0" encoding="utf-16"?><course/>'.encode("utf-16")),
            errors.MalformedXml,
            "UTF-8",
            id="UTF-16, where declarations could hide",
        ),
        pytest.param(
            with_file("course.xml", "<course><unclosed></course>"), errors.MalformedXml, "course.xml", id="broken XML"
        ),
        pytest.param(
            with_file("course.xml", "<course>" + "<chapter>" * 5000 + "</chapter>" * 5000 + "</course>"),
            errors.MalformedXml,
            "course.xml",
            id="nested without end",
        ),
        pytest.param(
            with_file("course/r1.xml", "<course>" + "<chapter/>" * 20_001 + "</course>"),
            errors.TooManyElements,
            "20000",
            id="elements without end",
        ),
        pytest.param(
            with_file(
                "vertical/v1.xml", "<vertical><html>" + "<div>" * 240 + "x" + "</div>" * 240 + "</html></vertical>"
            ),
            None,
            "",
            id="HTML as deep as XML may be is read",
        ),
        pytest.param(
            {
                **GOOD,
                "vertical/v1.xml": '<vertical><html filename="h"/></vertical>',
                "html/h.html": "<div>" * 3000 + "x",
            },
            errors.TooManyElements,
            "too deep",
            id="HTML nested without end",
        ),
        pytest.param(
            with_file("vertical/v1.xml", "<vertical>" * 40 + "<html>x</html>" + "</vertical>" * 40),
            errors.TooManyElements,
            "too deep",
            id="blocks nested without end",
        ),
        pytest.param({"readme.txt": "x"}, errors.NoCourse, "course.xml", id="no course"),
        pytest.param(
            {"course.xml": '<course url_name="gone"/>'}, errors.NoCourse, "course.xml", id="a course elsewhere"
        ),
        pytest.param({"course.xml": "<html/>"}, errors.NoCourse, "course.xml", id="something else"),
        pytest.param({"a/course.xml": "<course/>", "b/course.xml": "<course/>"}, errors.SeveralCourses, "a", id="two"),
        pytest.param(olx.course(unit="<lti launch_url='x'/>"), errors.NothingToImport, "None of", id="nothing usable"),
    ],
)
def test_markup_is_refused_by_name_and_leaves_nothing(
    files: olx.Files, error: type[errors.SourceRefused] | None, words: str, scratch: Path, tmp_path: Path
) -> None:
    path = tmp_path / "course.tar.gz"
    path.write_bytes(olx.tar_gz(files))
    if error is None:
        with open_course(path) as course:
            assert len(course.lessons) == 1
    else:
        with pytest.raises(errors.SourceRefused) as refused, open_course(path):
            pass
        assert type(refused.value) is error
        assert words in str(refused.value)
    assert list(scratch.iterdir()) == []


def test_a_pointer_to_itself_is_read_once(tmp_path: Path) -> None:
    files = {**GOOD, "vertical/v1.xml": '<vertical><html>x</html><vertical url_name="v1"/></vertical>'}
    with open_course(olx.write(tmp_path, files)) as course:
        (line,) = [line for line in course.report if line.source == "vertical/v1.xml#/vertical/vertical"]
    assert (line.outcome, line.detail) == (
        "left_out",
        "vertical/v1.xml stands in the course more than once; it was read where it stands first",
    )


def test_pointers_that_double_at_each_step_stay_linear(tmp_path: Path) -> None:
    files = dict(GOOD)
    for number in range(1, 18):
        files[f"vertical/v{number}.xml"] = f'<vertical>{f"""<vertical url_name="v{number + 1}"/>""" * 2}</vertical>'
    files["vertical/v18.xml"] = "<vertical><html>x</html></vertical>"
    with open_course(olx.write(tmp_path, files)) as course:
        assert len(course.report) < 60


def test_a_folder_with_a_link_is_refused(tmp_path: Path) -> None:
    olx.write(tmp_path, GOOD)
    (tmp_path / "static").symlink_to("/etc")
    with pytest.raises(errors.HoldsLink, match="static"), open_source(tmp_path):
        pass


def test_a_folder_with_a_pipe_is_refused(tmp_path: Path) -> None:
    olx.write(tmp_path, GOOD)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(errors.HoldsSpecialFile, match="pipe"), open_source(tmp_path):
        pass


@pytest.mark.parametrize("pack", [olx.tar_gz, olx.zipped, lambda files: gzip.decompress(olx.tar_gz(files))])
def test_every_packing_reads_alike(pack: Callable[[olx.Files], bytes], scratch: Path, tmp_path: Path) -> None:
    path = tmp_path / "course"
    path.write_bytes(pack({f"a course/{name}": content for name, content in GOOD.items()}))
    with open_course(path) as packed:
        assert len(list(scratch.iterdir())) == 1
        lessons = packed.lessons
    assert list(scratch.iterdir()) == []
    with open_course(olx.write(tmp_path / "folder", GOOD)) as folder:
        assert folder.lessons == lessons


def test_limits_count_what_arrives_not_what_is_declared(tmp_path: Path) -> None:
    unpacked = room.Room(root=tmp_path, archive_size=room.MAX_TOTAL_SIZE)
    with pytest.raises(errors.TooLarge, match=r"a\.bin"):
        unpacked.add("a.bin", io.BytesIO(b"\x01" * (room.MAX_FILE_SIZE + 1)))
