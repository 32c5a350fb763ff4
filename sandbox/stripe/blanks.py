"""Fields that objects always have and that say nothing here: what is not played."""

from typing import Any

BLANKS: dict[str, dict[str, Any]] = {
    "charge": dict.fromkeys(
        ("application", "application_fee", "failure_balance_transaction", "on_behalf_of", "review", "source",
         "source_transfer", "transfer")
    ),
    "checkout.session": {
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None},
        "invoice": None,
        "origin_context": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "redirect_on_completion": None,
        "setup_intent": None,
        "shipping_options": [],
        "subscription": None,
    },
    "customer": {"default_source": None, "tax_exempt": "none", "test_clock": None},
    "dispute": {"enhanced_eligibility_types": [], "evidence": {}},
    "payment_intent": dict.fromkeys(
        ("application", "on_behalf_of", "payment_record", "review", "setup_future_usage", "source")
    ),
    "price": {"tiers_mode": None},
    "product": {"marketing_features": [], "tax_code": None},
    "refund": dict.fromkeys(("customer", "failure_balance_transaction", "payment_method", "pending_reason")),
}  # fmt: skip
# Those that do not say whether money moves.
WITHOUT_MODE = frozenset(("balance_transaction", "refund"))
