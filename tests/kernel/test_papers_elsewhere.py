"""Certificates and invoices that lie in S3: private, and given by S3 itself to their owner and staff."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.certificates.models import Certificate
from apps.payments.models import Document
from learninghub.clock import now
from learninghub.readable import in_groups
from learninghub.storage import store
from tests.support import bills, certificates, stores
from tests.support.people import make_person
from tests.support.stores import follow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket")]
PAPER = b"%PDF-1.7 as issued"


@pytest.fixture
def owner(db: None) -> Any:
    return make_person()


@pytest.fixture(params=["certificate", "invoice"])
def paper(request: pytest.FixtureRequest, owner: Any) -> tuple[str, str]:
    """The address of a paper of the owner's, and the name under which it is saved."""
    if request.param == "certificate":
        certificates.add_file(certificates.issue_certificate(owner), PAPER)
        certificate = Certificate.objects.get()
        return f"certificates/{certificate.id}/pdf/", f"certificate-{in_groups(certificate.code)}.pdf"
    bills.add_file(bills.make_invoice(buyer=owner), PAPER)
    return f"payments/invoices/{Document.objects.get().id}/pdf/", "INV-2026-000001.pdf"


def test_the_bucket_gives_it_to_its_owner_and_to_staff(as_user, owner, paper):
    address, name = paper
    for person in (owner, make_person(roles={"staff"})):
        answer = as_user(person).get(address)
        assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (302, b"", "private, no-store")
        given = follow(answer.headers["Location"])
        assert (given.status, given.body, given.headers["Content-Type"]) == (200, PAPER, "application/pdf")
        assert given.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert given.headers["Cache-Control"] == "private, no-store"
    told = follow(as_user(owner).request("HEAD", address).headers["Location"], "HEAD")
    assert (told.status, told.headers["Content-Length"]) == (200, str(len(PAPER)))
    with time_machine.travel(now() + timedelta(minutes=5, seconds=2), tick=False):
        assert follow(answer.headers["Location"]).status == 403


def test_nobody_else_is_led_there(client, as_user, paper):
    address, _ = paper
    for who, status in (
        (client, 401),
        (as_user(make_person()), 404),
        (as_user(make_person(roles={"instructor"})), 404),
    ):
        for method in ("GET", "HEAD"):
            answer = who.request(method, address)
            assert (answer.status, "Location" in answer.headers) == (status, False)
            assert "x-amz" not in f"{dict(answer.headers)}{answer.text}".lower()


def test_finding_it_costs_as_many_statements_as_on_a_disk(as_user, owner, paper, queries_of, tmp_path):
    address, _ = paper
    elsewhere = queries_of(lambda: as_user(owner).get(address))

    with stores.files(tmp_path):
        store.put(PAPER)
        assert queries_of(lambda: as_user(owner).get(address)) == elsewhere
