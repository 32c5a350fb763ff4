"""The engine: the one that runs, or one of our own for as long as the check takes."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_S = 30


class NoEngine(Exception):
    """Nothing here can build and run images; the words say what to install."""


@contextmanager
def running(folder: Path, *, start: bool) -> Iterator[list[str]]:
    """The command that speaks to an engine with compose; raises NoEngine, also where only `start` would bring one."""
    # Debian's client fits its engine; another may come earlier.
    places = sorted(os.environ["PATH"].split(os.pathsep), key=lambda place: place != "/usr/bin")
    docker = shutil.which("docker", path=os.pathsep.join(places))
    if docker is None:
        raise NoEngine("docker is not installed (Debian: docker.io, and the compose plugin)")
    if _answers([docker]):
        yield _with_compose([docker])
        return
    if not start:
        raise NoEngine("no Docker engine runs here")
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        raise NoEngine("no Docker engine runs, and none of our own can be started (root and Debian's docker.io)")
    folder.mkdir(parents=True, exist_ok=True)
    socket = f"unix://{folder}/docker.sock"
    filters = _told("iptables-save")
    folders: list[str | Path] = ["--data-root", folder / "data", "--exec-root", folder / "exec", "-p", folder / "pid"]
    with (folder / "log").open("wb") as log:
        engine = subprocess.Popen(["dockerd", "-H", socket, *folders], stdout=log, stderr=log)
    try:
        command = [docker, "-H", socket]
        end = time.monotonic() + _PATIENCE_S
        while not _answers(command):
            if engine.poll() is not None or time.monotonic() > end:
                raise NoEngine(f"the Docker engine does not start: {(folder / 'log').read_text()[-400:]}")
            time.sleep(0.2)
        yield _with_compose(command)
    finally:
        engine.terminate()
        engine.wait()
        _leave_no_trace(filters)


def _answers(command: list[str]) -> bool:
    return subprocess.run([*command, "info"], capture_output=True, check=False, timeout=30).returncode == 0


def _with_compose(command: list[str]) -> list[str]:
    if subprocess.run([*command, "compose", "version"], capture_output=True, check=False).returncode != 0:
        raise NoEngine("the compose plugin (version 2) is not installed")
    return command


def _leave_no_trace(filters: str) -> None:
    """An engine leaves its bridge, its chains, and a machine that forwards nothing."""
    subprocess.run(["ip", "link", "delete", "docker0"], capture_output=True, check=False)
    forwards = next((line.split()[1] for line in filters.splitlines() if line.startswith(":FORWARD")), "ACCEPT")
    kept = [
        line.replace(":FORWARD DROP", f":FORWARD {forwards}")
        for line in _told("iptables-save").splitlines()
        if "docker" not in line.lower()
    ]
    subprocess.run(["iptables-restore"], input="\n".join([*kept, ""]), text=True, capture_output=True, check=False)


def _told(command: str) -> str:
    return subprocess.run([command], capture_output=True, text=True, check=True).stdout
