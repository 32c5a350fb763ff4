"""The writes of notifications, by topic."""

from apps.notifications.actions.inbox import mark_all_read, mark_read
from apps.notifications.actions.notifying import notify, notify_team
from apps.notifications.actions.preferences import set_preferences, stop_mails, unsubscribe
from apps.notifications.actions.sending import send, send_again

__all__ = [
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_team",
    "send",
    "send_again",
    "set_preferences",
    "stop_mails",
    "unsubscribe",
]
