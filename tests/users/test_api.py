"""The door of users."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from apps.users import api as users
from apps.users.errors import PersonNotFound
from apps.users.events import EmailVerified, RolesChanged, UserSuspended
from apps.users.models import OwaspArgon2Hasher, User
from apps.users.types import Role
from learninghub import audit
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from tests.support.people import email_of, make_person

pytestmark = pytest.mark.django_db


def test_people_are_known_one_by_one_and_many_at_once(queries_of: Any) -> None:
    ada, eve = make_person(display_name="Ada"), make_person(display_name="Eve")

    assert users.get_person(user_id=ada.id) == ada
    assert users.get_people(ids=[ada.id, eve.id, uuid4()]) == {ada.id: ada, eve.id: eve}
    assert users.get_people(ids=[]) == {}
    assert queries_of(lambda: users.get_people(ids=[ada.id, eve.id])) == 1
    assert [contact.email for contact in users.get_contacts(ids=[ada.id, eve.id]).values()] == [
        email_of(ada),
        email_of(eve),
    ]


def test_who_does_not_exist_is_not_found() -> None:
    for ask in (users.get_person, users.get_contact, users.get_credentials, users.hold_credentials):
        with pytest.raises(PersonNotFound):
            ask(user_id=uuid4())
    with pytest.raises(PersonNotFound):
        users.get_mailed_link(request_id=uuid4())


def test_a_person_is_found_by_address_in_any_spelling() -> None:
    ada = make_person(email="ada@example.org")

    assert users.find_by_email(email=" ADA@Example.org") == ada
    assert users.find_by_email(email="eve@example.org") is None
    assert users.find_by_email(email="nonsense") is None


def test_staff_grant_and_take_roles_and_it_is_written_down(published: Any) -> None:
    person, staff = make_person(), make_person(roles={"staff"})

    for _ in range(2):
        users.grant_role(user_id=person.id, role=Role.INSTRUCTOR, by=staff.id, now=now())
    assert users.get_person(user_id=person.id).roles == {Role.STUDENT, Role.INSTRUCTOR}
    for _ in range(2):
        users.revoke_role(user_id=person.id, role=Role.INSTRUCTOR, by=staff.id, now=now())

    assert users.get_person(user_id=person.id).roles == {Role.STUDENT}
    assert [(fact.granted, fact.revoked) for fact in published(RolesChanged)] == [
        ("instructor", None),
        (None, "instructor"),
    ]
    assert list(AuditEntry.objects.order_by("id").values_list("action", "actor_id", "subject_id")) == [
        ("users.role_granted", staff.id, person.id),
        ("users.role_revoked", staff.id, person.id),
    ]


def test_a_suspension_is_told_once_with_its_reason(published: Any) -> None:
    person, staff = make_person(), make_person(roles={"staff"})

    for _ in range(2):
        users.suspend(user_id=person.id, by=staff.id, reason="spam", now=now())
    for _ in range(2):
        users.reinstate(user_id=person.id, by=staff.id, reason="a mistake", now=now())

    assert [fact.user_id for fact in published(UserSuspended)] == [person.id]
    assert list(AuditEntry.objects.order_by("id").values_list("action", "reason")) == [
        ("users.suspended", "spam"),
        ("users.reinstated", "a mistake"),
    ]
    assert audit.verify() is None
    assert users.get_person(user_id=person.id).is_active


def test_the_first_staff_account_has_its_address_as_its_name(monkeypatch: Any) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")

    call_command("createsuperuser", interactive=False, email="Root@Example.org", display_name="Root", verbosity=0)

    root = User.objects.get(email="root@example.org")
    assert (root.is_staff, root.is_superuser, root.is_verified) == (True, True, True)
    assert users.authenticate(email="root@example.org", password="correct horse battery").user_id == root.id
    assert User.objects.get_by_natural_key("ROOT@example.org") == root


def test_passwords_are_hashed_as_owasp_says() -> None:
    hasher = OwaspArgon2Hasher()

    encoded = hasher.encode("correct horse battery", "a salt of sixteen")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("correct horse battery", encoded)
    assert not hasher.verify("another", encoded)


@pytest.mark.parametrize(
    "broken",
    [
        {"email": "Ada@example.org"},
        {"email": "nobody"},
        {"display_name": ""},
        {"roles": ["student", "emperor"]},
    ],
    ids=str,
)
def test_the_database_keeps_the_promises(broken: dict[str, Any]) -> None:
    person = make_person()

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(id=person.id).update(**broken)


def test_no_two_people_have_one_address() -> None:
    make_person(email="ada@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(email="ada@example.org")


def test_an_address_vouched_for_is_proven_once_and_in_the_log(published: Any) -> None:
    person, staff = make_person(verified=False), make_person(roles={"staff"})
    for _ in range(2):
        users.vouch_for(user_id=person.id, by=staff.id, now=now())
    assert users.get_person(user_id=person.id).is_verified
    assert published(EmailVerified) == [EmailVerified(user_id=person.id)]
    assert list(AuditEntry.objects.values_list("action", "actor_id")) == [("users.vouched_for", staff.id)]
