"""Environments for tools that are no part of the project's own: made from a locked list when that has changed."""

import hashlib
import subprocess
import sys
from pathlib import Path


def provide(folder: Path, requirements: Path) -> Path:
    """The environment's programs, installed by hash when the list has changed. Raises CalledProcessError."""
    stamp = folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _run(sys.executable, "-m", "venv", "--clear", folder)
        _run(
            folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--require-hashes", "--requirement", requirements,
        )  # fmt: skip
        stamp.write_text(wanted)
    return folder / "bin"


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
