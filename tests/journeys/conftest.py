"""Every story twice: in one process, and against the fleet of processes over HTTP."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail

from config.invariants import INVARIANTS
from config.invariants.checking import check
from learninghub.outbox.models import InboxEntry, OutboxMessage
from sandbox import s3
from sandbox.stripe import StripeServer
from tests.journeys import steps
from tests.support import fleet, stores
from tests.support.http import Client, Mail
from tests.support.payments import Shop

TEACHER = "ines@example.org"


@pytest.fixture(scope="session")
def the_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fleet.Fleet]:
    with fleet.running(tmp_path_factory.mktemp("fleet")) as running:
        yield running


@pytest.fixture(params=["one-process", "fleet"])
def shape(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[fleet.Fleet | None]:
    """The fleet, as if nothing had happened in it; None for the one process.

    A story is marked django_db in either shape: that is how its database is known to be needed.
    """
    if request.param == "one-process":
        yield None
        return
    running: fleet.Fleet = request.getfixturevalue("the_fleet")
    running.empty()
    with django_db_blocker.unblock(), fleet.looking_into(running.database):
        yield running


@pytest.fixture
def client(shape: fleet.Fleet | None, application: Callable[..., Any]) -> Client:
    """Someone without a name."""
    return Client(shape.application if shape else application)


@pytest.fixture
def stripe(shape: fleet.Fleet | None, stripe_sandbox: StripeServer, settings: Any) -> StripeServer:
    """Stripe: it tells the fleet by itself what happens; to the one process `deliver_all` brings what it has signed."""
    if shape:
        return shape.stripe
    settings.STRIPE_SECRET_KEY = stripe_sandbox.secret_key
    settings.STRIPE_WEBHOOK_SECRET = stripe_sandbox.webhook_secret
    settings.STRIPE_API_URL = stripe_sandbox.url
    settings.SELLER, settings.SELLER_TAX_RATE = fleet.SELLER, fleet.TAX_RATE
    return stripe_sandbox


@pytest.fixture
def store(shape: fleet.Fleet | None) -> Iterator[None]:
    """Files lie in S3, which the fleet has always, and clients reach it by a name of its own."""
    if shape:
        yield
        return
    with s3.serve() as port, stores.objects(port, public_url=f"http://localhost:{port}"):
        yield


@pytest.fixture
def deliver_all(
    shape: fleet.Fleet | None, stripe: StripeServer, client: Client, as_user: Callable[[Any], Client]
) -> Callable[[], object]:
    """Returns once everything that follows from what was done has been done too, at Stripe as well as here."""
    return shape.settle if shape else Shop(stripe, client, as_user).settle


@pytest.fixture
def mails_to(shape: fleet.Fleet | None) -> Callable[[str], list[Mail]]:
    """The mails that came to an address, oldest first."""
    return shape.mails_to if shape else _mails_to


@pytest.fixture
def breached(shape: fleet.Fleet | None) -> Callable[[], list[str]]:
    """The invariants that do not hold, files in the store included, as `manage.py audit_invariants` finds them."""

    def in_one_process() -> list[str]:
        # What processes of other tests have done in this database.
        InboxEntry.objects.exclude(message_id__in=OutboxMessage.objects.values("message_id")).delete()
        return [found.code for found in check(INVARIANTS) if found.breaches]

    def in_the_fleet() -> list[str]:
        assert shape
        found: list[str] = json.loads(shape.run("manage.py", "audit_invariants", "--files", may_end_with=(0, 1)))[
            "breached"
        ]
        return found

    return in_the_fleet if shape else in_one_process


@pytest.fixture
def teacher(client: Client, deliver_all: steps.Deliver, mails_to: steps.MailsTo) -> Client:
    """Someone who registered, confirmed the address and began to teach."""
    fresh = steps.register(client, email=TEACHER, display_name="Inés Moreau")
    assert fresh.post("users/me/teaching/").status == 403
    steps.open_mailed_link(client, deliver_all, mails_to, email=TEACHER)
    assert fresh.post("users/me/teaching/").status == 200
    return steps.log_in(client, email=TEACHER)


def _mails_to(address: str) -> list[Mail]:
    found = [sent for sent in mail.outbox if sent.to == [address]]
    return [Mail(one.subject, str(one.body), {name: content for name, content, _ in one.attachments}) for one in found]
