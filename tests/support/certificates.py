"""Certificates for tests: a learner completes a course, and the facts and jobs do the rest."""

from typing import Any

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
