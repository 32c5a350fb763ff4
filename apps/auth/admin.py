"""Staff screens of auth: the way in, and sessions to be read."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from apps.auth import actions
from apps.auth.models import Session
from apps.auth.types import Origin
from learninghub.admin import StaffAdmin
from learninghub.clock import now
from learninghub.errors import DomainError
from learninghub.http.identity import ADDRESS_HEADER


class StaffBackend(BaseBackend):
    """Django's way to log in to the admin, within the limits of every other log-in."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> AbstractBaseUser | None:
        origin = Origin(address=request.headers.get(ADDRESS_HEADER, "") if request else "")
        try:
            user_id = actions.admit_staff(email=username or "", password=password or "", origin=origin, now=now())
        except DomainError:
            return None
        return self.get_user(user_id)

    def get_user(self, user_id: UUID) -> AbstractBaseUser | None:  # type: ignore[override]
        return get_user_model().objects.filter(pk=user_id, is_active=True).first()


@admin.register(Session)
class SessionAdmin(StaffAdmin):
    list_display = ["user", "network", "user_agent", "started_at", "last_used_at", "ended_at", "end_reason"]
    list_filter = ["end_reason"]
    list_select_related = ["user"]
    people = ["user"]
    ordering = ["-started_at", "-id"]
