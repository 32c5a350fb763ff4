"""`make run`: looks at the address it is to serve on, then starts the house."""

import argparse
import os
import signal
import socket
import sys
import time
from importlib import import_module
from types import FrameType

from config import embedded
from scripts.terminal import foreground


def main() -> int:
    began = time.monotonic()
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--host", default="127.0.0.1")
    wanted.add_argument("--port", type=_port, default=3000)
    wanted.add_argument("--starter", type=int, help="stop when this process, our parent, is gone")
    given = wanted.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _check_port_is_free(given.host, given.port)
        site = f"http://{f'[{given.host}]' if ':' in given.host else given.host}:{given.port}"
        os.environ.setdefault("SITE_URL", site)
        house = import_module("scripts.house")  # only now: it reads the settings, SITE_URL among them
        with foreground():
            house.run(host=given.host, port=given.port, site=site, starter=given.starter, began=began)
    except embedded.NotStarted as why:
        sys.exit(f"\n{why}")
    except KeyboardInterrupt:
        pass
    print("Stopped.")
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"PORT={text} is not a port; expected a number from 1 to 65535")
    return int(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_port_is_free(host: str, port: int) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as why:
        sys.exit(
            f"Cannot listen on {host}:{port}: {why.strerror}. Where another program holds the port, "
            f"stop that one or choose another: make run PORT={port % 65535 + 1}"
        )


if __name__ == "__main__":
    sys.exit(main())
