"""Invoices and credit notes as they are shown."""

from rest_framework import serializers

from apps.payments.types import Document, DocumentKind


class DocumentOut(serializers.Serializer):
    """An invoice or a credit note. Amounts are in minor units, and those of a credit note are what was given back."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField([(kind.value, kind.value) for kind in DocumentKind])
    number = serializers.CharField()
    corrects = serializers.CharField(help_text="The invoice that a credit note corrects; empty for an invoice.")
    order_id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    seller_name = serializers.CharField()
    seller_address = serializers.CharField()
    seller_tax_id = serializers.CharField()
    buyer_name = serializers.CharField()
    buyer_email = serializers.CharField()
    description = serializers.CharField()
    supplied_on = serializers.DateField()
    issued_at = serializers.DateTimeField()
    net = serializers.IntegerField()
    tax_rate = serializers.IntegerField(help_text="In hundredths of a percent.")
    tax = serializers.IntegerField()
    gross = serializers.IntegerField()
    currency = serializers.CharField()
    has_file = serializers.SerializerMethodField(help_text="Whether the file can be fetched yet.")

    def get_has_file(self, document: Document) -> bool:
        return bool(document.sha256)
