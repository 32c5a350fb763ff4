"""The sidebar: what staff look for, by the words they use for it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy


def _screen(title: str, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}_changelist")}


def _is_at_reviews(request: HttpRequest) -> bool:
    """Not at their queue, whose address lies below theirs."""
    return "/reviews/review/" in request.path and not request.path.endswith("/queue/")


SIDEBAR: list[dict[str, Any]] = [
    {"items": [{"title": "Today", "icon": "monitoring", "link": reverse_lazy("admin:index")}]},
    {
        "title": "People",
        "separator": True,
        "items": [
            _screen("People", "group", "users_user"),
            _screen("Sessions", "devices", "identity_session"),
            _screen("Mails", "mail", "notifications_mail"),
            _screen("News", "notifications", "notifications_notification"),
            _screen("Mailed links", "link", "users_linkrequest"),
        ],
    },
    {
        "title": "Learning",
        "separator": True,
        "items": [
            _screen("Courses", "menu_book", "courses_course"),
            _screen("Lessons", "article", "courses_lesson"),
            _screen("Categories", "category", "courses_category"),
            _screen("Enrolments", "how_to_reg", "enrollments_enrollment"),
            _screen("Quizzes", "quiz", "assessments_quiz"),
            _screen("Attempts", "edit_note", "assessments_attempt"),
            _screen("Grades", "grading", "assessments_grade"),
            _screen("Certificates", "workspace_premium", "certificates_certificate"),
            _screen("Points", "stars", "gamification_pointentry"),
        ],
    },
    {
        "title": "Shop",
        "separator": True,
        "items": [
            _screen("Orders", "shopping_cart", "payments_order"),
            _screen("Refunds", "currency_exchange", "payments_refund"),
            _screen("Invoices", "receipt_long", "payments_document"),
            _screen("Books", "account_balance", "payments_entry"),
            _screen("Rewards", "redeem", "gamification_reward"),
            _screen("Redemptions", "local_activity", "gamification_redemption"),
        ],
    },
    {
        "title": "Moderation",
        "separator": True,
        "items": [
            {"title": "To look at", "icon": "gavel", "link": reverse_lazy("admin:reviews_review_queue")},
            _screen("Reviews", "rate_review", "reviews_review") | {"active": _is_at_reviews},
            _screen("Reports", "flag", "reviews_reviewreport"),
        ],
    },
    {
        "title": "Material",
        "separator": True,
        "items": [
            _screen("Files", "folder", "media_asset"),
            _screen("Imports", "upload_file", "content_import"),
        ],
    },
    {
        "title": "The house",
        "separator": True,
        "items": [
            _screen("Audit log", "history", "learninghub_auditentry"),
            _screen("Outbox", "outbox", "learninghub_outboxmessage"),
        ],
    },
]
