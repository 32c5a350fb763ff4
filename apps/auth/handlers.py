"""Facts that auth hears."""

from apps.auth import actions
from apps.auth.types import EndReason
from apps.users.events import PasswordChanged, RolesChanged, UserSuspended
from learninghub.clock import now
from learninghub.events import handles


@handles(PasswordChanged)
def end_sessions_of_the_old_password(event: PasswordChanged) -> None:
    kept = event.kept_session_id
    actions.end_older_sessions(user_id=event.user_id, epoch=event.epoch, kept_session_id=kept, now=now())


@handles(RolesChanged)
def refuse_tokens_that_claim_too_much(event: RolesChanged) -> None:
    if event.revoked:
        actions.distrust_tokens(user_id=event.user_id, now=now())


@handles(UserSuspended)
def end_every_session(event: UserSuspended) -> None:
    actions.end_all_sessions(user_id=event.user_id, reason=EndReason.SUSPENDED, now=now())
