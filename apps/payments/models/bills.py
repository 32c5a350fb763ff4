"""Tables of invoices and credit notes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.payments import rules
from apps.payments.models.orders import Order, Refund
from apps.payments.types import DocumentKind
from learninghub.db import BaseModel


class Series(models.Model):
    """A run of numbers, and the last one taken; whoever takes the next holds the row until it commits."""

    name = models.CharField(primary_key=True, max_length=16)
    last_serial = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"


class Document(BaseModel):
    """An invoice, or a credit note that corrects one, in the words and amounts of the moment it was issued.

    Only its file's hash is added later. A row is never deleted, and its number never given to another.
    """

    kind = models.CharField(max_length=11, choices=[(kind, kind) for kind in DocumentKind])
    series = models.ForeignKey(Series, models.PROTECT, related_name="+", db_index=False)
    serial = models.PositiveIntegerField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="documents")
    refund = models.OneToOneField(Refund, models.PROTECT, related_name="credit_note", null=True)
    corrects = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    seller_name = models.TextField()
    seller_address = models.TextField()
    seller_tax_id = models.TextField()
    buyer_name = models.TextField()
    buyer_email = models.TextField()
    language = models.CharField(max_length=35)
    description = models.TextField()
    supplied_on = models.DateField()
    issued_at = models.DateTimeField()
    net = models.PositiveIntegerField()
    tax_rate = models.PositiveSmallIntegerField()
    tax = models.PositiveIntegerField()
    gross = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "serial"], name="payments_document_number"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind=DocumentKind.INVOICE), name="payments_document_one_invoice"
            ),
            models.CheckConstraint(
                condition=Q(kind=DocumentKind.INVOICE, refund__isnull=True, corrects__isnull=True)
                | Q(kind=DocumentKind.CREDIT_NOTE, refund__isnull=False, corrects__isnull=False),
                name="payments_document_corrects",
            ),
            models.CheckConstraint(condition=Q(serial__gt=0), name="payments_document_serial"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="payments_document_adds_up"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="payments_document_currency"),
            models.CheckConstraint(condition=Q(sha256__regex="^([0-9a-f]{64})?$"), name="payments_document_file"),
        ]
        indexes = [models.Index(fields=["user", "-issued_at", "-id"], name="payments_document_mine_newest")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return rules.document_number(self.series_id, self.serial)
