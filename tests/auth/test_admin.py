"""The way into the admin, and what staff see of people and sessions."""

from typing import Any

import pytest
from django.test import Client

from apps.users.models import User
from tests.support.people import PASSWORD, email_of, make_person

pytestmark = pytest.mark.django_db


def log_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post("/admin/login/", {"username": email, "password": password}).status_code


def test_staff_get_in_and_find_people_by_address_and_name() -> None:
    staff = make_person(roles={"staff"})
    make_person(email="ada@example.org", display_name="Ada Lovelace")
    client = Client()

    assert log_in(client, email_of(staff).upper()) == 302
    by_address = client.get("/admin/users/user/", {"q": "ada@exam"}).content.decode()
    by_name = client.get("/admin/users/user/", {"q": "lovelace"}).content.decode()

    assert "ada@example.org" in by_address
    assert "ada@example.org" in by_name
    assert email_of(staff) not in by_name.split("result_list")[1]


def test_people_are_read_and_not_written_and_their_hash_is_not_shown() -> None:
    staff, person = make_person(roles={"staff"}), make_person(display_name="Ada")
    client = Client()
    log_in(client, email_of(staff))

    page = client.get(f"/admin/users/user/{person.id}/change/")
    write = client.post(f"/admin/users/user/{person.id}/change/", {"display_name": "Eve", "is_superuser": "on"})

    assert page.status_code == 200
    assert User.objects.get(id=person.id).password not in page.content.decode()
    assert write.status_code == 403
    assert client.get("/admin/users/user/add/").status_code == 403
    assert client.post(f"/admin/users/user/{person.id}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.get(id=person.id).display_name == "Ada"


def test_sessions_are_listed_with_a_fixed_number_of_statements(client: Any, queries_of: Any) -> None:
    staff = make_person(roles={"staff"})
    browser = Client()
    log_in(browser, email_of(staff))

    def some_log_in(count: int) -> None:
        for _ in range(count):
            client.post("auth/token/", json={"email": email_of(make_person()), "password": PASSWORD})

    some_log_in(3)
    few = queries_of(lambda: browser.get("/admin/identity/session/"))
    some_log_in(27)
    assert queries_of(lambda: browser.get("/admin/identity/session/")) == few


@pytest.mark.parametrize("who", ["student", "suspended", "nobody", "no address"])
def test_nobody_else_gets_in(who: str) -> None:
    emails = {
        "student": email_of(make_person(roles={"instructor"})),
        "suspended": email_of(make_person(roles={"staff"}, is_active=False)),
        "nobody": "nobody@example.org",
        "no address": "nonsense",
    }
    client = Client()

    assert log_in(client, emails[who]) == 200
    assert client.get("/admin/users/user/").status_code == 302


def test_a_suspended_member_of_staff_is_out_at_the_next_click() -> None:
    staff = make_person(roles={"staff"})
    client = Client()
    log_in(client, email_of(staff))
    assert client.get("/admin/users/user/").status_code == 200

    User.objects.filter(id=staff.id).update(is_active=False)

    assert client.get("/admin/users/user/").status_code == 302


def test_guesses_at_the_admins_door_are_counted_like_all_others() -> None:
    email = email_of(make_person(roles={"staff"}))
    client = Client()
    for _ in range(10):
        assert log_in(client, email, "a wrong guess") == 200

    assert log_in(client, email) == 200
    assert client.get("/admin/users/user/").status_code == 302
