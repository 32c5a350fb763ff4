"""What the fleet's processes hold of this machine's memory, each shared page counted in parts (PSS); Linux only."""

import contextlib
import re
from pathlib import Path

_PROC = Path("/proc")


def processes_of(session: int) -> list[int]:
    """The processes of a session: a member of the fleet and all that it has started. Empty where there is no /proc."""
    found = []
    for status in _PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            words = status.read_text().rpartition(")")[2].split()
            if int(words[3]) == session and words[0] != "Z":
                found.append(int(status.parent.name))
    return found


def pss(process: int) -> int:
    """Bytes; 0 for a process that has ended or is not ours to look at."""
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+) kB", (_PROC / str(process) / "smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    return 0
