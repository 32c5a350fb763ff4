"""The door of certificates: what they say; and drawing one without waiting, for the demo."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from apps.certificates import queries
from apps.certificates.actions import render
from apps.certificates.types import Certificate
from learninghub.db import Figures

__all__ = ["figures", "find_for_course", "get_certificate", "get_certificates", "render"]


def get_certificate(*, certificate_id: UUID) -> Certificate:
    """One certificate; raises CertificateNotFound."""
    return queries.get(certificate_id=certificate_id)


def get_certificates(*, ids: Collection[UUID]) -> dict[UUID, Certificate]:
    """Many certificates in one statement; unknown ids are left out."""
    return queries.list_by_id(ids=ids)


def find_for_course(*, user_id: UUID, course_id: UUID) -> Certificate | None:
    """The learner's certificate of the course, where there is one that holds."""
    return queries.find_for_course(user_id=user_id, course_id=course_id)


def figures(*, first: date, last: date) -> Figures:
    """The certificates issued on each day."""
    return queries.figures(first=first, last=last)
