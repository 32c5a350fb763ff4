"""Files: what a row names is in the store, what is shown is held, what nobody wants is gone."""

# ruff: noqa: S608  constants of this module

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

# Who shows which file: the asset, and the use of it that there must be.
_SHOWN = """
with texts as (
    select 'content.lesson' as kind, b.lesson_id as holder_id, v.html
      from content_bodyversion v join content_lessonbody b on b.id = v.body_id
    union all select 'assessments.question', id, prompt || explanation from assessments_question
    union all select 'assessments.question', question_id, text || feedback from assessments_choice
), shown as (
    select avatar_id as asset_id, 'users.avatar' as kind, id as holder_id from users_user where avatar_id is not null
    union select cover_id, 'courses.cover', id from courses_course where cover_id is not null
    union select v.film_id, 'content.lesson', b.lesson_id
            from content_bodyversion v join content_lessonbody b on b.id = v.body_id where v.film_id is not null
    union select asset_id, 'content.download', id from content_resource
    union select asset_id, 'content.import', id from content_import where asset_id is not null
    union select found[1]::uuid, kind, holder_id
            from texts cross join regexp_matches(
                html, 'media:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})', 'gi') found
)
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
    Invariant(
        code="MD4",
        promise="An upload that nobody completed is forgotten two days after its form expired.",
        statement="""
            select id::text, format('its form expired %s', form_expires_at) from media_asset
             where completed_at is null and form_expires_at < now() - interval '2 days'""",
    ),
    Invariant(
        code="MD5",
        promise="Whatever shows a file holds it, so that the file is there.",
        statement=_SHOWN
        + """
            select asset_id::text, format('%s %s shows it and does not hold it', kind, holder_id)
              from shown left join media_use using (asset_id, kind, holder_id) where id is null""",
    ),
    Invariant(
        code="MD6",
        promise="Nothing holds a file that it does not show.",
        statement=_SHOWN
        + """
            select asset_id::text, format('%s %s holds it and does not show it', kind, holder_id)
              from (select asset_id, kind, holder_id from media_use except table shown) unshown""",
    ),
    Invariant(
        code="MD7",
        promise="A file that nothing has used for 32 days is forgotten.",
        statement="""
            select id::text, format('unused since %s', coalesce(released_at, created_at)) from media_asset a
             where state <> 'pending' and coalesce(released_at, created_at) < now() - interval '32 days'
               and not exists (select from media_use where asset_id = a.id)""",
    ),
)
