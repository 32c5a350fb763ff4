"""The routes: own certificates, the file, revoking, and what programs learn from a code."""

import hashlib
from uuid import uuid4

import pytest

from apps.certificates.events import CertificateRevoked
from apps.certificates.models import Certificate
from learninghub.audit.models import AuditEntry
from learninghub.readable import in_groups
from tests.support.certificates import issue_certificate, make_certificate
from tests.support.facts import published
from tests.support.pdf import text_of
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    return make_person(display_name="Ada Lovelace")


@pytest.fixture
def certificate(learner):
    return make_certificate(learner=learner)


class TestOwnCertificates:
    def test_are_listed_newest_first_and_are_only_ones_own(self, as_user, learner):
        make_certificate()
        mine = [make_certificate(learner=learner) for _ in range(3)]
        page = as_user(learner).get("certificates/", page_size=2).json
        rest = as_user(learner).get(page["next"]).json

        assert [found["id"] for found in page["results"] + rest["results"]] == [
            str(found.id) for found in sorted(mine, key=lambda found: (found.issued_at, found.id), reverse=True)
        ]

    def test_cost_the_same_for_three_and_for_thirty(self, as_user, learner, queries_of):
        def fill(number):
            for _ in range(number):
                issue_certificate(learner)

        client = as_user(learner)
        fill(3)
        few = queries_of(lambda: client.get("certificates/", page_size=100))
        fill(27)
        assert len(client.get("certificates/", page_size=100).json["results"]) == 30
        assert queries_of(lambda: client.get("certificates/", page_size=100)) == few == 1

    def test_show_all_that_is_on_paper(self, as_user, learner, certificate):
        answer = as_user(learner).get(f"certificates/{certificate.id}/")

        assert answer.json == {
            "id": str(certificate.id),
            "course_id": str(certificate.course_id),
            "learner_name": "Ada Lovelace",
            "course_title": certificate.course_title,
            "instructor_name": certificate.instructor_name,
            "completed_on": "2026-11-18",
            "issued_at": answer.json["issued_at"],
            "state": "rendered",
            "code": in_groups(certificate.code),
            "verify_url": f"http://127.0.0.1:3000/verify/{certificate.code}/",
            "revoked_at": None,
            "revocation_reason": None,
        }


class TestFile:
    def test_goes_to_its_owner_as_it_was_issued(self, as_user, learner, certificate):
        answer = as_user(learner).get(f"certificates/{certificate.id}/pdf/")

        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert in_groups(certificate.code) in answer.headers["Content-Disposition"]
        assert hashlib.sha256(answer.body).hexdigest() == certificate.sha256 == answer.headers["ETag"].strip('"')
        assert "Ada Lovelace" in text_of(answer.body)

    def test_may_be_asked_for_as_pdf(self, as_user, learner, certificate):
        client = as_user(learner)
        for asked in ({"Accept": "application/pdf"}, {"Accept": "application/json"}, {"Accept": "*/*"}):
            assert client.get(f"certificates/{certificate.id}/pdf/", headers=asked).status == 200
        refused = client.get(f"certificates/{uuid4()}/pdf/", headers=asked)
        assert (refused.status, refused.json["code"]) == (404, "not_found")

    def test_that_is_still_being_made_is_asked_for_again(self, as_user, learner):
        waiting = issue_certificate(learner)
        answer = as_user(learner).get(f"certificates/{waiting.id}/pdf/")

        assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (
            503,
            "certificate_not_ready",
            "5",
        )

    def test_of_a_revoked_certificate_is_no_longer_handed_out(self, as_user, learner, staff, certificate):
        revoke(as_user(staff), certificate)
        answer = as_user(learner).get(f"certificates/{certificate.id}/pdf/")

        assert (answer.status, answer.json["code"]) == (410, "certificate_withdrawn")


def revoke(client, certificate, **changes):
    body = {"reason": "misconduct", "note": "Copied answers", **changes}
    return client.post(f"certificates/{certificate.id}/revoke/", json=body)


class TestWhoMaySee:
    @pytest.mark.parametrize("path", ["", "pdf/"])
    def test_owner_and_staff_and_nobody_else(self, client, as_user, learner, staff, certificate, path):
        stranger = make_person(roles={"instructor"})
        address = f"certificates/{certificate.id}/{path}"

        assert client.get(address).status == 401
        assert as_user(stranger).get(address).status == 404
        assert as_user(learner).get(address).status == 200
        assert as_user(staff).get(address).status == 200
        assert as_user(stranger).get(f"certificates/{uuid4()}/{path}").status == 404

    def test_the_list_needs_a_log_in(self, client):
        assert client.get("certificates/").status == 401


