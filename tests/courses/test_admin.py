"""Staff's screens of courses and files: everything to be looked at, nothing to be changed there."""

import pytest
from django.contrib import admin
from django.test import Client

from apps.courses.models import Course, Lesson, Module
from apps.media.models import Asset, Rendition
from apps.users.models import User
from tests.support.courses import make_course
from tests.support.media import make_asset

pytestmark = pytest.mark.django_db
MODELS = [Course, Module, Lesson, Asset, Rendition]


@pytest.fixture
def desk(staff):
    client = Client()
    client.force_login(User.objects.get(id=staff.id))
    return client


@pytest.fixture(autouse=True)
def _rows(db, deliver_all):
    make_course(lessons=2)
    make_asset()
    deliver_all()


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_lists_searches_and_shows(desk, model):
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"

    assert desk.get(base).status_code == 200
    assert desk.get(base, {"q": "a"}).status_code == 200
    assert desk.get(f"{base}{model.objects.first().pk}/change/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_changes_nothing(desk, model):
    row = model.objects.first()
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    before = model.objects.values().get(pk=row.pk)

    for path in (f"{base}add/", f"{base}{row.pk}/change/", f"{base}{row.pk}/delete/"):
        assert desk.post(path, {"title": "Other", "post": "yes"}).status_code == 403
    assert model.objects.values().get(pk=row.pk) == before


def test_every_table_has_its_screen():
    assert set(MODELS) <= admin.site._registry.keys()
