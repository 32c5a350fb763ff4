"""Logging in and signing up, within limits that are counted in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.auth import rules
from apps.auth.actions.sessions import start_session
from apps.auth.events import SuspiciousLogin
from apps.auth.queries import is_known_place
from apps.auth.types import Origin, Tokens
from apps.users import api as users
from apps.users.errors import WrongCredentials
from apps.users.types import Credentials, Person, Role
from learninghub import limits
from learninghub.errors import TooMany
from learninghub.limits import Limit
from learninghub.outbox import publish

_WINDOW = timedelta(minutes=5)
GUESSES_AT_ACCOUNT_FROM_PLACE = Limit(name="auth.guesses.account+place", uses=10, window=_WINDOW)
GUESSES_AT_ACCOUNT = Limit(name="auth.guesses.account", uses=100, window=_WINDOW)
GUESSES_FROM_PLACE = Limit(name="auth.guesses.place", uses=100, window=_WINDOW)
PROBES_FROM_PLACE = Limit(name="auth.registration.probes", uses=20, window=timedelta(hours=1))
MANY_WRONG_GUESSES = 5


@dataclass(frozen=True, slots=True)
class _Guess:
    """One try: how many there were at the account before it, and whether it counts among them."""

    earlier: int
    is_counted: bool


def log_in(*, email: str, password: str, origin: Origin, now: datetime) -> Tokens:
    """Open a session for whoever has this address and password; raises WrongCredentials, TooMany."""
    proven, wrong_before = _prove(email=email, password=password, origin=origin, now=now)
    with transaction.atomic():
        held = users.hold_credentials(user_id=proven.user_id)
        if held.epoch != proven.epoch or not held.is_active:
            raise WrongCredentials
        network = rules.truncated_address(origin.address)
        if wrong_before >= MANY_WRONG_GUESSES and not is_known_place(user_id=held.user_id, network=network):
            publish(SuspiciousLogin(user_id=held.user_id))
        return start_session(credentials=held, origin=origin, now=now)


def admit_staff(*, email: str, password: str, origin: Origin, now: datetime) -> UUID:
    """The member of staff who has this address and password, for the admin's own sessions.

    Within the same limits as `log_in`; raises WrongCredentials for anyone else, and TooMany.
    """
    proven, _ = _prove(email=email, password=password, origin=origin, now=now)
    if Role.STAFF not in proven.roles:
        raise WrongCredentials
    return proven.user_id


def sign_up(
    *,
    email: str,
    password: str,
    display_name: str,
    locale: str,
    time_zone: str,
    terms_version: str,
    origin: Origin,
    now: datetime,
) -> tuple[Person, Tokens]:
    """Make an account and log its owner in, both or neither.

    Tries that make no account are limited, because they tell whether an address is known. Raises TooMany,
    EmailTaken, WeakPassword and Invalid.
    """
    place = limits.place_of(origin.address)
    limits.claim(PROBES_FROM_PLACE, place, now=now)
    with transaction.atomic():
        person = users.register(
            email=email,
            password=password,
            display_name=display_name,
            locale=locale,
            time_zone=time_zone,
            terms_version=terms_version,
            now=now,
        )
        credentials = users.hold_credentials(user_id=person.id)
        tokens = start_session(credentials=credentials, origin=origin, now=now)
    limits.give_back(PROBES_FROM_PLACE, place, now=now)
    return person, tokens


def _prove(*, email: str, password: str, origin: Origin, now: datetime) -> tuple[Credentials, int]:
    """The person, and how many wrong guesses there were at the account in the window.

    Guesses are counted before the password is looked at, and honest ones given back. Beyond the limits of an
    account and place, or of a place, it raises TooMany; beyond that of an account only for places from which the
    person has not logged in before, so that nobody can lock another out.
    """
    account = users.normalise_email(email=email)
    place = limits.place_of(origin.address)
    guess = _claim_guess(account, place, rules.truncated_address(origin.address), now=now)
    try:
        credentials = users.authenticate(email=account, password=password)
    except WrongCredentials:
        if guess.earlier == GUESSES_AT_ACCOUNT.uses - 1:
            _warn_owner(account)
        raise
    _give_back(guess, account, place, now=now)
    return credentials, guess.earlier


def _claim_guess(account: str, place: str, network: str, *, now: datetime) -> _Guess:
    limits.claim(GUESSES_FROM_PLACE, place, now=now)
    limits.claim(GUESSES_AT_ACCOUNT_FROM_PLACE, account, place, now=now)
    try:
        return _Guess(earlier=limits.claim(GUESSES_AT_ACCOUNT, account, now=now), is_counted=True)
    except TooMany:
        person = users.find_by_email(email=account)
        if person is None or not is_known_place(user_id=person.id, network=network):
            raise
        return _Guess(earlier=GUESSES_AT_ACCOUNT.uses, is_counted=False)


def _give_back(guess: _Guess, account: str, place: str, *, now: datetime) -> None:
    limits.give_back(GUESSES_FROM_PLACE, place, now=now)
    limits.give_back(GUESSES_AT_ACCOUNT_FROM_PLACE, account, place, now=now)
    if guess.is_counted:
        limits.give_back(GUESSES_AT_ACCOUNT, account, now=now)


def _warn_owner(account: str) -> None:
    person = users.find_by_email(email=account)
    if person is not None:
        with transaction.atomic():
            publish(SuspiciousLogin(user_id=person.id))
