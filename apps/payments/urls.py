"""Routes under /api/v1/."""

from django.urls import path

from apps.payments.views import bills

urlpatterns = [
    path("payments/invoices/", bills.InvoiceList.as_view()),
    path("payments/invoices/<uuid:document_id>/", bills.InvoiceDetail.as_view()),
    path("payments/invoices/<uuid:document_id>/pdf/", bills.InvoicePdf.as_view()),
]
