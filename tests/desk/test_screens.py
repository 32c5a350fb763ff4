"""Staff's screens: all can be listed, searched and looked at, by staff alone, and nothing be changed."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import reverse

from learninghub.admin import StaffAdmin
from tests.permissions.world import build
from tests.support.desk import desk_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def screens() -> Iterator[tuple[str, ModelAdmin]]:
    for model, screen in admin.site._registry.items():
        yield f"admin:{model._meta.app_label}_{model._meta.model_name}", screen


def test_every_screen_of_ours_is_read_only_by_birth():
    ours = [screen for _, screen in screens() if type(screen).__module__.startswith("apps.")]
    assert len(ours) >= 15
    assert [type(screen).__name__ for screen in ours if not isinstance(screen, StaffAdmin)] == []


def test_staff_can_list_search_and_look_at_everything():
    staff = desk_of(build().people["staff"])
    looked_at = 0
    for name, screen in screens():
        assert staff.get(reverse(f"{name}_changelist")).status_code == 200, name
        if screen.search_fields:
            assert staff.get(reverse(f"{name}_changelist"), {"q": "person"}).status_code == 200, name
        row = screen.model._default_manager.order_by("pk").first()
        if row is not None:
            assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, name
            looked_at += 1
    assert looked_at >= 10


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_others_get_no_further_than_the_login(role: str):
    browser = desk_of(make_person(roles={role}))
    for name, _ in screens():
        answer = browser.get(reverse(f"{name}_changelist"))
        assert (answer.status_code, answer.headers["Location"].startswith("/admin/login/")) == (302, True)


def test_nothing_can_be_added_changed_or_deleted():
    staff = desk_of(build().people["staff"])
    for name, screen in screens():
        if not isinstance(screen, StaffAdmin):
            continue
        assert staff.get(reverse(f"{name}_add")).status_code == 403, name
        row = screen.model._default_manager.order_by("pk").first()
        if row is not None:
            assert staff.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403, name
            assert staff.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403, name
            assert screen.model._default_manager.filter(pk=row.pk).exists()
