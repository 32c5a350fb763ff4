"""A completed course gives a certificate: once, with the names of that day, and taken back by a refund."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import transaction

from apps.certificates import actions, handlers
from apps.certificates.events import CertificateIssued, CertificateRevoked
from apps.certificates.models import Certificate
from apps.certificates.types import RevocationReason
from apps.enrollments.events import AccessRevoked, CourseCompleted
from apps.users.models import User
from learninghub.outbox import publish
from learninghub.outbox.models import OutboxMessage
from learninghub.storage import store
from tests.support.certificates import make_certificate
from tests.support.courses import make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.facts import deliver_all, published
from tests.support.people import make_person

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.django_db
class TestCompletion:
    def test_gives_a_certificate_with_the_names_as_they_stand(self):
        learner = make_person(display_name="Ada Lovelace", locale="de", time_zone="Asia/Tokyo")
        author = make_person(display_name="Dr. Mary Somerville", roles={"instructor"})
        course = make_course(author=author, title="Mechanism of the Heavens", lessons=1)
        enrollment = complete_course(enrol(learner, course), now=datetime(2026, 11, 22, 22, 30, tzinfo=UTC))
        deliver_all()

        row = Certificate.objects.get()
        assert (row.user_id, row.course_id, row.enrollment_id) == (learner.id, course.id, enrollment.id)
        assert (row.learner_name, row.course_title, row.instructor_name) == (
            "Ada Lovelace",
            "Mechanism of the Heavens",
            "Dr. Mary Somerville",
        )
        assert row.completed_on == date(2026, 11, 23), "the day in the learner's own time zone"
        assert published(CertificateIssued) == [
            CertificateIssued(certificate_id=row.id, user_id=learner.id, course_id=course.id, code=row.code)
        ]
        assert row.state == "rendered"
        assert store.read(row.sha256).startswith(b"%PDF-1.7")

    def test_stated_twice_gives_one_certificate(self):
        certificate = make_certificate()
        with transaction.atomic():
            publish(
                CourseCompleted(
                    enrollment_id=certificate.enrollment_id,
                    user_id=certificate.user_id,
                    course_id=certificate.course_id,
                    completed_at=NOON,
                )
            )
        deliver_all()

        assert Certificate.objects.get().id == certificate.id
        assert len(published(CertificateIssued)) == 1

    def test_stated_again_after_a_revocation_gives_no_second_one(self):
        certificate = make_certificate()
        staff = make_person(roles={"staff"})
        actions.revoke(
            certificate_id=certificate.id, reason=RevocationReason.MISCONDUCT, note="Copied", by=staff.id, now=NOON
        )
        handlers.issue_a_certificate(
            CourseCompleted(
                enrollment_id=certificate.enrollment_id,
                user_id=certificate.user_id,
                course_id=certificate.course_id,
                completed_at=NOON,
            )
        )

        assert Certificate.objects.get().revoked_at == NOON

    def test_keeps_the_names_when_people_and_courses_take_others(self):
        certificate = make_certificate(learner=make_person(display_name="Ada Byron"))
        User.objects.filter(id=certificate.user_id).update(display_name="Ada Lovelace")

        assert Certificate.objects.get().learner_name == "Ada Byron"

    def test_every_certificate_has_its_own_code_of_140_bits(self):
        codes = {actions._new_code() for _ in range(200)}
        assert len(codes) == 200
        assert {len(code) for code in codes} == {28}
        assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@pytest.mark.django_db
class TestAccessTakenBack:
    def revoke_access(self, certificate_or_enrollment, reason, enrollment_id):
        with transaction.atomic():
            publish(
                AccessRevoked(
                    enrollment_id=enrollment_id,
                    user_id=certificate_or_enrollment.user_id,
                    course_id=certificate_or_enrollment.course_id,
                    reason=reason,
                )
            )
        deliver_all()

    def test_by_a_refund_revokes_the_certificate_once(self):
        certificate = make_certificate()
        self.revoke_access(certificate, "refund", certificate.enrollment_id)
        self.revoke_access(certificate, "refund", certificate.enrollment_id)

        row = Certificate.objects.get()
        assert (row.revocation_reason, row.revoked_at is None) == ("refund", False)
        assert published(CertificateRevoked) == [
            CertificateRevoked(certificate_id=row.id, user_id=row.user_id, course_id=row.course_id, reason="refund")
        ]

    def test_by_the_learner_leaving_changes_nothing(self):
        certificate = make_certificate()
        self.revoke_access(certificate, "withdrawn", certificate.enrollment_id)

        assert Certificate.objects.get().revoked_at is None
        assert published(CertificateRevoked) == []

    def test_before_the_completion_is_heard_gives_no_certificate(self):
        enrollment = complete_course(enrol(make_person(), make_course(lessons=1)))
        self.forget_access(enrollment.id)
        self.revoke_access(enrollment, "refund", enrollment.id)

        assert Certificate.objects.count() == 0

    def forget_access(self, enrollment_id: UUID) -> None:
        from apps.enrollments.models import Enrollment  # noqa: PLC0415  refunds come with payments

        Enrollment.objects.filter(id=enrollment_id).update(state="revoked")


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def issue_at_once(self, race, enrollment):
        return race(
            lambda number: actions.issue(
                enrollment_id=enrollment.id,
                user_id=enrollment.user_id,
                course_id=enrollment.course_id,
                completed_at=NOON,
                now=NOON,
            ),
            4,
        )

    def test_issue_one_certificate_and_one_fact(self, race):
        enrollment = complete_course(enrol(make_person(), make_course(lessons=1)))
        OutboxMessage.objects.all().delete()
        results = self.issue_at_once(race, enrollment)

        assert sum(result is not None for result in results) == 1
        assert [result for result in results if isinstance(result, Exception)] == []
        assert Certificate.objects.count() == len(published(CertificateIssued)) == 1

    def test_without_the_lock_run_into_each_other(self, race, monkeypatch):
        """The control: the same race with the lock taken away fails on the constraint."""
        monkeypatch.setattr(actions, "_lock", lambda enrollment_id: None)
        meet = self.let_all_look_before_anyone_writes(monkeypatch, 4)
        enrollment = complete_course(enrol(make_person(), make_course(lessons=1)))
        results = self.issue_at_once(race, enrollment)

        assert meet.n_waiting == 0
        assert sorted(type(result).__name__ for result in results).count("IntegrityError") == 3
        assert Certificate.objects.count() == 1

    def let_all_look_before_anyone_writes(self, monkeypatch, runners):
        import threading  # noqa: PLC0415

        meet = threading.Barrier(runners)
        new_code = actions._new_code

        def wait_for_the_others():
            meet.wait(timeout=20)
            return new_code()

        monkeypatch.setattr(actions, "_new_code", wait_for_the_others)
        return meet

    def test_draw_the_same_file_once(self, race, monkeypatch):
        enrollment = complete_course(enrol(make_person(), make_course(lessons=1)))
        certificate = self.issue_at_once(race, enrollment)
        issued = next(found for found in certificate if found is not None)
        results = race(lambda number: actions.render(certificate_id=issued.id), 3)

        assert results == [None, None, None]
        row = Certificate.objects.get()
        assert (row.state, len(row.sha256), store.exists(row.sha256)) == ("rendered", 64, True)
