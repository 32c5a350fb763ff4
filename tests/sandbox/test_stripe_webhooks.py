"""What the server tells a shop: signed, in order, again until it is taken; and what it tells on request."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from sandbox.stripe import stripe_server
from tests.support.stripe import basket, client_of


class Shop:
    """Keeps what it is told and whether the signature is right; answers the first of `statuses` that is left."""

    def __init__(self):
        self.told, self.statuses, self.url = [], [], ""

    def hear(self, body, headers):
        try:
            event = stripe.Webhook.construct_event(body, headers.get("Stripe-Signature", ""), "whsec_sandbox")
        except stripe.SignatureVerificationError:
            return 400
        status = self.statuses.pop(0) if self.statuses else 200
        self.told.append((event.type, status))
        return status

    def types(self):
        return [kind for kind, _ in self.told]


@contextmanager
def open_shop() -> Iterator[Shop]:
    shop = Shop()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(shop.hear(body, self.headers))
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        shop.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield shop
        server.shutdown()


@pytest.fixture(scope="module")
def standing():
    with open_shop() as shop, stripe_server(webhook_url=shop.url, retries=(0.01, 0.01), seed=1) as server:
        yield shop, server


@pytest.fixture
def shop(standing):
    shop, server = standing
    server.reset()
    shop.told, shop.statuses = [], []
    return shop


@pytest.fixture
def server(standing, shop):
    return standing[1]


@pytest.fixture
def session(server):
    return client_of(server).v1.checkout.sessions.create(basket())


PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


class TestDeliveries:
    def test_come_signed_and_in_order(self, shop, server, session):
        server.pay(session.url)
        server.settle()

        assert shop.types() == PAID
        assert [(kind, status) for _, kind, status in server.attempts()] == [(kind, 200) for kind in PAID]

    def test_are_tried_again_until_taken_and_the_next_do_not_wait(self, shop, server, session):
        shop.statuses = [500, 200, 200, 200, 503]
        server.pay(session.url)
        server.settle()

        assert shop.types()[:4] == PAID
        assert shop.told[4:] == [(PAID[0], 503), (PAID[0], 200)]

    def test_are_given_up_in_the_end(self, shop, server):
        shop.statuses = [302, 500, 404, 200]
        client_of(server).v1.customers.create({})
        server.settle()

        assert [status for _, status in shop.told] == [302, 500, 404]

    def test_come_as_often_as_asked(self, shop, server):
        server.deliver_each(copies=3)
        client_of(server).v1.customers.create({})
        server.settle()

        assert shop.types() == ["customer.created"] * 3

    def test_come_late_when_asked(self, shop, server):
        server.deliver_each(delay=600)
        client_of(server).v1.customers.create({})
        with pytest.raises(TimeoutError, match=r"customer\.created"):
            server.settle(timeout=0.01)

        assert shop.told == []

    @pytest.mark.parametrize(("order", "came"), [("kept", PAID), ("reversed", PAID[::-1])])
    def test_are_held_and_let_go_in_the_order_asked(self, shop, server, session, order, came):
        server.hold()
        server.pay(session.url)
        server.settle()
        assert shop.told == []
        server.release(order)
        server.settle()

        assert shop.types() == came

    def test_state_an_end_by_the_clock(self, shop, server, session):
        server.advance(86400)
        server.settle()

        assert shop.types() == ["checkout.session.expired"]


class TestARedelivery:
    def test_comes_again_from_many_threads(self, shop, server):
        client_of(server).v1.customers.create({})
        server.settle()

        assert server.redeliver(server.events()[0]["id"], times=5, threads=8) == [200] * 5
        assert len(shop.told) == 6

    @pytest.mark.parametrize("forgery", ["old", "secret", "body", "unsigned"])
    def test_that_is_forged_is_not_believed(self, shop, server, forgery):
        client_of(server).v1.customers.create({})
        server.settle()

        assert server.redeliver(server.events()[0]["id"], forgery=forgery) == [400]
        assert len(shop.told) == 1

    def test_is_given_to_who_delivers_it_alone(self, server):
        client_of(server).v1.customers.create({})
        body, headers = server.signed(server.events()[0]["id"])

        event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], server.webhook_secret)
        assert (event.type, event.api_version) == ("customer.created", stripe.api_version)

    def test_may_tell_what_never_happened(self, shop, server):
        gone = {"id": "cus_gone", "object": "customer"}
        name = server.invent("customer.deleted", gone, age=3 * 86400)

        assert server.redeliver(name) == [200]
        (event,) = server.events()
        assert (event["id"], event["data"]["object"]["id"], shop.types()) == (name, "cus_gone", ["customer.deleted"])
        assert time.time() - event["created"] > 3 * 86400 - 60

    def test_from_the_future_says_its_time(self, server):
        client_of(server).v1.customers.create({})
        name = server.events()[0]["id"]
        now, future = (
            int(server.signed(name, forgery=forgery)[1]["Stripe-Signature"].split(",")[0].removeprefix("t="))
            for forgery in (None, "future")
        )

        assert 3599 <= future - now <= 3601
