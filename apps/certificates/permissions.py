"""Who may do what with a certificate."""

from uuid import UUID

from apps.certificates import queries
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule, has_role

IsStaff = has_role(Role.STAFF)


class OwnsCertificate(Rule):
    """The learner whose certificate it is, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: UUID) -> bool:
        return Role.STAFF in caller.roles or queries.is_owner(user_id=caller.id, certificate_id=path["certificate_id"])
