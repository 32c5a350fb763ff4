"""Who may offer rewards, and take a redemption back."""

from apps.users.types import Role
from learninghub.http.permissions import has_role

IsStaff = has_role(Role.STAFF)
