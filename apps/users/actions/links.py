"""Mailed links: asking for one, and what opening it does."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.users import rules
from apps.users.actions.checks import checked_address
from apps.users.actions.passwords import prove, replace_password
from apps.users.errors import AlreadyVerified, EmailTaken, InvalidLink
from apps.users.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    EmailVerified,
    PasswordResetRequested,
)
from apps.users.models import LinkRequest, User
from apps.users.queries import find_by_email, link_keys, lock_user
from apps.users.types import LinkPurpose
from learninghub import limits
from learninghub.errors import TooMany
from learninghub.jobs import enqueue
from learninghub.limits import Limit
from learninghub.outbox import publish

LINKS_PER_HOUR = 5
RESETS_FROM_PLACE = Limit(name="users.resets", uses=20, window=timedelta(hours=1))
_KEPT_AFTER_EXPIRY = timedelta(days=7)
_TIDY_BATCH = 1000


@transaction.atomic
def request_verification(*, user_id: UUID, now: datetime) -> None:
    """Mail the link that proves the address once more; raises AlreadyVerified, TooMany."""
    user = lock_user(user_id=user_id)
    if user.is_verified:
        raise AlreadyVerified
    _limit(user, LinkPurpose.VERIFY_EMAIL, now=now)
    ask_for_verification(user=user, now=now)


def request_email_change(*, user_id: UUID, email: str, password: str, now: datetime) -> None:
    """Mail a link to a new address; the old one stands until the link is opened, and is told at once.

    Raises Invalid for a wrong password, EmailTaken, TooMany.
    """
    prove(user_id=user_id, password=password, field="password", now=now)
    address = checked_address(email)
    with transaction.atomic():
        user = lock_user(user_id=user_id)
        _limit(user, LinkPurpose.VERIFY_EMAIL, now=now)
        if find_by_email(email=address):
            raise EmailTaken
        request = _request(user, LinkPurpose.VERIFY_EMAIL, email=address, now=now)
        publish(EmailChangeRequested(user_id=user.id, request_id=request.id))


@transaction.atomic
def verify_email(*, token: str, now: datetime) -> User:
    """Prove the address that the link was mailed to, and make it the person's if it is a new one.

    Raises InvalidLink for a token that is unknown, used, expired, void or made for another purpose.
    """
    user, request = _take(token, LinkPurpose.VERIFY_EMAIL, now=now)
    if request.email != user.email:
        user.email = request.email
        user.credential_epoch += 1
        publish(EmailChanged(user_id=user.id))
    elif user.is_verified:
        return user
    user.email_verified_at = now
    _save_address(user)
    publish(EmailVerified(user_id=user.id))
    return user


def accept_reset_wish(*, email: str, address: str, now: datetime) -> None:
    """Note that someone forgot a password; whether anyone has this e-mail is looked up later, by a job.

    So neither answer nor time tells who is known. Raises TooMany for too many wishes from one place.
    """
    limits.claim(RESETS_FROM_PLACE, limits.place_of(address), now=now)
    with transaction.atomic():
        enqueue("users.request_reset", email)


@transaction.atomic
def request_reset(*, email: str, now: datetime) -> None:
    """Mail a link that allows a new password, if an open account has this address; silent about all else."""
    known = find_by_email(email=email)
    if known is None:
        return
    user = lock_user(user_id=known.id)
    if not user.is_active or _asked_too_often(user, LinkPurpose.RESET_PASSWORD, now=now):
        return
    request = _request(user, LinkPurpose.RESET_PASSWORD, email=user.email, now=now)
    publish(PasswordResetRequested(user_id=user.id, request_id=request.id))


@transaction.atomic
def confirm_reset(*, token: str, password: str, now: datetime) -> None:
    """Set the password that was forgotten; every session ends by the fact, and every other link is void.

    Opening the link proves the address too. Raises InvalidLink, WeakPassword.
    """
    user, _request = _take(token, LinkPurpose.RESET_PASSWORD, now=now)
    replace_password(user=user, password=password)
    if not user.is_verified:
        user.email_verified_at = now
        user.save(update_fields=["email_verified_at", "updated_at"])
        publish(EmailVerified(user_id=user.id))


def ask_for_verification(*, user: User, now: datetime) -> None:
    """Ask for the link that proves the person's own address."""
    request = _request(user, LinkPurpose.VERIFY_EMAIL, email=user.email, now=now)
    publish(EmailVerificationRequested(user_id=user.id, request_id=request.id))


def tidy(*, now: datetime) -> int:
    """Delete links that expired long ago, in batches; returns how many."""
    old = LinkRequest.objects.filter(expires_at__lt=now - _KEPT_AFTER_EXPIRY).order_by("expires_at")
    deleted = 0
    while batch := list(old.values_list("id", flat=True)[:_TIDY_BATCH]):
        deleted += LinkRequest.objects.filter(id__in=batch).delete()[0]
    return deleted


def _request(user: User, purpose: LinkPurpose, *, email: str, now: datetime) -> LinkRequest:
    return LinkRequest.objects.create(
        user=user,
        purpose=purpose,
        email=email,
        credential_epoch=user.credential_epoch,
        requested_at=now,
        expires_at=now + rules.LINK_LIFETIME[purpose],
    )


def _take(token: str, purpose: LinkPurpose, *, now: datetime) -> tuple[User, LinkRequest]:
    """Use the link up: the person is locked first, so that of two clicks at once one finds it used."""
    request_id = rules.link_request_id(token)
    if request_id is None:
        raise InvalidLink
    request = LinkRequest.objects.filter(id=request_id, purpose=purpose).first()
    if request is None or not rules.is_link_genuine(
        token=token, keys=link_keys(), purpose=purpose, request_id=request.id, epoch=request.credential_epoch
    ):
        raise InvalidLink
    user = lock_user(user_id=request.user_id)
    if not user.is_active or not _use_up(request, epoch=user.credential_epoch, now=now):
        raise InvalidLink
    return user, request


def _use_up(request: LinkRequest, *, epoch: int, now: datetime) -> bool:
    good = LinkRequest.objects.filter(id=request.id, used_at=None, expires_at__gt=now, credential_epoch=epoch)
    return good.update(used_at=now) == 1


def _save_address(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "credential_epoch", "email_verified_at", "updated_at"])
    except IntegrityError:
        raise EmailTaken from None


def _asked_too_often(user: User, purpose: LinkPurpose, *, now: datetime) -> bool:
    """Exact, because the caller holds the person's row."""
    recent = LinkRequest.objects.filter(user=user, purpose=purpose, requested_at__gt=now - timedelta(hours=1))
    return len(recent.values_list("id")[:LINKS_PER_HOUR]) == LINKS_PER_HOUR


def _limit(user: User, purpose: LinkPurpose, *, now: datetime) -> None:
    if _asked_too_often(user, purpose, now=now):
        raise TooMany(retry_after=600)
