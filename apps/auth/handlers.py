"""Facts that auth hears."""

from apps.auth import actions
from apps.auth.types import EndReason
from apps.users.events import PasswordChanged, RolesChanged, UserSuspended
from learninghub.clock import now
from learninghub.events import handles


@handles(PasswordChanged)
def end_older_sessions(event: PasswordChanged) -> None:
    actions.end_sessions(
        user_id=event.user_id,
        reason=EndReason.PASSWORD_CHANGED,
        now=now(),
        before_epoch=event.epoch,
        kept_session_id=event.kept_session_id,
    )


@handles(RolesChanged)
def refuse_tokens_that_claim_too_much(event: RolesChanged) -> None:
    if event.revoked:
        actions.distrust_tokens(user_id=event.user_id, now=now())


@handles(UserSuspended)
def end_all_sessions(event: UserSuspended) -> None:
    actions.end_sessions(user_id=event.user_id, reason=EndReason.SUSPENDED, now=now())
