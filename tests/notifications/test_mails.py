"""Mails: one for each fact, with links made while they are sent."""

import re
from collections.abc import Callable

import pytest
from django.core import mail

from apps.notifications.models import Mail
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.http import Client
from tests.support.people import make_person

pytestmark = pytest.mark.django_db

ADA = {
    "email": "ada@example.org",
    "password": "a long enough one",
    "display_name": "Ada",
    "terms_version": "2026-11",
}


def test_registration_mails_a_link_that_proves_the_address(client: Client, deliver_all: Callable[[], int]):
    client.post("auth/register/", ADA)
    deliver_all()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ada@example.org"], "Confirm your e-mail address")
    token = re.search(r"/verify-email/\?token=(\S+)", sent.body)
    assert token
    assert client.post("users/verify-email/", {"token": token[1]}).status == 204
    deliver_all()
    assert [later.subject for later in mail.outbox[1:]] == ["Welcome to Learning Hub"]


def test_no_secret_is_kept_with_the_mail(client: Client, deliver_all: Callable[[], int]):
    client.post("auth/register/", ADA)
    deliver_all()
    token = re.search(r"token=(\S+)", mail.outbox[0].body)
    assert token
    assert list(Mail.objects.get().facts) == ["request_id"]
    assert token[1] not in str(Mail.objects.values())


def test_an_enrolment_is_confirmed_once_by_mail_and_once_in_the_list(
    deliver_all: Callable[[], int], as_user: Callable[..., Client]
):
    person = make_person()
    enrol(person, make_course(title="Knots"))
    deliver_all()
    assert deliver_all() == 0
    assert [sent.subject for sent in mail.outbox] == ["You are enrolled: Knots"]
    [news] = as_user(person).get("notifications/").json["results"]
    assert (news["title"], news["body"]) == ("You are enrolled", "A place in “Knots” is yours.")
