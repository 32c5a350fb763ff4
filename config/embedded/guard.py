"""Runs PostgreSQL for as long as the process that started it lives: a program of its own, never imported.

Usage: guard.py STARTER_PID LOCK_FD DATA DIRECTORIES_TO_REMOVE_AT_THE_END POSTGRES ARGUMENT...
It watches its parent, which works on macOS too; Linux's death signal covers the guard's own death. PostgreSQL holds
the lock file open for as long as it runs, whatever became of the rest, so that the next start waits for it.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
LOOK_EVERY_S = 0.05
PATIENCE_S = 60


def main(starter: int, lock: int, data: Path, leftovers: list[Path], command: list[str]) -> int:
    wish = _Wish(starter)
    signal.signal(signal.SIGTERM, wish.hear)
    postgres = subprocess.Popen(  # noqa: S603
        command,
        preexec_fn=_become_nobody_and_die_with_us,  # noqa: PLW1509  (this program has one thread)
        stdout=sys.stderr,
        pass_fds=[lock],
    )
    try:
        if _is_ready(postgres, data, wish):
            os.write(1, b"ready\n")
        elif wish.lasts():
            return 1
        while wish.lasts():
            if postgres.poll() is not None:
                return 1
            time.sleep(LOOK_EVERY_S)
    finally:
        _stop(postgres)
    for leftover in leftovers:
        shutil.rmtree(leftover, ignore_errors=True)
    return 0


class _Wish:
    """Whether the starter is there and has not asked for the end.

    To be asked only sets a mark: an exception could come out of the middle of `poll` and leave its lock taken for ever.
    """

    def __init__(self, starter: int) -> None:
        self._starter = starter
        self._has_ended = False

    def hear(self, _signal: int, _frame: FrameType | None) -> None:
        self._has_ended = True

    def lasts(self) -> bool:
        return not self._has_ended and os.getppid() == self._starter


def _become_nobody_and_die_with_us() -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    if sys.platform == "linux":  # after setuid, which would clear it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _is_ready(postgres: subprocess.Popen[bytes], data: Path, wish: _Wish) -> bool:
    status = data / "postmaster.pid"
    end = time.monotonic() + PATIENCE_S
    while postgres.poll() is None and wish.lasts() and time.monotonic() < end:
        lines = status.read_text().splitlines() if status.exists() else []
        if lines[:1] == [str(postgres.pid)] and lines[7:] and lines[7].strip() == "ready":
            return True
        time.sleep(0.02)
    return False


def _stop(postgres: subprocess.Popen[bytes]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for word, patience in ((signal.SIGINT, 2), (signal.SIGQUIT, 5)):  # fast shutdown, then immediate
        if postgres.poll() is None:
            postgres.send_signal(word)
        try:
            postgres.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return
    postgres.kill()
    postgres.wait()


if __name__ == "__main__":
    _, starter_pid, lock_fd, data_directory, to_remove, *postgres_command = sys.argv
    directories = [Path(part) for part in to_remove.split(os.pathsep) if part]
    sys.exit(main(int(starter_pid), int(lock_fd), Path(data_directory), directories, postgres_command))
