"""Orders and the books: who paid has the course, who got it back has not, and Stripe says the same."""

from config.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        code="M1",
        promise="Whoever has a course because they bought it has one paid order of it.",
        statement="""
            select e.id::text, format('%s paid orders', count(o.id))
              from enrollments_enrollment e
              left join payments_order o on o.user_id = e.user_id and o.course_id = e.course_id and o.state = 'paid'
             where e.source = 'purchase' and e.state in ('active', 'completed')
             group by e.id having count(o.id) <> 1""",
    ),
    Invariant(
        code="M2",
        promise="Nobody pays twice for a course: what was paid for nothing is on its way back.",
        statement="""
            select o.id::text, 'paid for nothing, and not all of it is on its way back'
              from payments_order o
             where o.state = 'returning' and o.dispute_id = ''
               and o.amount > (select coalesce(sum(r.amount), 0) from payments_refund r
                                where r.order_id = o.id and r.state in ('requested', 'settled'))
            union all
            select min(id::text), format('%s paid orders of one learner for one course', count(*))
              from payments_order where state = 'paid' group by user_id, course_id having count(*) > 1""",
    ),
    Invariant(
        code="M3",
        promise="The ledger has of each order what was taken and what was given back, and not more back than taken.",
        statement="""
            select o.id::text, format('%s taken of %s, %s given back of %s', coalesce(l.sold, 0), o.amount,
                                      coalesce(l.refunded, 0), o.refunded_amount)
              from payments_order o
              left join (select e.order_id, sum(p.amount) filter (where e.kind = 'sale') as sold,
                                sum(p.amount) filter (where e.kind = 'refund') as refunded
                           from payments_entry e join payments_posting p on p.entry_id = e.id group by e.order_id
                        ) l on l.order_id = o.id
             where coalesce(l.sold, 0) <> case when o.paid_at is null then 0 else o.amount end
                or coalesce(l.refunded, 0) <> o.refunded_amount or o.refunded_amount > o.amount""",
    ),
    Invariant(
        code="M4",
        promise="What Stripe told was looked into a quarter of an hour later.",
        statement="""
            select id, format('%s, tried %s times', type, attempts)
              from payments_stripeevent
             where state <> 'done' and received_at < now() - interval '15 min'""",
    ),
    Invariant(
        code="M5",
        promise="A minute after all money is back, or lost to a bank, the certificate is gone with the course.",
        statement="""
            select o.id::text, format('%s, and certificate %s holds', o.state, c.id)
              from payments_order o
              join enrollments_enrollment e on e.user_id = o.user_id and e.course_id = o.course_id
              join certificates_certificate c on c.enrollment_id = e.id and c.revoked_at is null
             where o.state in ('refunded', 'lost') and e.state = 'revoked'
               and e.updated_at < now() - interval '1 min'""",
    ),
    Invariant(
        code="M7",
        promise="On each day that was compared, Stripe took and gave back what our ledger says.",
        statement="""
            select day || ' ' || currency, format('sold %s, at Stripe %s; given back %s, at Stripe %s',
                                                  sold, sold_at_stripe, refunded, refunded_at_stripe)
              from payments_daytotal
             where (sold, refunded) <> (sold_at_stripe, refunded_at_stripe)""",
    ),
    Invariant(
        code="M9",
        promise="Money that was promised back has left, or has failed to, an hour later.",
        statement="""
            select r.id::text, format('%s of order %s since %s, at Stripe %s', r.amount, r.order_id, r.created_at,
                                      coalesce(nullif(r.stripe_id, ''), 'unknown'))
              from payments_refund r
             where r.state = 'requested' and r.created_at < now() - interval '1 hour'""",
    ),
    Invariant(
        code="E3",
        promise="The seats that a course counts as held are held by somebody who pays.",
        statement="""
            select t.course_id::text, format('%s counted, %s held', t.held, count(h.id))
              from enrollments_trackedcourse t left join enrollments_seathold h on h.course_id = t.course_id
             group by t.course_id having count(h.id) <> t.held""",
    ),
)
