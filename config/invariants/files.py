"""Files: what a row calls ready is in the store, whole."""

from collections.abc import Iterator

from django.db import connection

from config.invariants.invariant import Invariant
from learninghub.storage import store

_NAMED = """
select 'asset ' || id, sha256 from media_asset where state = 'ready'
union all select 'rendition ' || id, sha256 from media_rendition
union all select 'certificate ' || id, sha256 from certificates_certificate where sha256 <> ''
union all select 'document ' || id, sha256 from payments_document where sha256 <> ''
"""


def _missing() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMED)
        named = cursor.fetchall()
    for subject, sha256 in named:
        if not store.exists(sha256):
            yield subject, f"no file {sha256}"


INVARIANTS = (
    Invariant(
        code="MD1",
        promise="Every file that a row names is in the store.",
        look=_missing,
        asks_store=True,
    ),
    Invariant(
        code="MD3",
        promise="What people use of their quota is the sum of their files.",
        statement="""
            select owner_id::text, format('%s counted, %s there', coalesce(u.used, 0), coalesce(a.size, 0))
              from media_usage u
              full join (select owner_id, sum(size) as size from media_asset
                          where state <> 'rejected' group by owner_id) a using (owner_id)
             where coalesce(u.used, 0) <> coalesce(a.size, 0)""",
    ),
    Invariant(
        code="MD2",
        promise="An upload that was said to be complete is ready or rejected within a quarter of an hour.",
        statement="""
            select id::text, format('complete since %s', completed_at) from media_asset
             where state = 'pending' and completed_at < now() - interval '15 min'""",
    ),
)
