"""WeasyPrint's system libraries: which are missing, and how to get them."""

import ctypes
import os
import shutil
import subprocess
import sys

APT_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig")
APT_LINE = f"apt-get install --no-install-recommends {' '.join(APT_PACKAGES)}"
BREW_LINE = "brew install pango"
NAMES = {
    "linux": (
        "libgobject-2.0.so.0",
        "libpango-1.0.so.0",
        "libpangoft2-1.0.so.0",
        "libharfbuzz.so.0",
        "libharfbuzz-subset.so.0",
        "libfontconfig.so.1",
    ),
    "darwin": (
        "libgobject-2.0.dylib",
        "libpango-1.0.dylib",
        "libpangoft2-1.0.dylib",
        "libharfbuzz.dylib",
        "libharfbuzz-subset.dylib",
        "libfontconfig.dylib",
    ),
}


def missing() -> list[str]:
    return [name for name in NAMES.get(sys.platform, ()) if not _loads(name)]


def provide() -> str:
    """Install what is missing where that is ours to do; says how it stands with certificates."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"  Certificates need {', '.join(APT_PACKAGES)}: installing them by apt-get ...", flush=True)
        _install()
    if not missing():
        return "Certificates can be made."
    line = BREW_LINE if sys.platform == "darwin" else APT_LINE if os.geteuid() == 0 else f"sudo {APT_LINE}"
    return f"Certificates wait, for {', '.join(missing())}. They are made once you have run:\n    {line}"


def _install() -> None:
    install = ["install", "--yes", "--no-install-recommends", *APT_PACKAGES]
    if not _apt_get(install):  # an image without package lists
        _apt_get(["update"])
        _apt_get(install)


def _apt_get(arguments: list[str]) -> bool:
    silent = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(["apt-get", *arguments], env=silent, capture_output=True, check=False).returncode == 0


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
