"""What notifications hears: each fact becomes one piece of news."""

from uuid import UUID

from apps.auth.events import RefreshReused, SuspiciousLogin
from apps.certificates.events import CertificateIssued, CertificateRevoked
from apps.content.events import ImportFinished
from apps.enrollments.events import CourseCompleted, LearnerEnrolled
from apps.gamification.events import BadgeEarned, RewardReversed
from apps.notifications import actions
from apps.notifications.types import Kind
from apps.payments.events import (
    DisputeLost,
    InvoiceIssued,
    OrderExpired,
    OrderRefunded,
    PaymentFailed,
    RefundFailed,
)
from apps.payments.types import RefundReason
from apps.reviews.events import FeedbackGiven, ReviewHidden, ReviewPosted, ReviewReplied, ReviewRestored
from apps.users.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    EmailVerified,
    PasswordChanged,
    PasswordResetRequested,
)
from learninghub.clock import now
from learninghub.events import handles
from learninghub.outbox.delivery import current_fact_id


def _tell(kind: Kind, user_id: UUID, *, course_id: UUID | None = None, **facts: str | int | bool) -> None:
    actions.notify(kind=kind, user_id=user_id, source_id=current_fact_id(), now=now(), course_id=course_id, facts=facts)


def _tell_team(kind: Kind, course_id: UUID, **facts: str | bool) -> None:
    actions.notify_team(kind=kind, course_id=course_id, source_id=current_fact_id(), now=now(), facts=facts)


def _money(event: InvoiceIssued | OrderRefunded | RefundFailed | DisputeLost) -> dict[str, str | int]:
    return {"amount": event.amount, "currency": event.currency}


@handles(EmailVerificationRequested)
def mail_the_verification(event: EmailVerificationRequested) -> None:
    _tell(Kind.VERIFY, event.user_id, request_id=str(event.request_id))


@handles(EmailVerified)
def welcome(event: EmailVerified) -> None:
    # Once a person, not once a fact: a changed address is proven, too.
    actions.notify(kind=Kind.WELCOME, user_id=event.user_id, source_id=event.user_id, now=now())


@handles(EmailChangeRequested)
def mail_the_new_address(event: EmailChangeRequested) -> None:
    _tell(Kind.NEW_ADDRESS, event.user_id, request_id=str(event.request_id))


@handles(EmailChangeRequested)
def warn_the_old_address(event: EmailChangeRequested) -> None:
    _tell(Kind.ADDRESS_CHANGING, event.user_id)


@handles(EmailChanged)
def confirm_the_new_address(event: EmailChanged) -> None:
    _tell(Kind.EMAIL_CHANGED, event.user_id)


@handles(PasswordResetRequested)
def mail_the_reset(event: PasswordResetRequested) -> None:
    _tell(Kind.RESET, event.user_id, request_id=str(event.request_id))


@handles(PasswordChanged)
def tell_of_the_password(event: PasswordChanged) -> None:
    _tell(Kind.PASSWORD_CHANGED, event.user_id)


@handles(SuspiciousLogin)
def warn_of_the_login(event: SuspiciousLogin) -> None:
    _tell(Kind.SUSPICIOUS_LOGIN, event.user_id)


@handles(RefreshReused)
def warn_of_the_stolen_session(event: RefreshReused) -> None:
    _tell(Kind.STOLEN_SESSION, event.user_id)


@handles(LearnerEnrolled)
def confirm_the_enrolment(event: LearnerEnrolled) -> None:
    _tell(Kind.ENROLMENT, event.user_id, course_id=event.course_id)


@handles(CourseCompleted)
def congratulate(event: CourseCompleted) -> None:
    _tell(Kind.COMPLETION, event.user_id, course_id=event.course_id)


@handles(CertificateIssued)
def send_the_certificate(event: CertificateIssued) -> None:
    which = {"certificate_id": str(event.certificate_id), "code": event.code}
    _tell(Kind.CERTIFICATE, event.user_id, course_id=event.course_id, **which)


@handles(CertificateRevoked)
def tell_of_the_revocation(event: CertificateRevoked) -> None:
    _tell(Kind.CERTIFICATE_REVOKED, event.user_id, course_id=event.course_id, reason=event.reason)


@handles(BadgeEarned)
def tell_of_the_badge(event: BadgeEarned) -> None:
    _tell(Kind.BADGE, event.user_id, badge=event.name)


@handles(ImportFinished)
def tell_of_the_import(event: ImportFinished) -> None:
    _tell(Kind.IMPORT_FINISHED, event.user_id, import_id=str(event.import_id), succeeded=event.succeeded)


@handles(ReviewPosted)
def tell_of_the_review(event: ReviewPosted) -> None:
    _tell_team(Kind.REVIEW_POSTED, event.course_id, rating=str(event.rating))


@handles(FeedbackGiven)
def tell_of_the_feedback(event: FeedbackGiven) -> None:
    _tell_team(Kind.FEEDBACK, event.course_id)


@handles(ReviewReplied)
def tell_of_the_answer(event: ReviewReplied) -> None:
    _tell(Kind.REVIEW_REPLIED, event.author_id, course_id=event.course_id)


@handles(ReviewHidden)
def tell_why_it_is_hidden(event: ReviewHidden) -> None:
    _tell(Kind.REVIEW_HIDDEN, event.author_id, course_id=event.course_id, reason=event.reason)


@handles(ReviewRestored)
def tell_that_it_is_shown_again(event: ReviewRestored) -> None:
    _tell(Kind.REVIEW_RESTORED, event.author_id, course_id=event.course_id)


@handles(InvoiceIssued)
def send_the_receipt(event: InvoiceIssued) -> None:
    paid = {"invoice_id": str(event.invoice_id), "number": event.number}
    _tell(Kind.RECEIPT, event.user_id, course_id=event.course_id, **paid, **_money(event))


@handles(PaymentFailed)
def tell_of_the_failed_payment(event: PaymentFailed) -> None:
    _tell(Kind.PAYMENT_FAILED, event.user_id, course_id=event.course_id)


@handles(OrderExpired)
def tell_of_the_expired_order(event: OrderExpired) -> None:
    _tell(Kind.ORDER_EXPIRED, event.user_id, course_id=event.course_id)


@handles(OrderRefunded)
def tell_of_the_refund(event: OrderRefunded) -> None:
    ends_access = event.is_full and event.reason != RefundReason.NOTHING_TO_GIVE
    why = {"refund_id": str(event.refund_id), "reason": event.reason}
    _tell(Kind.REFUND, event.user_id, course_id=event.course_id, ends_access=ends_access, **why, **_money(event))


@handles(RefundFailed)
def tell_of_the_failed_refund(event: RefundFailed) -> None:
    _tell(Kind.REFUND_FAILED, event.user_id, course_id=event.course_id, **_money(event))


@handles(DisputeLost)
def tell_of_the_lost_dispute(event: DisputeLost) -> None:
    _tell(Kind.DISPUTE_LOST, event.user_id, course_id=event.course_id, **_money(event))


@handles(RewardReversed)
def tell_of_the_points(event: RewardReversed) -> None:
    _tell(Kind.REWARD_REVERSED, event.user_id, reward=event.reward, points=str(event.points))
