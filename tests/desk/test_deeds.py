"""What staff do to a row: a form that calls an action, once, and tells what the action refused."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.certificates.models import Certificate
from apps.courses.models import Category, Course
from apps.notifications.models import Mail
from apps.users.models import User
from learninghub import audit
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.outbox.models import OutboxMessage
from tests.support.certificates import issue_certificate
from tests.support.courses import make_course
from tests.support.desk import carry_out, desk_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def row_of(person: Any) -> User:
    return User.objects.get(id=person.id)


def buttons(page: Any) -> set[str]:
    """The deeds offered on a row's page."""
    return set(re.findall(r'href="/admin/[a-z]+/[a-z]+/[0-9a-f-]{36}/([a-z-]+)/"', page.content.decode())) - {"change"}


def test_suspending_calls_the_action_with_its_fact_and_its_audit_entry(desk: Client, staff: Any, published: Any):
    person = make_person()

    answer = carry_out(desk, row_of(person), "suspend", reason="Spam in three courses.")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/users/user/{person.id}/change/")
    assert not row_of(person).is_active
    [entry] = AuditEntry.objects.filter(subject_id=person.id)
    assert (entry.action, entry.actor_id, entry.reason) == ("users.suspended", staff.id, "Spam in three courses.")
    assert OutboxMessage.objects.filter(name="users.user_suspended.v1", aggregate_id=str(person.id)).count() == 1
    assert audit.verify() is None


def test_only_what_can_be_done_to_the_row_is_offered(desk: Client):
    person = make_person()
    assert buttons(desk.get(f"/admin/users/user/{person.id}/change/")) == {"suspend", "grant-role", "revoke-role"}
    carry_out(desk, row_of(person), "suspend", reason="Spam.")
    assert buttons(desk.get(f"/admin/users/user/{person.id}/change/")) == {"reinstate", "grant-role", "revoke-role"}
    assert desk.get(f"/admin/users/user/{person.id}/suspend/").status_code == 404


def test_a_form_without_an_answer_is_shown_again_and_nothing_happens(desk: Client):
    person = make_person()

    answer = carry_out(desk, row_of(person), "suspend", reason=" ")

    assert (answer.status_code, answer.context["form"].errors) == (400, {"reason": ["This field is required."]})
    assert row_of(person).is_active
    assert not AuditEntry.objects.exists()


def test_what_the_action_refuses_is_told_at_its_field_and_nothing_happens(desk: Client):
    page = desk.get("/admin/courses/category/add-category/")
    said = {"once": page.context["form"]["once"].value(), "slug": "algebra", "name": "Algebra", "parent": "no-such"}

    answer = desk.post("/admin/courses/category/add-category/", said)

    assert answer.status_code == 400
    assert answer.context["form"].errors == {"parent": ["There is no category no-such."]}
    assert not Category.objects.exists()
    again = desk.post("/admin/courses/category/add-category/", said | {"parent": ""})
    assert (again.status_code, Category.objects.get().name) == (302, "Algebra")


def test_a_form_sent_twice_is_carried_out_once(desk: Client):
    person = make_person()
    address = f"/admin/users/user/{person.id}/grant-role/"
    said = {"once": desk.get(address).context["form"]["once"].value(), "role": "instructor"}

    first = desk.post(address, said)
    carry_out(desk, row_of(person), "revoke-role", role="instructor")
    second = desk.post(address, said)

    assert (first.status_code, second.status_code) == (302, 302)
    assert "instructor" not in row_of(person).roles


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_deeds_are_for_staff_alone(role: str):
    person = make_person()
    browser = desk_of(make_person(roles={role}))
    address = f"/admin/users/user/{person.id}/suspend/"

    for answer in (browser.get(address), browser.post(address, {"reason": "Because."})):
        assert (answer.status_code, answer.headers["Location"].startswith("/admin/login/")) == (302, True)
    assert row_of(person).is_active


def test_a_deed_needs_the_forms_own_token(staff: Any):
    person = make_person()
    browser = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    browser.force_login(row_of(staff))

    answer = browser.post(f"/admin/users/user/{person.id}/suspend/", {"reason": "Because."})

    assert (answer.status_code, row_of(person).is_active) == (403, True)


def test_a_course_is_archived_and_a_category_renamed(desk: Client, staff: Any):
    course = Course.objects.get(id=make_course(author=make_person(roles={"instructor"})).id)
    shelf = Category.objects.create(slug="shelf", name="Shelf")

    assert carry_out(desk, course, "archive").status_code == 302
    assert carry_out(desk, shelf, "rename", name="Shelves").status_code == 302

    course.refresh_from_db()
    shelf.refresh_from_db()
    assert (course.state, shelf.name) == ("archived", "Shelves")
    assert desk.get(f"/admin/courses/course/{course.id}/archive/").status_code == 404


def test_a_certificate_is_revoked_with_a_reason_for_all_and_a_note_for_the_log(desk: Client):
    certificate = Certificate.objects.get(id=issue_certificate(make_person(), make_course(lessons=1)).id)

    carry_out(desk, certificate, "revoke", reason="misconduct", note="Copied the final exam.")

    certificate.refresh_from_db()
    assert (certificate.revoked_at is None, certificate.revocation_reason) == (False, "misconduct")
    assert AuditEntry.objects.get(subject_id=certificate.id).reason == "Copied the final exam."


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_a_lost_mail_is_queued_again(desk: Client, state: str):
    mail = Mail.objects.create(
        user_id=make_person().id, kind="welcome", source_id=make_person().id, facts={}, state=state,
        queued_at=now(), done_at=now(),
    )  # fmt: skip

    carry_out(desk, mail, "send-again", reason="The server was down.")

    mail.refresh_from_db()
    assert (mail.state, mail.done_at) == ("queued", None)
    [job] = OutboxMessage.objects.filter(name="notifications.send")
    assert str(mail.id) in str(job.payload)
    assert desk.get(f"/admin/notifications/mail/{mail.id}/send-again/").status_code == 404
