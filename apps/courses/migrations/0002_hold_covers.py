from django.db import migrations

from learninghub.db.migrating import fill


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('courses', '0001_initial'),
        ('media', '0002_uses'),
    ]

    operations = [
        fill(
            table='courses_course',
            statement="""
                insert into media_use (id, updated_at, asset_id, kind, holder_id)
                select gen_random_uuid(), now(), cover_id, 'courses.cover', id
                  from courses_course where id = any(%(ids)s) and cover_id is not null
                on conflict do nothing""",
        ),
    ]
