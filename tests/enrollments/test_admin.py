"""Staff's screens of enrollments: to be looked at and searched, not to be changed."""

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from apps.enrollments.models import Enrollment, TrackedCourse
from apps.users.models import User
from tests.support.courses import make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
MODELS = [Enrollment, TrackedCourse]


@pytest.fixture
def desk(deliver_all: Any) -> Client:
    complete_course(enrol(make_person(display_name="Ada"), make_course(lessons=1)))
    deliver_all()
    client = Client()
    client.force_login(User.objects.get(id=make_person(roles={"staff"}).id))
    return client


def address(model: type[Model]) -> str:
    return f"/admin/enrollments/{model._meta.model_name}/"


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_lists_searches_and_shows(desk: Client, model: type[Model]) -> None:
    row = model.objects.order_by("pk").first()
    assert desk.get(address(model)).status_code == 200
    assert desk.get(address(model), {"q": "ada"}).status_code == 200
    assert desk.get(f"{address(model)}{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_changes_nothing(desk: Client, model: type[Model]) -> None:
    row = model.objects.order_by("pk").first()
    before = model.objects.values().get(pk=row.pk)
    for path in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/"):
        assert desk.post(address(model) + path, {"post": "yes"}).status_code == 403
    assert model.objects.values().get(pk=row.pk) == before
