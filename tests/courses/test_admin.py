"""Staff's screens of courses and files: everything to be looked at, nothing to be changed there."""

import pytest
from django.contrib import admin

from apps.courses.models import Course, Lesson, Module
from apps.media.models import Asset, Rendition
from tests.support.courses import make_course
from tests.support.desk import assert_changes_nothing, assert_shows, desk_of
from tests.support.media import make_asset

pytestmark = pytest.mark.django_db
MODELS = [Course, Module, Lesson, Asset, Rendition]


@pytest.fixture
def desk(staff, deliver_all):
    make_course(lessons=2)
    make_asset()
    deliver_all()
    return desk_of(staff)


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_lists_searches_and_shows(desk, model):
    assert_shows(desk, model, searched="a")


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_changes_nothing(desk, model):
    assert_changes_nothing(desk, model)


def test_every_table_has_its_screen():
    assert set(MODELS) <= admin.site._registry.keys()
