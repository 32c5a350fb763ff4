"""What news is called and what the list says of it, in the language in force."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.notifications.types import Kind, Words
from learninghub import money

_LABELS = {
    Kind.WELCOME: gettext_noop("Welcome"),
    Kind.ENROLMENT: gettext_noop("Enrolments"),
    Kind.COMPLETION: gettext_noop("Completed courses"),
    Kind.CERTIFICATE: gettext_noop("Certificates"),
    Kind.CERTIFICATE_REVOKED: gettext_noop("Revoked certificates"),
    Kind.BADGE: gettext_noop("Badges"),
    Kind.IMPORT_FINISHED: gettext_noop("Imports"),
    Kind.REVIEW_POSTED: gettext_noop("New reviews"),
    Kind.FEEDBACK: gettext_noop("Feedback from learners"),
    Kind.REVIEW_REPLIED: gettext_noop("Answers to your reviews"),
    Kind.REVIEW_HIDDEN: gettext_noop("Hidden reviews"),
    Kind.REVIEW_RESTORED: gettext_noop("Reviews shown again"),
    Kind.RECEIPT: gettext_noop("Your payments"),
    Kind.PAYMENT_FAILED: gettext_noop("Failed payments"),
    Kind.ORDER_EXPIRED: gettext_noop("Expired orders"),
    Kind.REFUND: gettext_noop("Your payments"),
    Kind.REFUND_FAILED: gettext_noop("Your payments"),
    Kind.DISPUTE_LOST: gettext_noop("Your payments"),
    Kind.REWARD_REVERSED: gettext_noop("Points given back"),
}
_ACCOUNT = gettext_noop("Your account")

_SENTENCES = {
    Kind.WELCOME: (
        gettext_noop("Welcome"),
        gettext_noop("Your address is confirmed, and everything is open to you now."),
    ),
    Kind.ADDRESS_CHANGING: (
        gettext_noop("A new e-mail address"),
        gettext_noop("Someone asked to change the e-mail address of your account."),
    ),
    Kind.EMAIL_CHANGED: (
        gettext_noop("Your e-mail address was changed"),
        gettext_noop("From now on you sign in with the new address."),
    ),
    Kind.PASSWORD_CHANGED: (
        gettext_noop("Your password was changed"),
        gettext_noop("All other sessions have been ended."),
    ),
    Kind.SUSPICIOUS_LOGIN: (
        gettext_noop("Unusual sign-in attempts"),
        gettext_noop("If it was not you, change your password at once."),
    ),
    Kind.STOLEN_SESSION: (
        gettext_noop("You were signed out on one device"),
        gettext_noop("Someone used an old key of that session, which may have been stolen."),
    ),
    Kind.ENROLMENT: (gettext_noop("You are enrolled"), gettext_noop("A place in “%(course)s” is yours.")),
    Kind.COMPLETION: (gettext_noop("You did it"), gettext_noop("You have completed “%(course)s”.")),
    Kind.CERTIFICATE: (
        gettext_noop("Your certificate is here"),
        gettext_noop("The certificate for “%(course)s” is yours."),
    ),
    Kind.CERTIFICATE_REVOKED: (
        gettext_noop("Your certificate was revoked"),
        gettext_noop("The certificate for “%(course)s” no longer holds."),
    ),
    Kind.BADGE: (gettext_noop("A new badge"), gettext_noop("You have earned the badge “%(badge)s”.")),
    Kind.IMPORT_FINISHED: (
        gettext_noop("Your import is ready"),
        gettext_noop("The report names every element of the source."),
    ),
    Kind.REVIEW_POSTED: (
        gettext_noop("A new review"),
        gettext_noop("A learner gave “%(course)s” %(rating)s of 5 stars."),
    ),
    Kind.FEEDBACK: (
        gettext_noop("Feedback for you"),
        gettext_noop("A learner of “%(course)s” told its instructors something."),
    ),
    Kind.REVIEW_REPLIED: (
        gettext_noop("Your review was answered"),
        gettext_noop("An instructor of “%(course)s” has answered you."),
    ),
    Kind.REVIEW_HIDDEN: (
        gettext_noop("Your review was hidden"),
        gettext_noop("What you wrote about “%(course)s” is not shown for now."),
    ),
    Kind.REVIEW_RESTORED: (
        gettext_noop("Your review is shown again"),
        gettext_noop("Everyone can read what you wrote about “%(course)s”."),
    ),
    Kind.RECEIPT: (
        gettext_noop("Your payment has arrived"),
        gettext_noop("You have paid %(amount)s for “%(course)s”. Invoice %(number)s is yours."),
    ),
    Kind.PAYMENT_FAILED: (
        gettext_noop("Your payment did not succeed"),
        gettext_noop("The payment for “%(course)s” was declined. Nothing was charged."),
    ),
    Kind.ORDER_EXPIRED: (
        gettext_noop("Your order ran out"),
        gettext_noop("“%(course)s” was not paid in time. Nothing was charged."),
    ),
    Kind.REFUND: (gettext_noop("Your money is back"), gettext_noop("%(amount)s for “%(course)s” went back to you.")),
    Kind.REFUND_FAILED: (
        gettext_noop("Your refund did not go through"),
        gettext_noop("We could not send %(amount)s for “%(course)s” back to you. We are looking at it."),
    ),
    Kind.DISPUTE_LOST: (
        gettext_noop("Your payment was taken back"),
        gettext_noop("Your access to “%(course)s” has ended."),
    ),
    Kind.REWARD_REVERSED: (
        gettext_noop("You have your points again"),
        gettext_noop("“%(reward)s” was taken back, and its %(points)s points are yours."),
    ),
}
_IMPORT_FAILED = (
    gettext_noop("Your import did not succeed"),
    gettext_noop("Nothing was changed. The report says why."),
)
_REASONS = {
    "refund": gettext_noop("The course was refunded."),
    "mistake": gettext_noop("It was issued by mistake."),
    "misconduct": gettext_noop("The rules of the course were broken."),
    "spam": gettext_noop("It advertises something."),
    "abuse": gettext_noop("It insults or threatens somebody."),
    "off_topic": gettext_noop("It is not about the course."),
    "personal_data": gettext_noop("It gives away what is private."),
    "reports": gettext_noop("Several learners reported it; our staff will look at it."),
    "withdrawal": gettext_noop("You gave the course back."),
    "goodwill": gettext_noop("A gesture of goodwill."),
    "nothing_to_give": gettext_noop("No place was left, or the course was yours already."),
    "made_at_stripe": gettext_noop("Our staff decided it."),
}


def label_of(kind: Kind) -> str:
    """What mails of this kind are called."""
    return _(_LABELS.get(kind, _ACCOUNT))


def words_of(kind: Kind, facts: Mapping[str, Any]) -> Words:
    """What the list says of the news."""
    failed = kind == Kind.IMPORT_FINISHED and not facts["succeeded"]
    title, body = _IMPORT_FAILED if failed else _SENTENCES[kind]
    return Words(_(title), _(body) % translated(facts))


def reason_of(reason: str) -> str:
    """Why a certificate was revoked, a review hidden or money returned; unknown reasons are shown as they are named."""
    return _(_REASONS[reason]) if reason in _REASONS else reason


def translated(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with amounts, and with names that are ours, in the language in force: a badge's, not a course's."""
    said = dict(facts)
    if facts.get("badge"):
        said["badge"] = _(facts["badge"])
    if "amount" in facts:
        said["amount"] = money.written(facts["amount"], facts["currency"])
    return said
