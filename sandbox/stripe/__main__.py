"""`python -m sandbox.stripe`: serves until it is told to stop."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandbox.stripe.server import RETRIES, SECRET_KEY, WEBHOOK_SECRET, StripeServer


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=4242)
    options.add_argument("--public-url", default="", help="what browsers reach it by, if it is not 127.0.0.1")
    options.add_argument("--webhook-url", default="")
    options.add_argument("--webhook-secret", default=WEBHOOK_SECRET)
    options.add_argument("--secret-key", default=SECRET_KEY)
    options.add_argument("--retries", type=_seconds, default=RETRIES, help="seconds between deliveries: 1,2,5")
    options.add_argument("--seed", type=int)
    options.add_argument("--state", type=Path, help="a file that keeps what it knows")
    options.add_argument("--end-with-stdin", action="store_true", help="stop, too, when standard input ends")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    chosen = vars(options.parse_args())
    if chosen.pop("end_with_stdin"):
        threading.Thread(target=_hear_the_end, args=(ended,), daemon=True).start()
    with StripeServer(**chosen) as server:
        print(f"Stripe is played at {server.url}; Ctrl-C stops.", flush=True)  # noqa: T201
        ended.wait()
    return 0


def _hear_the_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _seconds(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)


if __name__ == "__main__":
    sys.exit(main())
