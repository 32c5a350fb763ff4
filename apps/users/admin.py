"""Staff screens of users: people, found by address and name, their roles and their standing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin

from apps.users import actions
from apps.users.models import LinkRequest, User
from apps.users.types import Role
from learninghub.admin import Questions, Reason, StaffAdmin, deed


class RoleAsked(Questions):
    """Which role."""

    role = forms.ChoiceField(choices=[(role.value, role.value) for role in Role])


@admin.register(User)
class UserAdmin(StaffAdmin):
    list_display = ["email", "display_name", "roles", "is_active", "email_verified_at", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["email", "display_name"]
    ordering = ["-id"]
    exclude = ["password"]
    deeds = ["suspend", "reinstate", "grant_role", "revoke_role", "vouch_for"]

    @deed("Suspend", asks=Reason, when=lambda user: user.is_active, icon="block")
    def suspend(self, user: User, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.suspend(user_id=user.id, reason=said["reason"], by=by, now=now)

    @deed("Reinstate", asks=Reason, when=lambda user: not user.is_active, icon="undo")
    def reinstate(self, user: User, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.reinstate(user_id=user.id, reason=said["reason"], by=by, now=now)

    @deed("Give a role", asks=RoleAsked, icon="add_moderator")
    def grant_role(self, user: User, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.grant_role(user_id=user.id, role=Role(said["role"]), by=by, now=now)

    @deed("Take a role", asks=RoleAsked, when=lambda user: user.roles, icon="remove_moderator")
    def revoke_role(self, user: User, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.revoke_role(user_id=user.id, role=Role(said["role"]), by=by, now=now)

    @deed("Take the address as proven", when=lambda user: user.email_verified_at is None, icon="verified")
    def vouch_for(self, user: User, said: dict[str, Any], *, by: UUID, now: datetime) -> None:
        actions.vouch_for(user_id=user.id, by=by, now=now)


@admin.register(LinkRequest)
class LinkRequestAdmin(StaffAdmin):
    """Links that were mailed; what would open them is nowhere."""

    list_display = ["requested_at", "user", "purpose", "email", "expires_at", "used_at"]
    list_filter = ["purpose"]
    list_select_related = ["user"]
    search_fields = ["email"]
    people = ["user"]
    ordering = ["-id"]
