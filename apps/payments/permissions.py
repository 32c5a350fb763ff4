"""Who may see what of other people's money."""

from uuid import UUID

from apps.payments.queries import bills, orders
from apps.users.types import Role
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule


class SeesRevenue(Rule):
    """Instructors, of their own courses, and staff, of all."""

    def allows(self, caller: Caller, **path: UUID) -> bool:
        return bool({Role.INSTRUCTOR, Role.STAFF} & set(caller.roles))


class OwnsDocument(Rule):
    """The buyer whose invoice or credit note it is, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: UUID) -> bool:
        return Role.STAFF in caller.roles or bills.is_owner(user_id=caller.id, document_id=path["document_id"])


class OwnsOrder(Rule):
    """Who made the order, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: UUID) -> bool:
        return Role.STAFF in caller.roles or orders.is_owner(user_id=caller.id, order_id=path["order_id"])
