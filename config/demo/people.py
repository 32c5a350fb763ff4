"""The people of the demo."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
    role: Role | None = None


STAFF = DemoPerson("staff@learninghub.example", "Sam Okafor", role=Role.STAFF)
INSTRUCTOR = DemoPerson("ines@learninghub.example", "Inés Moreau", role=Role.INSTRUCTOR)
LEARNER = DemoPerson("lin@learninghub.example", "Lin Zhao")
OTHERS = (
    DemoPerson("amira@learninghub.example", "Amira Haddad", locale="de"),
    DemoPerson("jonas@learninghub.example", "Jonas Weber", locale="de"),
    DemoPerson("oluwaseun@learninghub.example", "Oluwaseun Adeyemi"),
)
LOGINS = (STAFF, INSTRUCTOR, LEARNER)


def welcome(person: DemoPerson, *, now: datetime) -> UUID:
    """The person's account, with a proven address and their role; returns its id."""
    made = users.register(
        email=person.email,
        password=PASSWORD,
        display_name=person.display_name,
        locale=person.locale,
        time_zone="Europe/Berlin" if person.locale == "de" else "UTC",
        terms_version=TERMS,
        now=now,
    )
    users.vouch_for(user_id=made.id, by=made.id, now=now)
    if person.role:
        users.grant_role(user_id=made.id, role=person.role, by=made.id, now=now)
    return made.id
