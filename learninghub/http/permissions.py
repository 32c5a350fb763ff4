"""Rules: who may do what. Every method of every view names one; nothing is allowed by silence."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from learninghub.errors import Forbidden, NotFound, Unauthorized
from learninghub.http.identity import EDGE, Caller


class Rule(BasePermission):
    """Nobody."""

    is_public: ClassVar[bool] = False
    shows_more: ClassVar[bool] = False
    hides: ClassVar[bool] = False

    def has_permission(self, request: Request, view: Any) -> bool:
        if self.is_public:
            return True
        caller: object = request.user
        if not isinstance(caller, Caller):
            raise Unauthorized
        if self.allows(caller, **view.kwargs):
            return True
        raise NotFound if self.hides else Forbidden

    def allows(self, caller: Caller, **path: Any) -> bool:
        """Whether this caller may; `path` holds the URL's arguments. `hides` turns a no into 404."""
        return False

    @classmethod
    def words(cls) -> str:
        """Who may, in words, for the table of rules."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class Public(Rule):
    """Everyone."""

    is_public = True


class PublicInPart(Public):
    """Everyone; who is logged in may see more."""

    shows_more = True


class SignedIn(Rule):
    """Everyone who is logged in."""

    def allows(self, caller: Caller, **path: Any) -> bool:
        return True


class TheEdge(Rule):
    """The gateway itself, and no person."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return EDGE in caller.scopes


def has_role(role: str) -> type[Rule]:
    """The rule of those whose token carries the role."""

    class HasRole(Rule):
        def allows(self, caller: Caller, **path: Any) -> bool:
            return role in caller.roles

    HasRole.__name__ = HasRole.__qualname__ = f"Is{role.capitalize()}"
    HasRole.__doc__ = f"Those with the role {role}."
    return HasRole
