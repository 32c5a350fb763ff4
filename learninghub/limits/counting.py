"""Claiming a use of something limited, in a sliding window."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from learninghub.errors import TooMany
from learninghub.limits.models import LimitedUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many uses in any window of this length."""

    name: str
    uses: int
    window: timedelta


@transaction.atomic
def claim(limit: Limit, *whose: str, now: datetime) -> int:
    """Takes one use for these words (an address, an account); returns how many the window held before.

    Holds the key's row until the caller's transaction ends, so that no two claims count alike. Claim outside
    a transaction that may fail: a rollback would give the use back. Raises TooMany with the seconds until the
    oldest use leaves the window.
    """
    key = _key(limit, whose)
    LimitedUse.objects.bulk_create(
        [LimitedUse(key=key, claims=[], expires_at=now + limit.window)],
        update_conflicts=True,  # locks the row, so that no housekeeping takes it away under us
        unique_fields=["key"],
        update_fields=["expires_at"],
    )
    row = LimitedUse.objects.get(key=key)
    recent = [at for at in row.claims if at > now - limit.window]
    if len(recent) >= limit.uses:
        wait = recent[-limit.uses] + limit.window - now
        raise TooMany(retry_after=max(1, math.ceil(wait.total_seconds())))
    row.claims = [*recent, now]
    row.expires_at = now + limit.window
    row.save(update_fields=["claims", "expires_at"])
    return len(recent)


@transaction.atomic
def give_back(limit: Limit, *whose: str, now: datetime) -> None:
    """Undoes the claim that was made at `now`: the use was an honest one."""
    row = LimitedUse.objects.select_for_update().filter(key=_key(limit, whose)).first()
    if row is not None and now in row.claims:
        row.claims.remove(now)
        row.save(update_fields=["claims"])


def forget_claims(*, now: datetime) -> int:
    """Deletes what no window reaches any more; returns how many."""
    return LimitedUse.objects.filter(expires_at__lt=now).delete()[0]


def _key(limit: Limit, whose: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join((limit.name, *whose)).encode()).hexdigest()
