"""What certificates tells other apps, and what is drawn on paper."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class CertificateState(StrEnum):
    """Whether the file is there yet."""

    WAITING = "waiting"
    RENDERED = "rendered"


class RevocationReason(StrEnum):
    """Why a certificate no longer holds, as anyone may know it."""

    REFUND = "refund"
    MISTAKE = "mistake"
    MISCONDUCT = "misconduct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as issued: the names and the date never change after."""

    id: UUID
    user_id: UUID
    course_id: UUID
    enrollment_id: UUID
    code: str
    learner_name: str
    course_title: str
    instructor_name: str
    locale: str
    completed_on: date
    issued_at: datetime
    state: CertificateState
    sha256: str
    revoked_at: datetime | None
    revocation_reason: RevocationReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFile:
    """What the file as issued is called, and the hash it is kept under."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A line on paper: the words, how large they may be, which way and in which language's shapes they run."""

    text: str
    size: str
    direction: str
    language: str
