"""The lines of many processes on one screen."""

import itertools
import sys

_COLOURS = itertools.cycle((36, 33, 32, 35, 34, 96, 93, 92, 95, 94))


class Screen:
    """Writes each line behind the name of who said it; in colours on a terminal alone."""

    def __init__(self, names: list[str]) -> None:
        self._width = max(map(len, names))
        is_terminal = sys.stdout.isatty()
        self._colours = {name: next(_COLOURS) for name in names} if is_terminal else {}

    def show(self, name: str, line: str) -> None:
        head = f"{name:<{self._width}} |"
        if colour := self._colours.get(name):
            head = f"\x1b[{colour}m{head}\x1b[0m"
        print(head, line, flush=True)
