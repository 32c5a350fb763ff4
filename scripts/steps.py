"""Checks that run one after the other, each with its name, its time, and its words only when it fails."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Command = Sequence[str | Path]


def run(
    steps: Sequence[tuple[str, Command | Callable[[], None]]],
    *,
    env: Mapping[str, str] | None = None,
    each_needs_those_before: bool = False,
) -> int:
    """Runs them all, whatever fails unless told otherwise; returns the exit code.

    A step is a command, or a function that exits or raises.
    """
    failed = []
    for name, what in steps:
        if not _passes(name, what, env):
            failed.append(name)
            if each_needs_those_before:
                break
    print(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, what: Command | Callable[[], None], env: Mapping[str, str] | None) -> bool:
    print(f"  {name:<32}", end="", flush=True)
    began = time.monotonic()
    words = _fault_of(what, env)
    print(f"{'ok' if words is None else 'FAILED'} ({time.monotonic() - began:.1f} s)", flush=True)
    if words:
        print(words)
    return words is None


def _fault_of(what: Command | Callable[[], None], env: Mapping[str, str] | None) -> str | None:
    if callable(what):
        try:
            what()
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            return str(error) or repr(error)
        return None
    done = subprocess.run(what, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False)
    return None if done.returncode == 0 else done.stdout or f"exit code {done.returncode}"
