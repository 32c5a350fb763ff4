"""A breach of each invariant, and of no other: what an error, a crash or a hand in the database might leave."""

# ruff: noqa: S608  constants of this module

_A_MINUTE_LATER = "update enrollments_enrollment set updated_at = now() - interval '1 hour'; "
_ONE_FACT = """
    select o.message_id from learninghub_outboxmessage o join learninghub_inboxentry i using (message_id)
    where o.kind = 'fact' order by o.id limit 1
"""

BREACHES = {
    "E1": """
        update enrollments_trackedcourse set percent_sum = percent_sum - 1
         where course_id = (select course_id from enrollments_trackedcourse where percent_sum > 0 limit 1)""",
    "E2": _A_MINUTE_LATER
    + """
        update courses_course set learners = learners + 1
         where id = (select course_id from enrollments_enrollment limit 1)""",
    "P1": """
        update enrollments_lessonprogress set completed_at = null, completion_id = null
         where id = (select p.id from enrollments_lessonprogress p join enrollments_enrollment e on e.id = enrollment_id
                      where e.state = 'active' and p.completed_at is not null limit 1)""",
    "P2": """
        update learninghub_outboxmessage set name = 'enrollments.lesson_completed.v1'
         where id = (select max(o.id) from learninghub_outboxmessage o join enrollments_enrollment e
                       on o.aggregate_id = e.id::text and e.completed_at > now() - interval '6 days'
                      where o.name = 'enrollments.course_completed.v1')""",
    "C1": """
        update certificates_certificate set state = 'waiting', sha256 = '', created_at = now() - interval '1 hour'
         where id = (select id from certificates_certificate limit 1)""",
    "A1": """
        update assessments_grade set attempts = attempts + 1
         where id = (select id from assessments_grade limit 1)""",
    "A2": """
        update assessments_answer set points = points + 0.5
         where id = (select id from assessments_answer where points is not null limit 1)""",
    "A3": "update assessments_grade set score = 1 where id = (select id from assessments_grade limit 1)",
    "M1": """
        update enrollments_enrollment set source = 'purchase'
         where id = (select id from enrollments_enrollment where source = 'free' and state = 'active' limit 1)""",
    "M2": """
        update enrollments_enrollment set source = 'grant' where source = 'purchase' and state = 'active';
        update payments_order set state = 'returning' where state = 'paid'""",
    "M3": """
        update payments_posting set amount = amount + 1
         where id = (select p.id from payments_posting p join payments_entry e on e.id = p.entry_id
                      where e.kind = 'sale' limit 1)""",
    "M4": "update payments_stripeevent set state = 'received', received_at = now() - interval '1 hour'",
    "M5": _A_MINUTE_LATER
    + """
        update certificates_certificate set revoked_at = null, revocation_reason = '' where revoked_at is not null""",
    "M7": "update payments_daytotal set sold_at_stripe = sold_at_stripe - 1",
    "M9": """
        insert into payments_refund (id, created_at, updated_at, order_id, amount, tax_amount, reason, state, stripe_id,
                                     failure)
        select gen_random_uuid(), now() - interval '2 hours', now(), id, 1, 0, 'goodwill', 'requested', '', ''
          from payments_order where state = 'paid' limit 1""",
    "E3": """
        update enrollments_trackedcourse set held = held + 1
         where course_id = (select course_id from enrollments_trackedcourse limit 1)""",
    "M6": "update payments_series set last_serial = last_serial + 1 where name like 'INV-%'",
    "M8": "update payments_document set tax = tax + 1, net = net - 1 where kind = 'invoice'",
    "PT1": """
        update gamification_standing set points = points + 1
         where id = (select id from gamification_standing limit 1)""",
    "PT2": "update gamification_bucket set players = players + 1 where id = (select min(id) from gamification_bucket)",
    "PT3": "delete from gamification_earnedbadge where badge = 'first-lesson'",
    "PT4": """
        update gamification_player set spent = 1
         where user_id = (select user_id from gamification_standing where week = 0 limit 1)""",
    "PT5": """
        update gamification_reward set taken = taken - 1
         where id = (select id from gamification_reward where taken > 0 limit 1)""",
    "RV1": """
        update reviews_ratedcourse set stars_4 = stars_4 - 1, stars_5 = stars_5 + 1
         where course_id = (select course_id from reviews_review where rating = 4 limit 1)""",
    "RV2": """
        update reviews_review set author_id = (select author_id from courses_course limit 1)
         where id = (select id from reviews_review limit 1)""",
    "RV3": """
        update reviews_reviewchange set created_at = now() - interval '1 hour';
        update courses_course set rating_sum = rating_sum - 1 where rating_sum > rating_count""",
    "TK1": """
        update users_user set credential_epoch = credential_epoch + 1, updated_at = now() - interval '2 min'
         where id = (select user_id from identity_session limit 1)""",
    "N1": """
        update notifications_mail set state = 'queued', done_at = null, queued_at = now() - interval '1 hour'
         where id = (select id from notifications_mail limit 1)""",
    "MD1": """
        update media_rendition set sha256 = repeat('0', 64)
         where id = (select id from media_rendition limit 1)""",
    "MD3": "update media_usage set used = used + 1",
    "MD2": """
        update media_asset set state = 'pending', completed_at = now() - interval '1 hour'
         where id = (select id from media_asset limit 1)""",
    "MD4": """
        update media_asset set state = 'pending', completed_at = null, form_expires_at = now() - interval '3 days'
         where id = (select id from media_asset limit 1)""",
    "MD5": "delete from media_use where id = (select id from media_use limit 1)",
    "MD6": """
        insert into media_use (id, updated_at, asset_id, kind, holder_id)
        select gen_random_uuid(), now(), id, 'users.avatar', gen_random_uuid() from media_asset limit 1""",
    "MD7": """
        insert into media_asset (id, updated_at, released_at, owner_id, purpose, filename, media_type, size, sha256,
                                 state, reason, is_public, is_animated, completed_at)
        select gen_random_uuid(), now(), now() - interval '40 days', id, 'resource', 'a.pdf', 'application/pdf', 1, '',
               'rejected', 'malware_found', false, false, now() from users_user limit 1""",
    "O1": """
        update learninghub_outboxmessage set published_at = null, available_at = now() - interval '2 min'
         where id = (select max(id) from learninghub_outboxmessage)""",
    "O2": f"""
        update learninghub_outboxmessage set published_at = now() - interval '10 min' where message_id = ({_ONE_FACT});
        delete from learninghub_inboxentry where message_id = ({_ONE_FACT})""",
    "O3": "insert into learninghub_inboxentry (message_id, handler) values (gen_random_uuid(), 'courses.nobody')",
    "O4": """
        insert into learninghub_queuedmessage
            (message_id, kind, name, target, queue, payload, headers, available_at, attempts, dead_at, last_error)
        values (gen_random_uuid(), 'job', 'a.job', 'a.job', 'default', '{}', '{}', now(), 9, now(), 'given up')""",
    "O5": f"""
        update learninghub_aggregateversion v set version = v.version + 1
          from learninghub_outboxmessage o
         where o.message_id = ({_ONE_FACT})
           and (v.aggregate_type, v.aggregate_id) = (o.aggregate_type, o.aggregate_id)""",
    "O6": "insert into learninghub_scheduledrun (name, due_at) values ('a.job', now() - interval '1 hour')",
    "AU1": """
        update learninghub_auditentry set reason = 'Another one.'
         where id = (select min(id) from learninghub_auditentry)""",
}
