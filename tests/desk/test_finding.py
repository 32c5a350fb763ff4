"""Whoever's row it is: it is found by their name and by their address, on every screen."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test import RequestFactory

from apps.users.types import Person
from tests.support.belongings import School
from tests.support.desk import desk_of

pytestmark = pytest.mark.django_db

ABOUT_NOBODY = {
    "courses.category": "a shelf is nobody's",
    "gamification.reward": "it is offered to all",
    "payments.daytotal": "all sales of a day",
    "learninghub.outboxmessage": "facts and jobs on their way hold ids alone, and are gone when they have arrived",
}
ABOUT_NO_COURSE = {
    *ABOUT_NOBODY, "users.user", "users.linkrequest", "identity.session", "media.asset", "media.rendition",
    "notifications.notification", "notifications.mail", "notifications.preference", "gamification.standing",
    "gamification.earnedbadge", "gamification.redemption", "learninghub.auditentry",
}  # fmt: skip


def screens() -> Iterator[tuple[str, type[Model]]]:
    for model in admin.site._registry:
        yield model._meta.label_lower, model


def found(person: Person, model: type[Model], words: str) -> set[Any]:
    """The rows that the screen lists for these words; its page, which takes longer, is drawn in other tests."""
    request = RequestFactory().get("/", {"q": words})
    request.user = get_user_model().objects.get(id=person.id)
    return set(admin.site._registry[model].get_changelist_instance(request).queryset.values_list("pk", flat=True))


@pytest.fixture
def school() -> School:
    return School("Zeppelins")


def test_every_row_is_found_by_name_and_address_of_its_person(school: School):
    school.take_in(email="ada@found.example", display_name="Ada Byron Lovelace")
    school.take_in(email="mary@found.example", display_name="Mary Somerville")
    staff = school.staff
    looked_at = 0

    for name, model in screens():
        if name in ABOUT_NOBODY:
            continue
        hers = found(staff, model, "ada@found.example")
        others = found(staff, model, "Mary@found")
        assert hers, f"{name}: nothing of hers by her address"
        assert others, f"{name}: nothing of the other's by a part of her address"
        assert found(staff, model, "lovelace ADA") == hers, f"{name}: something else by her name"
        assert not hers & others, f"{name}: rows of both"
        assert found(staff, model, "nobody@found.example") == set(), name
        looked_at += 1

    assert looked_at == len(admin.site._registry) - len(ABOUT_NOBODY) >= 30


def test_rows_of_a_course_are_found_by_its_title(school: School):
    school.take_in(email="ada@found.example", display_name="Ada Lovelace")
    staff = school.staff

    for name, model in screens():
        titled = found(staff, model, "zeppelins")
        assert bool(titled) == (name not in ABOUT_NO_COURSE), name
        if titled:
            assert found(staff, model, "zeppelins ada") == titled & found(staff, model, "ada") != set(), name


def test_what_holds_an_id_without_a_foreign_key_is_found_all_the_same(school: School):
    ada = school.take_in(email="ada@found.example", display_name="Ada Lovelace")
    desk = desk_of(school.staff)

    entries = desk.get("/admin/learninghub/auditentry/", {"q": "ada@found.example"}).context["cl"].queryset
    events = desk.get("/admin/payments/stripeevent/", {"q": "Lovelace"}).context["cl"].queryset

    assert [(entry.action, ada.id in (entry.actor_id, entry.subject_id)) for entry in entries.order_by("id")][-2:] == [
        ("example.done", True),
        ("example.suffered", True),
    ]
    assert sorted(isinstance(event.order_ref, UUID) for event in events) == [False, True]


def test_a_list_that_is_searched_costs_the_same_for_few_and_many(school: School, queries_of: Any):
    desk = desk_of(school.staff)
    school.take_in(email="ada1@found.example")

    def costs() -> dict[str, int]:
        addresses = {name: f"/admin/{name.replace('.', '/')}/?q=ada" for name, _ in screens()}
        return {name: queries_of(lambda at=at: desk.get(at)) for name, at in addresses.items()}

    few = costs()
    for number in range(2, 5):
        school.take_in(email=f"ada{number}@found.example")
    assert costs() == few
