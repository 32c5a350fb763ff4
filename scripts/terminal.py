"""The keyboard for one program: Ctrl-C reaches it and not the make that started it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def foreground() -> Iterator[None]:
    """Be the terminal's foreground job, as a shell would have it; without a terminal, change nothing.

    make answers Ctrl-C with an error of its own, however well the program ended. Out of the foreground it
    only sees the exit code.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield
        return
    before = os.tcgetpgrp(terminal)
    if before != os.getpgrp():  # started in the background
        os.close(terminal)
        yield
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # sent to whoever takes the terminal from the background
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # the shell would not notice that we stand still
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(terminal, before)
        os.close(terminal)
