"""Reading one's news."""

from datetime import datetime
from uuid import UUID

from apps.notifications.errors import NotificationNotFound
from apps.notifications.models import Notification


def mark_read(*, notification_id: UUID, user_id: UUID, now: datetime) -> None:
    """Marks the person's notification as read; the first time counts. Raises NotificationNotFound."""
    own = Notification.objects.filter(id=notification_id, user_id=user_id)
    if not own.filter(read_at__isnull=True).update(read_at=now) and not own.exists():
        raise NotificationNotFound


def mark_all_read(*, user_id: UUID, now: datetime) -> int:
    """Marks all of the person's notifications as read; returns how many were not."""
    return Notification.objects.filter(user_id=user_id, read_at__isnull=True).update(read_at=now)
