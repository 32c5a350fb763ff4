"""Is a port free? Asked before anything is started."""

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
