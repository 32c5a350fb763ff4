"""The lines of many processes on one screen."""

import itertools
import os
import signal
import sys

_COLOURS = itertools.cycle((36, 33, 32, 35, 34, 96, 93, 92, 95, 94))


class Screen:
    """Writes each line behind the name of who said it; in colours on a terminal alone."""

    def __init__(self, names: list[str]) -> None:
        self._width = max(map(len, names))
        is_terminal = sys.stdout.isatty()
        self._colours = {name: next(_COLOURS) for name in names} if is_terminal else {}

    def show(self, name: str, line: str) -> None:
        """Shows it; where nobody reads any more, asks this process to end, once, and shows nothing from then on."""
        head = f"{name:<{self._width}} |"
        if colour := self._colours.get(name):
            head = f"\x1b[{colour}m{head}\x1b[0m"
        try:
            print(head, line, flush=True)
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.close(nowhere)
            os.kill(os.getpid(), signal.SIGTERM)
