from django.db import migrations

from learninghub.db.migrating import fill


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('users', '0001_initial'),
        ('media', '0002_uses'),
    ]

    operations = [
        fill(
            table='users_user',
            statement="""
                insert into media_use (id, updated_at, asset_id, kind, holder_id)
                select gen_random_uuid(), now(), a.id, 'users.avatar', u.id
                  from users_user u join media_asset a on a.id = u.avatar_id
                 where u.id = any(%(ids)s)
                on conflict do nothing""",
        ),
    ]
