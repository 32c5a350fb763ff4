"""Tables of the ledger: rows are added, and never changed or deleted."""

from django.db import models
from django.db.models import F, Q

from apps.payments.models.orders import Order
from apps.payments.types import Account, EntryKind
from learninghub.db import BaseModel

_ACCOUNTS = [(account, account) for account in Account]


class Entry(BaseModel):
    """One thing that happened to an order's money; it is entered once, by what it is at its source."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=7, choices=[(kind, kind) for kind in EntryKind])
    source = models.CharField(max_length=255)
    happened_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="payments_entry_once")]
        indexes = [models.Index(fields=["happened_at"], name="payments_entry_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Posting(BaseModel):
    """An amount that goes from one account to another: what one loses the other gains, so all sums are 0."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    credited = models.CharField(max_length=8, choices=_ACCOUNTS)
    debited = models.CharField(max_length=8, choices=_ACCOUNTS)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_posting_of_something"),
            models.CheckConstraint(condition=~Q(credited=F("debited")), name="payments_posting_moves"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="payments_posting_currency"),
        ]
