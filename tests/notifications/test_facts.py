"""Every fact that is heard, and exactly what people are told of it."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.auth.events import RefreshReused, SuspiciousLogin
from apps.certificates.events import CertificateIssued, CertificateRevoked
from apps.content.events import ImportFinished
from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.enrollments.events import CourseCompleted, LearnerEnrolled
from apps.gamification.events import BadgeEarned, RewardReversed
from apps.notifications.models import Mail, Notification
from apps.notifications.types import Kind
from apps.payments.events import DisputeLost, InvoiceIssued, OrderExpired, PaymentFailed, RefundFailed
from apps.reviews.events import FeedbackGiven, ReviewHidden, ReviewPosted, ReviewReplied, ReviewRestored
from apps.users import actions as users
from apps.users.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    EmailVerified,
    PasswordChanged,
    PasswordResetRequested,
)
from apps.users.types import Person
from learninghub import events
from learninghub.clock import now
from learninghub.outbox.delivery import deliver
from learninghub.outbox.envelope import Envelope
from learninghub.outbox.models import OutboxMessage
from sandbox.smtp import Received, SmtpSink
from tests.support.bills import add_file, make_invoice, make_paid_order
from tests.support.courses import make_course
from tests.support.facts import published
from tests.support.notifications import refunded, work
from tests.support.people import PASSWORD, email_of, make_person

pytestmark = pytest.mark.django_db
NEW_ADDRESS = "new@example.org"


@dataclass(frozen=True)
class Story:
    """What happened to a person in a course, what its mail says in each language, and whether the list has it too."""

    kind: Kind
    happens: Callable[[Person, CourseCard], Any]
    english: tuple[str, str]
    german: tuple[str, str]
    is_listed: bool = True
    is_verified: bool = True
    is_teacher: bool = False

    def __str__(self) -> str:
        return self.kind.value


def asked_to_verify(person: Person, course: CourseCard) -> Any:
    users.request_verification(user_id=person.id, now=now())
    return published(EmailVerificationRequested)[-1]


def asked_for_a_reset(person: Person, course: CourseCard) -> Any:
    users.request_reset(email=email_of(person), now=now())
    return published(PasswordResetRequested)[-1]


def asked_for_another_address(person: Person, course: CourseCard) -> Any:
    users.request_email_change(user_id=person.id, email=NEW_ADDRESS, password=PASSWORD, now=now())
    return published(EmailChangeRequested)[-1]


def of_course(fact: Callable[..., Any], **more: Any) -> Callable[[Person, CourseCard], Any]:
    return lambda person, course: fact(user_id=person.id, course_id=course.id, **more)


def of_review(fact: Callable[..., Any], **more: Any) -> Callable[[Person, CourseCard], Any]:
    return lambda person, course: fact(review_id=uuid4(), author_id=person.id, course_id=course.id, **more)


def paid(person: Person, course: CourseCard) -> Any:
    invoice = make_invoice(buyer=person, course=course)
    add_file(invoice, b"%PDF-1.7")
    return published(InvoiceIssued)[-1]


def paid_back(person: Person, course: CourseCard) -> Any:
    return refunded(make_paid_order(buyer=person, course=course))


STORIES = [
    Story(
        Kind.VERIFY,
        asked_to_verify,
        ("Confirm your e-mail address", "Until then you can look around and take free courses."),
        ("Bestätigen Sie Ihre E-Mail-Adresse", "Bis dahin können Sie sich umsehen"),
        is_listed=False,
        is_verified=False,
    ),
    Story(
        Kind.WELCOME,
        lambda person, course: EmailVerified(user_id=person.id),
        ("Welcome to Learning Hub", "Your address is confirmed, and everything is open to you now."),
        ("Willkommen bei Learning Hub", "Ihre Adresse ist bestätigt"),
    ),
    Story(
        Kind.EMAIL_CHANGED,
        lambda person, course: EmailChanged(user_id=person.id),
        ("Your e-mail address was changed", "Your account now uses this address"),
        ("Ihre E-Mail-Adresse wurde geändert", "Ihr Konto führt nun diese Adresse"),
    ),
    Story(
        Kind.RESET,
        asked_for_a_reset,
        ("Choose a new password", "The link works once and for a short time."),
        ("Wählen Sie ein neues Passwort", "Der Link gilt einmal"),
        is_listed=False,
    ),
    Story(
        Kind.PASSWORD_CHANGED,
        lambda person, course: PasswordChanged(user_id=person.id, epoch=2, kept_session_id=None),
        ("Your password was changed", "The password of your account has been changed."),
        ("Ihr Passwort wurde geändert", "Das Passwort Ihres Kontos wurde geändert."),
    ),
    Story(
        Kind.SUSPICIOUS_LOGIN,
        lambda person, course: SuspiciousLogin(user_id=person.id),
        ("Unusual sign-in attempts on your account", "It was not you? Then ask for a new password at once"),
        ("Ungewöhnliche Anmeldeversuche bei Ihrem Konto", "Das waren nicht Sie?"),
    ),
    Story(
        Kind.STOLEN_SESSION,
        lambda person, course: RefreshReused(session_id=uuid4(), user_id=person.id),
        ("You were signed out on one device", "We have ended that session"),
        ("Sie wurden auf einem Gerät abgemeldet", "Wir haben diese Sitzung beendet"),
    ),
    Story(
        Kind.ENROLMENT,
        of_course(LearnerEnrolled, enrollment_id=uuid4(), source="free"),
        ("You are enrolled: Knots", "A place in “Knots” is yours."),
        ("Sie sind eingeschrieben: Knots", "Ihr Platz in „Knots“ ist sicher."),
    ),
    Story(
        Kind.COMPLETION,
        of_course(CourseCompleted, enrollment_id=uuid4(), completed_at=now()),
        ("Completed: Knots", "You have completed “Knots”: every required lesson is done."),
        ("Abgeschlossen: Knots", "Sie haben „Knots“ abgeschlossen"),
    ),
    Story(
        Kind.CERTIFICATE,
        of_course(CertificateIssued, certificate_id=uuid4(), code="0123456789ABCDEFGHJKMNPQRSTV"),
        ("Your certificate: Knots", "Your certificate for “Knots” has been issued."),
        ("Ihr Zertifikat: Knots", "Ihr Zertifikat für „Knots“ ist ausgestellt."),
    ),
    Story(
        Kind.CERTIFICATE_REVOKED,
        of_course(CertificateRevoked, certificate_id=uuid4(), reason="mistake"),
        ("Certificate revoked: Knots", "Your certificate for “Knots” is no longer valid."),
        ("Zertifikat widerrufen: Knots", "Ihr Zertifikat für „Knots“ gilt nicht mehr."),
    ),
    Story(
        Kind.BADGE,
        lambda person, course: BadgeEarned(user_id=person.id, badge="first-lesson", name="First steps"),
        ("A new badge: First steps", "You have earned the badge “First steps”."),
        ("Ein neues Abzeichen: Erste Schritte", "Sie haben das Abzeichen „Erste Schritte“ verdient."),
    ),
    Story(
        Kind.IMPORT_FINISHED,
        lambda person, course: ImportFinished(import_id=uuid4(), user_id=person.id, course_id=None, succeeded=True),
        ("Your import is ready", "Your course has been imported."),
        ("Ihr Import ist fertig", "Ihr Kurs ist importiert."),
    ),
    Story(
        Kind.REVIEW_POSTED,
        lambda person, course: ReviewPosted(review_id=uuid4(), course_id=course.id, author_id=uuid4(), rating=4),
        ("A new review: Knots", "A learner has reviewed “Knots” and gave it 4 of 5 stars."),
        ("Eine neue Bewertung: Knots", "Jemand hat „Knots“ mit 4 von 5 Sternen bewertet."),
        is_teacher=True,
    ),
    Story(
        Kind.FEEDBACK,
        lambda person, course: FeedbackGiven(feedback_id=uuid4(), course_id=course.id),
        ("Feedback: Knots", "Only they and our staff can read it."),
        ("Rückmeldung: Knots", "Nur sie und unser Team können es lesen."),
        is_teacher=True,
    ),
    Story(
        Kind.REVIEW_REPLIED,
        of_review(ReviewReplied),
        ("Your review was answered: Knots", "An instructor has answered your review of “Knots”."),
        ("Ihre Bewertung wurde beantwortet: Knots", "Aus dem Team wurde Ihre Bewertung von „Knots“ beantwortet."),
    ),
    Story(
        Kind.REVIEW_HIDDEN,
        of_review(ReviewHidden, reason="reports"),
        ("Your review was hidden: Knots", "Several learners reported it; our staff will look at it."),
        ("Ihre Bewertung wurde ausgeblendet: Knots", "Mehrere Lernende haben sie gemeldet"),
    ),
    Story(
        Kind.REVIEW_RESTORED,
        of_review(ReviewRestored),
        ("Your review is shown again: Knots", "Our staff found nothing wrong with your review of “Knots”."),
        ("Ihre Bewertung ist wieder zu sehen: Knots", "Unser Team hat an Ihrer Bewertung von „Knots“ nichts"),
    ),
    Story(
        Kind.RECEIPT,
        paid,
        ("Your receipt: Knots", "We have received your payment of EUR 49.00 for “Knots”."),
        ("Ihre Zahlungsbestätigung: Knots", "Ihre Zahlung von 49,00 EUR für „Knots“ ist bei uns eingegangen."),
    ),
    Story(
        Kind.PAYMENT_FAILED,
        of_course(PaymentFailed, order_id=uuid4(), decline_code="insufficient_funds"),
        ("Payment declined: Knots", "The payment for “Knots” was declined, and nothing was charged."),
        ("Zahlung abgelehnt: Knots", "Die Zahlung für „Knots“ wurde abgelehnt; es wurde nichts abgebucht."),
    ),
    Story(
        Kind.ORDER_EXPIRED,
        of_course(OrderExpired, order_id=uuid4()),
        ("Your order ran out: Knots", "Your order of “Knots” was not paid in time and is closed."),
        ("Ihre Bestellung ist abgelaufen: Knots", "wurde nicht rechtzeitig bezahlt und ist geschlossen."),
    ),
    Story(
        Kind.REFUND,
        paid_back,
        ("Your refund: Knots", "We have paid EUR 49.00 for “Knots” back to you, the way it was paid."),
        ("Ihre Erstattung: Knots", "Wir haben Ihnen 49,00 EUR für „Knots“ erstattet"),
    ),
    Story(
        Kind.REFUND_FAILED,
        of_course(RefundFailed, order_id=uuid4(), refund_id=uuid4(), amount=4_900, currency="EUR"),
        ("Your refund did not go through: Knots", "We could not send EUR 49.00 for “Knots” back to you."),
        ("Ihre Erstattung hat nicht geklappt: Knots", "Wir konnten Ihnen 49,00 EUR für „Knots“ nicht zurückzahlen."),
    ),
    Story(
        Kind.DISPUTE_LOST,
        of_course(DisputeLost, order_id=uuid4(), amount=4_900, currency="EUR"),
        ("Payment taken back: Knots", "Your bank has taken back the payment of EUR 49.00 for “Knots”."),
        ("Zahlung zurückgeholt: Knots", "Ihre Bank hat die Zahlung von 49,00 EUR für „Knots“ zurückgeholt."),
    ),
    Story(
        Kind.REWARD_REVERSED,
        lambda person, course: RewardReversed(redemption_id=uuid4(), user_id=person.id, reward="A mug", points=200),
        ("You have your points again: A mug", "Its 200 points are yours again"),
        ("Sie haben Ihre Punkte wieder: A mug", "Die 200 Punkte gehören wieder Ihnen"),
    ),
]


def hear(fact: Any, *, message_id: UUID | None = None) -> None:
    """What notifications alone does about the fact."""
    kind = events.kind_of(type(fact))
    for handler in events.handlers_of(kind.name):
        if handler.app == "notifications":
            deliver(
                Envelope(
                    message_id=message_id or uuid4(),
                    kind=OutboxMessage.Kind.FACT,
                    name=kind.name,
                    target=handler.name,
                    queue="notifications",
                    payload=events.dump(fact),
                    headers={},
                    available_at=now(),
                )
            )


def send_all() -> None:
    """Runs the jobs alone: the facts that made the story are not to be heard once more."""
    OutboxMessage.objects.filter(kind=OutboxMessage.Kind.FACT).delete()
    work()


def told(sink: SmtpSink) -> list[tuple[tuple[str, ...], str]]:
    return [(received.recipients, received.message["Subject"]) for received in sink.received]


def text_of(received: Received, kind: str) -> str:
    body = received.message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return " ".join(body.get_content().split())


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_fact_makes_one_mail_and_one_entry(story: Story, locale: str, sink: SmtpSink):
    person = make_person(locale=locale, verified=story.is_verified, roles={"instructor"})
    course = make_course(title="Knots", author=person if story.is_teacher else None)
    fact = story.happens(person, course)
    message_id = uuid4()
    for _ in range(3):
        hear(fact, message_id=message_id)
    send_all()
    subject, sentence = story.english if locale == "en" else story.german
    assert told(sink) == [((email_of(person),), subject)]
    assert sentence in text_of(sink.received[0], "plain")
    assert sentence in text_of(sink.received[0], "html")
    assert list(Mail.objects.values_list("kind", "user_id")) == [(story.kind, person.id)]
    assert list(Notification.objects.values_list("kind", flat=True)) == ([story.kind] if story.is_listed else [])


def test_another_address_is_told_to_the_old_one_and_asked_of_the_new(sink: SmtpSink):
    person = make_person()
    hear(asked_for_another_address(person, make_course()))
    send_all()
    assert sorted(told(sink)) == [
        ((NEW_ADDRESS,), "Confirm your new e-mail address"),
        ((email_of(person),), "Your e-mail address is about to change"),
    ]
    assert list(Notification.objects.values_list("kind", flat=True)) == [Kind.ADDRESS_CHANGING]


def test_every_kind_of_news_has_its_story():
    assert {story.kind for story in STORIES} | {Kind.NEW_ADDRESS, Kind.ADDRESS_CHANGING} == set(Kind)


def test_every_instructor_is_told_of_a_review(sink: SmtpSink):
    author, colleague = (make_person(roles={"instructor"}) for _ in range(2))
    course = make_course(title="Knots", author=author)
    courses.add_instructor(course_id=course.id, user_id=colleague.id, by=author.id, now=now())
    hear(ReviewPosted(review_id=uuid4(), course_id=course.id, author_id=uuid4(), rating=5))
    send_all()
    assert sorted(told(sink)) == sorted(((email_of(who),), "A new review: Knots") for who in (author, colleague))


def test_who_was_vouched_for_meanwhile_is_not_asked_to_prove_the_address():
    person = make_person(verified=False)
    asked = asked_to_verify(person, make_course())
    users.vouch_for(user_id=person.id, by=person.id, now=now())
    hear(asked)
    assert not Mail.objects.filter(user_id=person.id).exists()
