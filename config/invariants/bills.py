"""Bills: what was paid and paid back has its papers, and their numbers leave no doubt that none is missing."""

from config.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        code="M6",
        promise="Invoices and credit notes are numbered from 1 without a gap in each series.",
        statement="""
            select s.name,
                   format('%s of %s numbers are found, the highest is %s', count(d.id), s.last_serial, max(d.serial))
              from payments_series s left join payments_document d on d.series_id = s.name
             group by s.name, s.last_serial
            having (count(d.id), coalesce(max(d.serial), 0)) <> (s.last_serial, s.last_serial)""",
    ),
    Invariant(
        code="M8",
        promise="Every captured payment has its invoice and every settled refund its credit note, of the same amounts.",
        statement="""
            select 'order ' || o.id, format('%s paid, invoice of %s', o.amount, coalesce(d.gross::text, 'nothing'))
              from payments_order o left join payments_document d on d.order_id = o.id and d.kind = 'invoice'
             where o.paid_at is not null
               and (o.amount, o.tax_amount, o.currency) is distinct from (d.gross, d.tax, d.currency)
            union all
            select 'refund ' || r.id,
                   format('%s paid back, credit note of %s', r.amount, coalesce(d.gross::text, 'nothing'))
              from payments_refund r left join payments_document d on d.refund_id = r.id
             where r.state = 'settled' and (r.amount, r.tax_amount) is distinct from (d.gross, d.tax)""",
    ),
)
