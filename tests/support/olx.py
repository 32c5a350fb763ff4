"""Small OLX courses written by tests: files in a folder, or packed."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)

Files = Mapping[str, str | bytes]


def course(*, run: str = "r1", **files: str | bytes) -> dict[str, str | bytes]:
    """A course of one chapter, sequential and vertical that holds what `unit` says; other files as given."""
    unit = files.pop("unit", "<html>Hello</html>")
    assert isinstance(unit, str)
    return {
        "course.xml": f'<course url_name="{run}" org="Org" course="C1"/>',
        f"course/{run}.xml": '<course display_name="A course"><chapter url_name="c1"/></course>',
        "chapter/c1.xml": '<chapter display_name="One"><sequential url_name="s1"/></chapter>',
        "sequential/s1.xml": '<sequential display_name="Part"><vertical url_name="v1"/></sequential>',
        "vertical/v1.xml": f'<vertical display_name="Unit">{unit}</vertical>',
        **{name.replace("__", "/"): content for name, content in files.items()},
    }


def write(folder: Path, files: Files) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(content))
    return folder


def tar_gz(files: Files) -> bytes:
    """The files as a tar.gz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(_bytes(content))
            archive.addfile(member, io.BytesIO(_bytes(content)))
    return packed.getvalue()


def zipped(files: Files) -> bytes:
    """The files as a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, _bytes(content))
    return packed.getvalue()


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
