"""What WeasyPrint needs of the machine. Standard library only, so that a bare Python may ask."""

import ctypes
import os
import sys
from contextlib import suppress
from functools import cache

DEBIAN_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig")
_APT_GET = f"{'' if os.geteuid() == 0 else 'sudo '}apt-get install -y {' '.join(DEBIAN_PACKAGES)}"
INSTALL_LINE = "brew install pango" if sys.platform == "darwin" else _APT_GET

# Without harfbuzz-subset WeasyPrint still runs, six times slower, and warns that it will not for long: we ask for it.
_LIBRARIES = {
    "gobject": ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    "pango": ("libpango-1.0.so.0", "libpango-1.0.0.dylib"),
    "pangoft2": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib"),
    "harfbuzz": ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    "fontconfig": ("libfontconfig.so.1", "libfontconfig.1.dylib"),
}
_HOMEBREW = ("", "/opt/homebrew/lib/", "/usr/local/lib/")


def missing() -> str | None:
    """What the machine lacks for PDF files, with the line that installs it; None where all is there.

    Cheap enough for a health check: what was found is not looked for again, what was not found is.
    """
    absent = [name for name, files in _LIBRARIES.items() if not _is_found(files)]
    return f"PDF files need {', '.join(absent)}: {INSTALL_LINE}" if absent else None


def _is_found(files: tuple[str, ...]) -> bool:
    with suppress(OSError):
        return _load(files)
    return False


@cache
def _load(files: tuple[str, ...]) -> bool:
    candidates = [f"{folder}{file}" for file in files for folder in _HOMEBREW]
    for candidate in candidates:
        with suppress(OSError):
            ctypes.CDLL(candidate)
            return True
    raise OSError(candidates)


if __name__ == "__main__":
    sys.exit(missing())
