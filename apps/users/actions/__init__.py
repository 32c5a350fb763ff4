"""Writes of users, by topic."""

from apps.users.actions.accounts import change_preferences, change_profile, register
from apps.users.actions.checks import checked_address
from apps.users.actions.links import (
    accept_reset_wish,
    confirm_reset,
    request_email_change,
    request_reset,
    request_verification,
    tidy,
    verify_email,
)
from apps.users.actions.passwords import authenticate, change_password
from apps.users.actions.standing import grant_role, reinstate, revoke_role, start_teaching, suspend, vouch_for

__all__ = [
    "accept_reset_wish",
    "authenticate",
    "change_password",
    "change_preferences",
    "change_profile",
    "checked_address",
    "confirm_reset",
    "grant_role",
    "register",
    "reinstate",
    "request_email_change",
    "request_reset",
    "request_verification",
    "revoke_role",
    "start_teaching",
    "suspend",
    "tidy",
    "verify_email",
    "vouch_for",
]
