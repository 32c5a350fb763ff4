"""Is a port free? Asked before anything is started."""

import contextlib
import socket
import sys


def demand_free(host: str, port: int, *, otherwise: str) -> None:
    """Exit with a word when nothing can listen there; `otherwise` says what else to do."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as why:
        sys.exit(
            f"Cannot listen on {host}:{port}: {why.strerror}. Where another program holds the port, "
            f"stop that one or {otherwise}"
        )


def beside(host: str, port: int) -> int:
    """A port that something may listen on there: a thousand above this one, or else any."""
    wanted = port + 1000 if port + 1000 < 2**16 else 0
    for candidate in (wanted, 0):
        family, kind, _, _, address = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0]
        with contextlib.suppress(OSError), socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    sys.exit(f"Nothing can listen on {host}.")