class TestRevoking:
    def test_is_for_staff_and_changes_nothing_for_others(self, client, as_user, learner, certificate):
        instructor = make_person(roles={"instructor"})

        assert revoke(client, certificate).status == 401
        assert revoke(as_user(learner), certificate).status == 403
        assert revoke(as_user(instructor), certificate).status == 403
        assert Certificate.objects.get().revoked_at is None
        assert AuditEntry.objects.filter(action="certificates.revoked").count() == 0
        assert published(CertificateRevoked) == []

    def test_is_said_stated_and_written_down(self, as_user, staff, certificate):
        answer = revoke(as_user(staff), certificate)

        assert (answer.status, answer.json["revocation_reason"]) == (200, "misconduct")
        entry = AuditEntry.objects.get(action="certificates.revoked")
        assert (entry.actor_id, entry.subject_id, entry.reason) == (staff.id, certificate.id, "Copied answers")
        assert [fact.reason for fact in published(CertificateRevoked)] == ["misconduct"]

    def test_twice_is_refused(self, as_user, staff, certificate):
        revoke(as_user(staff), certificate)
        answer = revoke(as_user(staff), certificate, reason="mistake")

        assert (answer.status, answer.json["code"]) == (409, "already_revoked")
        assert Certificate.objects.get().revocation_reason == "misconduct"
        assert len(published(CertificateRevoked)) == 1

    @pytest.mark.parametrize("changes", [{"reason": "because"}, {"note": ""}, {"reason": None}])
    def test_needs_a_reason_of_the_list_and_a_note(self, as_user, staff, certificate, changes):
        answer = revoke(as_user(staff), certificate, **changes)

        assert (answer.status, list(answer.json["errors"])) == (400, list(changes))
        assert Certificate.objects.get().revoked_at is None

    def test_what_does_not_exist_is_not_found(self, as_user, staff):
        answer = as_user(staff).post(f"certificates/{uuid4()}/revoke/", json={"reason": "mistake", "note": "x"})
        assert (answer.status, answer.json["code"]) == (404, "certificate_not_found")


class TestVerifying:
    def test_needs_no_log_in_and_says_what_the_certificate_says(self, client, certificate):
        answer = client.get(f"certificates/verify/{certificate.code}/")

        assert answer.status == 200
        assert answer.json == {
            "code": in_groups(certificate.code),
            "status": "valid",
            "learner_name": "Ada Lovelace",
            "course_title": certificate.course_title,
            "instructor_name": certificate.instructor_name,
            "completed_on": "2026-11-18",
            "issued_at": answer.json["issued_at"],
            "revoked_at": None,
            "revocation_reason": None,
        }

    def test_has_the_same_shape_for_a_revoked_one_and_names_the_reason_but_not_the_note(
        self, client, as_user, staff, certificate
    ):
        before = client.get(f"certificates/verify/{certificate.code}/").json
        revoke(as_user(staff), certificate)
        answer = client.get(f"certificates/verify/{certificate.code}/")

        assert answer.status == 200
        assert list(answer.json) == list(before)
        assert (answer.json["status"], answer.json["revocation_reason"]) == ("revoked", "misconduct")
        assert answer.json["revoked_at"] is not None
        assert "Copied" not in answer.text

    def test_reads_codes_as_people_type_them(self, client, certificate):
        typed = in_groups(certificate.code).lower().replace("-", " ").replace("0", "o").replace("1", "i")
        assert client.get(f"certificates/verify/{typed}/").json["status"] == "valid"

    def test_denies_a_changed_code_wherever_it_is_changed(self, client, certificate):
        for place in range(28):
            other = "Z" if certificate.code[place] != "Z" else "Y"
            changed = certificate.code[:place] + other + certificate.code[place + 1 :]
            answer = client.get(f"certificates/verify/{changed}/")
            assert (answer.status, answer.json["code"]) == (404, "certificate_not_found")

    @pytest.mark.parametrize("code", ["x", "0" * 28, "0" * 5000, "%00", "' or 1=1 --", "Ünïcödé"])
    def test_denies_what_is_no_code(self, client, code):
        assert client.get(f"certificates/verify/{code}/").status == 404
