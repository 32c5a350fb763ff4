"""A worker that does all that waits, as `make run` has it, and tells the peaks of its memory and its darkrooms'."""

import json
import re
import resource
import sys
from pathlib import Path

import django

django.setup()

from apps.media.readers import pictures  # noqa: E402  needs the settings
from config import working  # noqa: E402, F401  what a broker's worker carries besides
from learninghub.clock import now  # noqa: E402
from learninghub.db import roles  # noqa: E402
from learninghub.outbox.threads import work_until_idle  # noqa: E402


def _own_peak() -> int:
    # Not what `getrusage` has of oneself: that counts the process which this one was forked from.
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(kilobytes) * 1024


def _peak_of_darkrooms() -> int:
    """Of the hungriest one, whether it is the last or was replaced on the way."""
    pictures._darkroom.end()
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


if __name__ == "__main__":
    roles.take(roles.WORKER)
    work_until_idle(clock=now)
    json.dump({"worker": _own_peak(), "darkroom": _peak_of_darkrooms()}, sys.stdout)
