"""The shapes of orders and refunds, in and out."""

from rest_framework import serializers

from apps.payments.types import OrderState, RefundReason, RefundState


class CheckoutIn(serializers.Serializer):
    course_id = serializers.UUIDField()


class CheckoutOut(serializers.Serializer):
    order_id = serializers.UUIDField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="Where to pay; null for what costs nothing.")
    amount = serializers.IntegerField(help_text="In minor units, tax included.")
    currency = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    enrollment_id = serializers.UUIDField(allow_null=True, help_text="Of what costs nothing, or is paid for already.")


class OrderOut(serializers.Serializer):
    id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    course_title = serializers.CharField()
    state = serializers.ChoiceField([*OrderState])
    amount = serializers.IntegerField(help_text="In minor units, tax included.")
    currency = serializers.CharField()
    tax_amount = serializers.IntegerField()
    refunded_amount = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(source="open_url", allow_null=True, help_text="Where to pay, while that can be done.")


class RefundIn(serializers.Serializer):
    amount = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        default=None,
        allow_null=True,
        help_text="For staff; without it, all is refunded.",
    )


class RefundOut(serializers.Serializer):
    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    amount = serializers.IntegerField()
    reason = serializers.ChoiceField([*RefundReason])
    state = serializers.ChoiceField([*RefundState])
    created_at = serializers.DateTimeField()
