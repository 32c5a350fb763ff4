"""The server as a process of its own, and its controls over HTTP."""

import json
import re
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import stripe

from config.env import ROOT
from sandbox.stripe import SECRET_KEY, pay
from tests.support.stripe import basket


@contextmanager
def by_hand(*more):
    command = [sys.executable, "-m", "sandbox.stripe", "--port", "0", "--webhook-secret", "whsec_x", *more]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as started:
        try:
            found = re.search(r"http://[^;]+", started.stdout.readline())
            yield started, found[0]
        finally:
            started.kill()


@pytest.fixture(scope="module")
def url():
    with by_hand() as (_, url):
        yield url


def control(url, name, *, key=SECRET_KEY, **told):
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as line:
        line.request("POST", f"/_sandbox/{name}", json.dumps(told), {"Authorization": f"Bearer {key}"})
        answer = line.getresponse()
        return answer.status, json.load(answer).get("result")


def test_sells_and_obeys(url):
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": url}, max_network_retries=0).v1
    assert control(url, "fault", mode="fail_before", path="/v1/checkout/*") == (200, None)
    with pytest.raises(stripe.APIError):
        client.checkout.sessions.create(basket())
    session = client.checkout.sessions.create(basket())

    assert pay(session.url).status == 303
    assert control(url, "calls", method="POST", path="/v1/checkout/sessions") == (200, 2)
    status, events = control(url, "events")
    assert (status, events[-1]["type"]) == (200, "checkout.session.completed")
    _, (body, headers) = control(url, "signed", event=events[-1]["id"])
    assert stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_x").id == events[-1]["id"]


@pytest.mark.parametrize(
    ("name", "told", "status"),
    [
        ("reset", {"key": "sk_test_other"}, 401),
        ("explode", {}, 404),
        ("fault", {"mode": "melt"}, 400),
        ("advance", {"hours": 1}, 400),
        ("redeliver", {"event": "evt_none"}, 404),
    ],
    ids=["stranger", "unknown", "mode", "argument", "event"],
)
def test_refuses_what_is_no_control(url, name, told, status):
    assert control(url, name, **told)[0] == status


def test_stops_when_told():
    with by_hand() as (started, _):
        started.send_signal(signal.SIGTERM)

        assert started.wait(timeout=10) == 0


def test_stops_with_who_started_it_and_then_knows_what_it_knew(tmp_path):
    def client(url):
        return stripe.StripeClient(SECRET_KEY, base_addresses={"api": url}, max_network_retries=0).v1

    def create(url):
        return client(url).checkout.sessions.create(basket(), {"idempotency_key": "k"})

    kept = ("--state", tmp_path / "stripe.json", "--end-with-stdin")
    with by_hand(*kept) as (started, url):
        session = create(url)
        assert pay(session.url, card="4000002500003155", authenticate=False).status == 402
        started.stdin.close()
        assert started.wait(timeout=10) == 0
    with by_hand(*kept) as (_, url):
        assert pay(f"{url}/pay/{session.id}", card="4000000000000002").status == 402
        assert pay(f"{url}/pay/{session.id}").status == 303
        assert client(url).checkout.sessions.retrieve(session.id).payment_status == "paid"
        assert create(url).last_response.headers["Idempotent-Replayed"] == "true"
