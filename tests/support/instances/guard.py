"""Ends what a test run leaves behind, however the run itself ended: a program of its own, never imported.

It reads lines: `+process PID SIGNAL`, `-process PID`, `+folder PATH`, `-folder PATH`. When its input ends, the
processes still on the list are asked by their signal, then killed with all their group, and the folders go.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

PATIENCE_S = 1.0  # a dead one may stay on the list until init has buried it


def main() -> None:
    processes: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        match line.rstrip("\n").split(" ", 2):
            case ["+process", number, word]:
                processes[int(number)] = int(word)
            case ["-process", number]:
                processes.pop(int(number), None)
            case ["+folder", path]:
                folders.append(path)
            case ["-folder", path]:
                folders.remove(path)
    _end(processes)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _end(processes: dict[int, int]) -> None:
    for process, word in processes.items():
        _send(process, signal.SIGCONT)
        _send(process, word)
    end = time.monotonic() + PATIENCE_S
    while any(_lives(process) for process in processes) and time.monotonic() < end:
        time.sleep(0.05)
    for process in processes:
        _send(process, signal.SIGKILL)


def _send(group: int, word: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, word)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
