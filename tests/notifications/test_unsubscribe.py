"""The link at the foot of a mail: no login, and nothing changes by opening it."""

import re
from typing import Any

import pytest
from django.core import mail

from apps.gamification.events import BadgeEarned
from apps.notifications.models import Mail, Preference
from apps.notifications.queries.links import unsubscribe_url
from apps.notifications.rules import optional
from apps.notifications.types import Channel, Kind
from tests.support.http import Client
from tests.support.notifications import state_fact, work
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def link_for(person: Any, kind: Kind = Kind.BADGE) -> str:
    return "/unsubscribe/" + unsubscribe_url(user_id=person.id, kind=kind).partition("/unsubscribe/")[2]


def press(client: Client, link: str, wish: str) -> Any:
    return client.request("POST", link, body=f"wish={wish}".encode(), content_type=FORM)


def off() -> list[tuple[str, str]]:
    return list(Preference.objects.order_by("kind", "channel").values_list("kind", "channel"))


def tell(person: Any) -> None:
    state_fact(BadgeEarned(user_id=person.id, badge="b", name="B"))
    work()


def test_the_mailed_link_opens_a_page_that_asks(client: Client):
    tell(make_person())
    link = re.search(r"https?://[^/]+(/unsubscribe/\S+/)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1])
    assert page.status == 200
    assert "no more mails of the kind “Badges”" in page.text
    assert off() == []


def test_one_click_of_a_mail_program_is_enough(client: Client):
    person = make_person()
    done = client.request("POST", link_for(person), body=b"List-Unsubscribe=One-Click", content_type=FORM)
    assert done.status == 200
    assert "Set-Cookie" not in done.headers
    assert off() == [("badge", "mail")]
    tell(person)
    assert Mail.objects.count() == 0


def test_twice_is_as_once(client: Client):
    person = make_person()
    assert [press(client, link_for(person), "no_more").status for _ in range(2)] == [200, 200]
    assert off() == [("badge", "mail")]


def test_a_slip_of_the_finger_is_undone(client: Client):
    person = make_person()
    press(client, link_for(person), "none_at_all")
    page = press(client, link_for(person), "again")
    assert "again" in page.text
    assert ("badge", "mail") not in off()


def test_all_mails_that_may_end_can_end_at_once(client: Client):
    press(client, link_for(make_person()), "none_at_all")
    assert off() == sorted((kind.value, "mail") for kind, channel in optional() if channel == Channel.MAIL)


def test_it_ends_the_mails_of_one_person_only(client: Client):
    person, other = make_person(), make_person()
    press(client, link_for(person), "no_more")
    tell(other)
    assert Mail.objects.get().user_id == other.id


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_forged_link_does_nothing(client: Client, method: str):
    person, other = make_person(), make_person()
    honest = link_for(person)
    for forged in (
        honest.replace(str(person.id), str(other.id)),
        honest.replace(":badge:", ":welcome:"),
        honest[:-3] + "/",
        "/unsubscribe/x/",
        f"/unsubscribe/{person.id}:badge/",
        link_for(person, Kind.PASSWORD_CHANGED),  # signed by us, but not to be switched off
    ):
        answer = client.request(method, forged, body=b"wish=no_more", content_type=FORM)
        assert answer.status == 404
        assert "This link is not one of ours" in answer.text
    assert off() == []


def test_the_page_speaks_the_readers_language(client: Client):
    page = client.get(link_for(make_person(locale="de")))
    assert '<html lang="de">' in page.text
    assert "Mails der Art „Abzeichen“" in page.text


def test_the_page_is_locked_down_and_tells_nobody_its_address(client: Client):
    page = client.get(link_for(make_person()))
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
