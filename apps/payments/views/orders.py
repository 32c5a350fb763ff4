"""The routes of orders, refunds, and of what Stripe tells."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses.errors import CourseNotFound
from apps.enrollments.errors import AlreadyEnrolled, CourseNotOpen, SeatsExhausted
from apps.payments.actions import checkout, fulfilment, refunds, webhooks
from apps.payments.errors import (
    BadSignature,
    CheckoutInProgress,
    NotRefundable,
    NotSold,
    OnlyInFull,
    OrderNotFound,
    RefundTooLarge,
    RefundTooLate,
    StripeUnavailable,
)
from apps.payments.permissions import OwnsOrder
from apps.payments.queries import orders as queries
from apps.payments.serializers.orders import CheckoutIn, CheckoutOut, OrderOut, RefundIn, RefundOut
from apps.users.types import Role
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import Public, SignedIn
from learninghub.http.views import View

SIGNATURE = "Stripe-Signature"


class CheckoutList(View):
    rules = {"POST": SignedIn}
    needs_key = True
    calls_outside = True

    @operation(
        summary="Check out one course",
        request=CheckoutIn,
        response=CheckoutOut,
        status=201,
        errors=[
            CourseNotFound,
            AlreadyEnrolled,
            SeatsExhausted,
            CourseNotOpen,
            NotSold,
            CheckoutInProgress,
            StripeUnavailable,
        ],
    )
    def post(self, request: Request) -> Response:
        opened = checkout.check_out(user_id=self.caller.id, now=now(), **self.body(CheckoutIn))
        return Response(CheckoutOut(opened).data, status=201)


class OrderList(View):
    rules = {"GET": SignedIn}

    @operation(summary="My orders", response=OrderOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_orders(user_id=self.caller.id, page=self.page_request()), OrderOut)


class OrderDetail(View):
    rules = {"GET": OwnsOrder}

    @operation(
        summary="One order; while it waits for its money, as Stripe has it", response=OrderOut, errors=[OrderNotFound]
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        fulfilment.look_while_pending(order_id=order_id, now=now())
        return Response(OrderOut(queries.get_order(order_id=order_id)).data)


class RefundList(View):
    rules = {"POST": OwnsOrder}
    needs_key = True

    @operation(
        summary="Ask for the money back: learners within 14 days, staff at any time",
        request=RefundIn,
        response=RefundOut,
        status=201,
        errors=[OrderNotFound, OnlyInFull, NotRefundable, RefundTooLate, RefundTooLarge],
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        give = refunds.refund if Role.STAFF in self.caller.roles else refunds.give_back
        promised = give(order_id=order_id, by=self.caller.id, now=now(), **self.body(RefundIn))
        return Response(RefundOut(promised).data, status=201)


class StripeWebhook(View):
    rules = {"POST": Public}

    @operation(
        summary="What Stripe tells us, signed by it",
        request={"application/json": {"type": "object"}},
        status=200,
        response=None,
        errors=[BadSignature, StripeUnavailable],
    )
    def post(self, request: Request) -> Response:
        body = request._request.body  # noqa: SLF001  the signature is of the bytes as they came
        webhooks.receive(body=body, signature=request.headers.get(SIGNATURE, ""), now=now())
        return Response()
