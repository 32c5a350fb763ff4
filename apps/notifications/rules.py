"""Which news goes which way, what may be switched off, and when to try again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from apps.notifications.types import Channel, Kind

BOTH = frozenset(Channel)
MAIL_ONLY = frozenset({Channel.MAIL})

LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=3)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """How one kind of news travels.

    `is_security` may not be switched off, and is sent again (under the same Message-ID) when its fate is unknown:
    a second copy is better than none. Other news is not.
    """

    channels: frozenset[Channel] = BOTH
    is_security: bool = False


POLICIES: dict[Kind, Policy] = {
    Kind.VERIFY: Policy(MAIL_ONLY, is_security=True),
    Kind.WELCOME: Policy(),
    Kind.NEW_ADDRESS: Policy(MAIL_ONLY, is_security=True),
    Kind.ADDRESS_CHANGING: Policy(is_security=True),
    Kind.EMAIL_CHANGED: Policy(is_security=True),
    Kind.RESET: Policy(MAIL_ONLY, is_security=True),
    Kind.PASSWORD_CHANGED: Policy(is_security=True),
    Kind.SUSPICIOUS_LOGIN: Policy(is_security=True),
    Kind.STOLEN_SESSION: Policy(is_security=True),
    Kind.ENROLMENT: Policy(),
    Kind.COMPLETION: Policy(),
    Kind.CERTIFICATE: Policy(),
    Kind.CERTIFICATE_REVOKED: Policy(),
    Kind.BADGE: Policy(),
    Kind.IMPORT_FINISHED: Policy(),
    Kind.REVIEW_POSTED: Policy(),
    Kind.FEEDBACK: Policy(),
    Kind.REVIEW_REPLIED: Policy(),
    Kind.REVIEW_HIDDEN: Policy(),
    Kind.REVIEW_RESTORED: Policy(),
}
# The links of these are made of a request, and their address is the request's.
ASKED_FOR = frozenset({Kind.VERIFY, Kind.NEW_ADDRESS, Kind.RESET})


def optional() -> list[tuple[Kind, Channel]]:
    """What people may switch off, in a steady order."""
    return [
        (kind, channel)
        for kind, policy in POLICIES.items()
        if not policy.is_security
        for channel in sorted(policy.channels)
    ]


def channels_for(kind: Kind, *, switched_off: Collection[Channel], is_verified: bool) -> frozenset[Channel]:
    """The ways this news goes to someone who has switched those off.

    Optional mail goes to proven addresses only: who registers with a stranger's must not be able to flood it.
    """
    policy = POLICIES[kind]
    if policy.is_security:
        return policy.channels
    return policy.channels - set(switched_off) - (frozenset() if is_verified else MAIL_ONLY)


def is_sent_again(kind: Kind, *, doubts: int) -> bool:
    """Whether a mail whose fate is unknown is sent again: news of the account is, once (rule R31)."""
    return POLICIES[kind].is_security and doubts == 1


def longest_wait(attempts: int) -> timedelta:
    """The most to wait after so many tries: five seconds after the first, doubling to an hour (rule R16)."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * float(2 ** min(attempts - 1, 10)))
