"""Stripe beside `make run`: played where no key to the real one is set, ended with the house, and known to it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import stripe

from scripts import played_stripe
from scripts.played_stripe import Part
from tests.support.instances.server import free_port, until
from tests.support.stripe import basket

TOLD = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_URL")
DIES = """
import os, signal, sys
from pathlib import Path
from scripts import played_stripe
part = played_stripe.cast(host="127.0.0.1", beside=int(sys.argv[1]))
with played_stripe.played(part, site="http://127.0.0.1:9", state=Path(sys.argv[2]) / "stripe.json"):
    print(part.url, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in TOLD:
        monkeypatch.setenv(name, "")
    return monkeypatch


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.usefixtures("environment")
def test_it_is_what_the_house_is_told_of_and_ends_with_it(tmp_path: Path) -> None:
    part = played_stripe.cast(host="127.0.0.1", beside=free_port())
    assert isinstance(part, Part)
    assert [os.environ[name] for name in TOLD] == [part.secret_key, part.webhook_secret, part.url]
    with played_stripe.played(part, site="http://127.0.0.1:9", state=tmp_path / "stripe.json"):
        client = stripe.StripeClient(part.secret_key, base_addresses={"api": part.url}, max_network_retries=0)
        session = client.v1.checkout.sessions.create(basket())
        assert session.url.startswith(part.url)

    assert not _listens(part.port)
    assert session.id in (tmp_path / "stripe.json").read_text()


def test_the_real_one_is_asked_where_its_key_is_set(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("STRIPE_SECRET_KEY", "sk_live_ours")
    before = dict(os.environ)

    part = played_stripe.cast(host="127.0.0.1", beside=3000)
    with played_stripe.played(part, site="http://127.0.0.1:9", state=tmp_path / "stripe.json"):
        assert list(tmp_path.iterdir()) == []
    assert (part, dict(os.environ)) == (None, before)


@pytest.mark.usefixtures("environment")
def test_another_port_does_where_the_one_beside_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        part = played_stripe.cast(host="127.0.0.1", beside=port - 1000)

    assert part is not None
    assert part.port not in {port, port - 1000}


@pytest.mark.usefixtures("environment")
def test_it_ends_when_the_house_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DIES, str(free_port()), str(tmp_path)]
    died = subprocess.run(command, cwd=played_stripe.ROOT, capture_output=True, text=True, check=False)

    assert died.returncode == -signal.SIGKILL
    port = int(died.stdout.split()[-1].rpartition(":")[2])
    until(lambda: not _listens(port), "Stripe is played on for nobody")
