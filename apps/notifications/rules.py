"""Which news goes which way, what may be switched off, and when to try again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from apps.notifications.types import Channel, Duty, Kind

BOTH = frozenset(Channel)
MAIL_ONLY = frozenset({Channel.MAIL})

LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=3)
GO_WITHOUT_FILES_AFTER = timedelta(minutes=10)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """How one kind of news travels.

    What it is our duty to tell may not be switched off, goes to any address, and is sent again (under the same
    Message-ID) when its fate is unknown: a second copy is better than none. Other news is not.
    """

    channels: frozenset[Channel] = BOTH
    duty: Duty | None = None


POLICIES: dict[Kind, Policy] = {
    Kind.VERIFY: Policy(MAIL_ONLY, duty=Duty.SECURITY),
    Kind.WELCOME: Policy(),
    Kind.NEW_ADDRESS: Policy(MAIL_ONLY, duty=Duty.SECURITY),
    Kind.ADDRESS_CHANGING: Policy(duty=Duty.SECURITY),
    Kind.EMAIL_CHANGED: Policy(duty=Duty.SECURITY),
    Kind.RESET: Policy(MAIL_ONLY, duty=Duty.SECURITY),
    Kind.PASSWORD_CHANGED: Policy(duty=Duty.SECURITY),
    Kind.SUSPICIOUS_LOGIN: Policy(duty=Duty.SECURITY),
    Kind.STOLEN_SESSION: Policy(duty=Duty.SECURITY),
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
    Kind.RECEIPT: Policy(duty=Duty.MONEY),
    # Who tries cards on an account with a stranger's address must not be able to flood it: not a duty.
    Kind.PAYMENT_FAILED: Policy(),
    Kind.ORDER_EXPIRED: Policy(),
    Kind.REFUND: Policy(duty=Duty.MONEY),
    Kind.REFUND_FAILED: Policy(duty=Duty.MONEY),
    Kind.DISPUTE_LOST: Policy(duty=Duty.MONEY),
    Kind.REWARD_REVERSED: Policy(),
}
# The links of these are made of a request, and their address is the request's.
ASKED_FOR = frozenset({Kind.VERIFY, Kind.NEW_ADDRESS, Kind.RESET})


def optional() -> list[tuple[Kind, Channel]]:
    """What people may switch off, in a steady order."""
    return [
        (kind, channel) for kind, policy in POLICIES.items() if not policy.duty for channel in sorted(policy.channels)
    ]


def channels_for(kind: Kind, *, switched_off: Collection[Channel], is_verified: bool) -> frozenset[Channel]:
    """The ways this news goes to someone who has switched those off.

    Optional mail goes to proven addresses only: who registers with a stranger's must not be able to flood it.
    """
    policy = POLICIES[kind]
    if kind == Kind.VERIFY and is_verified:  # somebody vouched for them meanwhile
        return frozenset()
    if policy.duty:
        return policy.channels
    return policy.channels - set(switched_off) - (frozenset() if is_verified else MAIL_ONLY)


def is_sent_again(kind: Kind, *, doubts: int) -> bool:
    """Whether a mail whose fate is unknown is sent again: what is a duty is, once (rule R31)."""
    return POLICIES[kind].duty is not None and doubts == 1


def longest_wait(attempts: int) -> timedelta:
    """The most to wait after so many tries: five seconds after the first, doubling to an hour (rule R16)."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * float(2 ** min(attempts - 1, 10)))
