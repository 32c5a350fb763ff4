"""Accounts, sessions, mails."""

from config.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        code="TK1",
        promise="A minute after an account was closed or its password changed, no older session of it lives.",
        statement="""
            select s.id::text,
                   case when u.is_active then 'from before a change of the password' else 'account closed' end
              from identity_session s join users_user u on u.id = s.user_id
             where s.ended_at is null and s.expires_at > now()
               and (not u.is_active or s.credential_epoch < u.credential_epoch)
               and u.updated_at < now() - interval '1 min'""",
    ),
    Invariant(
        code="N1",
        promise="No mail waits longer than a quarter of an hour, unless its next try is known.",
        statement="""
            select m.id::text, format('%s since %s', m.state, m.queued_at)
              from notifications_mail m
             where m.state in ('queued', 'sending') and m.queued_at < now() - interval '15 min'
               and not exists (select from learninghub_queuedmessage q
                                where q.name = 'notifications.send' and q.dead_at is null
                                  and q.payload ->> 'mail_id' = m.id::text)""",
    ),
)
