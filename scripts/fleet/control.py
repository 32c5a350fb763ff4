"""The fleet's ear: a Unix socket in the variable folder that takes the name of a member to restart."""

import socket
from contextlib import suppress

from config.env import env

_PATH = env.var / "fleet.sock"


class NoFleet(Exception):
    """None runs with this variable folder."""


def ask_restart(name: str) -> str:
    """Has the running fleet restart a member; what it says once that has ended. Raises NoFleet.

    Without a name it says who there is: each member, and its process.
    """
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(_PATH))
        except OSError:
            raise NoFleet(f"No fleet runs here: nothing listens at {_PATH}.") from None
        line.sendall(f"{name}\n".encode())
        with line.makefile() as said:
            return said.read().strip()


def listen() -> socket.socket:
    """The socket; SystemExit where another fleet has it."""
    with suppress(NoFleet):
        ask_restart("")
        raise SystemExit(f"A fleet runs already: it listens at {_PATH}.")
    _PATH.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(_PATH))
    door.listen()
    return door


def accept(door: socket.socket) -> tuple[socket.socket, str]:
    """Who asks, and the name asked for; an empty one where nothing is said in time."""
    asker, _ = door.accept()
    asker.settimeout(1.0)
    with suppress(OSError):
        return asker, asker.recv(200).decode(errors="replace").strip()
    return asker, ""


def answer(asker: socket.socket, words: str) -> None:
    """Says it and hangs up."""
    with asker, suppress(OSError):
        asker.sendall(f"{words}\n".encode())


def close(door: socket.socket) -> None:
    door.close()
    _PATH.unlink(missing_ok=True)
