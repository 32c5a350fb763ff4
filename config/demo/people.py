"""The people of the demo."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.notifications import api as notifications
from apps.users import api as users
from apps.users.types import Role

PASSWORD = "open-the-books"  # noqa: S105  a demo is open to whoever runs it
TERMS = "2026-11"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Someone to log in as."""

    email: str
    display_name: str
    locale: str = "en"
    time_zone: str = "UTC"
    role: Role | None = None


STAFF = DemoPerson("staff@learninghub.example", "Sam Okafor", role=Role.STAFF)
INSTRUCTOR = DemoPerson("ines@learninghub.example", "Inés Moreau", role=Role.INSTRUCTOR)
COLLEAGUE = DemoPerson("kofi@learninghub.example", "Kofi Mensah", role=Role.INSTRUCTOR)
LEARNER = DemoPerson("lin@learninghub.example", "Lin Zhao")
TEAM = (COLLEAGUE, INSTRUCTOR, STAFF)
LOGINS = (STAFF, INSTRUCTOR, LEARNER)


def welcome(person: DemoPerson, *, now: datetime) -> UUID:
    """The person's account, with a proven address and their role; returns its id. Harmless twice.

    All but the one to log in as a learner are written to only where the law wants it: about money.
    """
    account = users.find_by_email(email=person.email) or users.register(
        email=person.email,
        password=PASSWORD,
        display_name=person.display_name,
        locale=person.locale,
        time_zone=person.time_zone,
        terms_version=TERMS,
        now=now,
    )
    if person != LEARNER:
        notifications.stop_mails(user_id=account.id)
    users.vouch_for(user_id=account.id, by=account.id, now=now)
    if person.role:
        users.grant_role(user_id=account.id, role=person.role, by=account.id, now=now)
    return account.id
