"""WeasyPrint's system libraries, installed where that is ours to do."""

import os
import shutil
import subprocess

from learninghub.pdf import system


def provide() -> str:
    """As root on Debian, install what is missing; says how it stands with certificates."""
    if system.missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"  PDF files need {', '.join(system.DEBIAN_PACKAGES)}: installing them by apt-get ...", flush=True)
        install = ["install", "--yes", "--no-install-recommends", *system.DEBIAN_PACKAGES]
        if not _apt_get(install):  # an image without package lists
            _apt_get(["update"])
            _apt_get(install)
    if lacking := system.missing():
        return f"{lacking}\n    Until then certificates wait; all else runs."
    return "Certificates can be made."


def _apt_get(arguments: list[str]) -> bool:
    silent = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(["apt-get", *arguments], env=silent, capture_output=True, check=False).returncode == 0
