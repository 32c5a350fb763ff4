"""The list as it is filtered, as a file that no spreadsheet runs."""

import csv
import io

import pytest

from learninghub.audit.models import AuditEntry
from tests.support.desk import desk_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def table(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_rows_found_are_downloaded_and_formulas_are_disarmed():
    staff = make_person(roles={"staff"})
    make_person(email="eve@example.org", display_name='=HYPERLINK("http://x.example")')
    make_person(email="adam@example.org", display_name="Adam")

    answer = desk_of(staff).get("/admin/users/user/csv/", {"q": "eve@"})

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    heading, *rows = table(answer)
    assert heading[:2] == ["email", "display name"]
    assert [row[:2] for row in rows] == [["eve@example.org", '\'=HYPERLINK("http://x.example")']]
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.actor_id) == ("users.user.exported", staff.id)


def test_the_file_has_all_pages_at_the_price_of_one(queries_of):
    desk = desk_of(make_person(roles={"staff"}))
    few = queries_of(lambda: list(desk.get("/admin/users/user/csv/").streaming_content))
    for _ in range(130):
        make_person()
    many = queries_of(lambda: list(desk.get("/admin/users/user/csv/").streaming_content))
    assert many == few
    assert len(table(desk.get("/admin/users/user/csv/"))) == 1 + 131


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_others_get_no_file(role: str):
    answer = desk_of(make_person(roles={role})).get("/admin/users/user/csv/")
    assert (answer.status_code, answer.headers["Location"].startswith("/admin/login/")) == (302, True)
    assert not AuditEntry.objects.exists()
