"""Certificates for tests: a learner completes a course, and the facts and jobs do the rest."""

from datetime import timedelta
from typing import Any

import pytest

from apps.certificates import actions, clients
from apps.certificates import api as certificates
from apps.certificates.types import Certificate
from apps.users.types import Person
from tests.support.courses import make_course
from tests.support.enrollments import complete_course, enrol
from tests.support.facts import deliver_all
from tests.support.people import make_person


def make_certificate(*, learner: Person | None = None, course: Any = None) -> Certificate:
    """The certificate of a learner who completed a course, its file drawn."""
    learner = learner or make_person()
    course = course or make_course(lessons=1)
    complete_course(enrol(learner, course))
    deliver_all()
    certificate = certificates.find_for_course(user_id=learner.id, course_id=course.id)
    assert certificate
    return certificate


def issue_certificate(learner: Person, course: Any = None) -> Certificate:
    """The certificate alone, its file still waiting to be drawn; no fact is delivered."""
    enrollment = complete_course(enrol(learner, course or make_course(lessons=1)))
    assert enrollment.completed_at
    certificate = actions.issue(
        enrollment_id=enrollment.id,
        user_id=enrollment.user_id,
        course_id=enrollment.course_id,
        completed_at=enrollment.completed_at,
        now=enrollment.completed_at + timedelta(minutes=1),
    )
    assert certificate
    return certificate


def add_file(certificate: Certificate, content: bytes) -> None:
    """Notes some bytes as the certificate's file, without the half second that drawing may take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "draw", lambda certificate: content)
        actions.render(certificate_id=certificate.id)
