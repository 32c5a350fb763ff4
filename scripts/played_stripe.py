"""Stripe, played beside the house where no key to the real one is set: see sandbox/stripe/."""

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from sandbox.stripe import buyer
from scripts import ports

ROOT = Path(__file__).resolve().parent.parent
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  and where that is reached
_LAST_WORDS_S = 10


@dataclass(frozen=True)
class Part:
    """Where Stripe is to be played, and the secrets that it shares with the house."""

    host: str
    port: int
    secret_key: str
    webhook_secret: str

    @property
    def url(self) -> str:
        return _address(_EVERYWHERE.get(self.host, self.host), self.port)


@dataclass(frozen=True)
class Till:
    """The played one for the demo, which buys in the past: its clock can be set, its pages take cards that are none."""

    part: Part

    def set_clock(self, *, behind: float) -> None:
        """Sets its clock so many seconds behind the true one."""
        request = urllib.request.Request(  # noqa: S310  the one that we play
            f"{self.part.url}/_sandbox/set_clock",
            data=json.dumps({"behind": behind}).encode(),
            headers={"Authorization": f"Bearer {self.part.secret_key}"},
        )
        urllib.request.urlopen(request, timeout=_LAST_WORDS_S).close()  # noqa: S310

    def pay(self, session_url: str, *, card: str) -> None:
        """Pays at the session's page, as it is reached from here and nowhere else."""
        buyer.pay(urljoin(self.part.url, urlsplit(session_url).path), card=card)


def cast(*, host: str, beside: int) -> Part | None:
    """A part on a port beside the house's own, of which the house learns by its environment once it reads that.

    None where the environment names a key to the real one.
    """
    if os.environ.get("STRIPE_SECRET_KEY"):
        return None
    part = Part(host, ports.beside(host, beside), f"sk_test_{secrets.token_hex(12)}", f"whsec_{secrets.token_hex(12)}")
    os.environ |= {
        "STRIPE_SECRET_KEY": part.secret_key,
        "STRIPE_WEBHOOK_SECRET": part.webhook_secret,
        "STRIPE_API_URL": part.url,
    }
    return part


@contextmanager
def played(part: Part | None, *, site: str, state: Path) -> Iterator[None]:
    """Plays it, if there is a part, in a process that ends with ours and keeps what it knows in the file `state`."""
    if part is None:
        yield
        return
    command = [
        sys.executable, "-m", "sandbox.stripe", "--end-with-stdin",
        "--host", part.host,
        "--port", str(part.port),
        "--public-url", _address(urlsplit(site).hostname or part.host, part.port),
        "--webhook-url", f"{site}/api/v1/payments/webhooks/stripe/",
        "--webhook-secret", part.webhook_secret,
        "--secret-key", part.secret_key,
        "--state", str(state),
    ]  # fmt: skip
    # A session of its own: Ctrl-C is for the house, which may still have something to say to Stripe.
    with subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as player:
        if not (player.stdout and player.stdout.readline()):
            sys.exit("Stripe cannot be played; the lines above say why.")
        print(f"  Stripe is played at {part.url}: a checkout is paid with the card 4242 4242 4242 4242.", flush=True)
        try:
            yield
        finally:
            player.terminate()
            player.wait(_LAST_WORDS_S)


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
