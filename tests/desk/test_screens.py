"""Staff's screens: all can be listed, searched and looked at, by staff alone, and nothing be changed."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import reverse

from apps.content.models import Import
from learninghub.admin import StaffAdmin
from tests.permissions.world import build
from tests.support.desk import desk_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def screens() -> Iterator[tuple[str, ModelAdmin]]:
    for model, screen in admin.site._registry.items():
        yield f"admin:{model._meta.app_label}_{model._meta.model_name}", screen


def test_every_screen_is_read_only_by_birth():
    all_of_them = [screen for _, screen in screens()]
    assert len(all_of_them) >= 30
    assert [type(screen).__name__ for screen in all_of_them if not isinstance(screen, StaffAdmin)] == []


def test_staff_can_list_search_and_look_at_everything():
    staff = desk_of(build().people["staff"])
    looked_at = 0
    for name, screen in screens():
        assert staff.get(reverse(f"{name}_changelist")).status_code == 200, name
        if screen.search_fields or screen.people:
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
        assert staff.get(reverse(f"{name}_add")).status_code == 403, name
        row = screen.model._default_manager.order_by("pk").first()
        if row is not None:
            assert staff.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403, name
            assert staff.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403, name
            assert screen.model._default_manager.filter(pk=row.pk).exists()


def test_an_imports_report_is_a_table_of_what_became_of_each_element():
    staff = make_person(roles={"staff"})
    lines = [
        {"element": "html", "source": "a.xml", "title": "<b>Hello</b>", "outcome": "imported", "detail": ""},
        {"element": "poll", "source": "b.xml", "title": "Poll", "outcome": "skipped", "detail": "Not known here."},
        {"element": "html", "source": "c.xml", "title": "Bye", "outcome": "imported", "detail": ""},
    ]
    wish = Import.objects.create(requested_by_id=staff.id, filename="course.tar.gz", state="pending", report=lines)

    page = desk_of(staff).get(f"/admin/content/import/{wish.id}/change/").content.decode()

    assert "2 imported, 1 skipped" in page
    assert "<td>poll</td><td>Poll</td><td>b.xml</td><td>skipped</td><td>Not known here.</td>" in page
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page
