from django.db import migrations

from learninghub.db.migrating import fill


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('content', '0001_initial'),
        ('media', '0002_uses'),
    ]

    operations = [
        fill(
            table='content_bodyversion',
            statement="""
                insert into media_use (id, updated_at, asset_id, kind, holder_id)
                select distinct on (a.id, b.lesson_id) gen_random_uuid(), now(), a.id, 'content.lesson', b.lesson_id
                  from content_bodyversion v join content_lessonbody b on b.id = v.body_id
                 cross join regexp_matches(v.html, 'media:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})', 'gi') found
                  join media_asset a on a.id = found[1]::uuid
                 where v.id = any(%(ids)s)
                on conflict do nothing""",
        ),
        fill(
            table='content_resource',
            statement="""
                insert into media_use (id, updated_at, asset_id, kind, holder_id)
                select gen_random_uuid(), now(), asset_id, 'content.download', id
                  from content_resource where id = any(%(ids)s)
                on conflict do nothing""",
        ),
        fill(
            table='content_import',
            statement="""
                insert into media_use (id, updated_at, asset_id, kind, holder_id)
                select gen_random_uuid(), now(), asset_id, 'content.import', id
                  from content_import
                 where id = any(%(ids)s) and asset_id is not null and state in ('pending', 'running')
                on conflict do nothing""",
        ),
        fill(
            table='content_import',
            statement="""
                update content_import set asset_id = null
                 where id = any(%(ids)s) and asset_id is not null and state in ('finished', 'failed')""",
        ),
    ]
