"""Routes under /api/v1/, and the page that Stripe sends buyers back to."""

from django.urls import path

from apps.payments.views import bills, orders, revenue
from apps.payments.views import pages as people

urlpatterns = [
    path("payments/checkout/", orders.CheckoutList.as_view()),
    path("payments/orders/", orders.OrderList.as_view()),
    path("payments/orders/<uuid:order_id>/", orders.OrderDetail.as_view()),
    path("payments/orders/<uuid:order_id>/refund/", orders.RefundList.as_view()),
    path("payments/webhooks/stripe/", orders.StripeWebhook.as_view()),
    path("payments/invoices/", bills.InvoiceList.as_view()),
    path("payments/invoices/<uuid:document_id>/", bills.InvoiceDetail.as_view()),
    path("payments/invoices/<uuid:document_id>/pdf/", bills.InvoicePdf.as_view()),
    path("payments/revenue/", revenue.RevenueDays.as_view()),
]

pages = [path("after-checkout/<uuid:order_id>/", people.show_order, name="after-checkout")]
