"""`make run`: looks at the address it is to serve on, then starts the house."""

import argparse
import os
import signal
import sys
import time
from importlib import import_module
from types import FrameType

from config import embedded
from scripts import played_stripe, ports
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
        other = f"choose another: make run PORT={given.port % 65535 + 1}"
        ports.demand_free(given.host, given.port, otherwise=other)
        site = f"http://{f'[{given.host}]' if ':' in given.host else given.host}:{given.port}"
        os.environ.setdefault("SITE_URL", site)
        part = played_stripe.cast(host=given.host, beside=given.port)
        house = import_module("scripts.house")  # only now: it reads the settings, SITE_URL among them
        with foreground():
            house.run(host=given.host, port=given.port, site=site, part=part, starter=given.starter, began=began)
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


if __name__ == "__main__":
    sys.exit(main())
