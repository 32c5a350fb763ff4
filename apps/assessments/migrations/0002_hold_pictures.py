from django.db import migrations

from learninghub.db.migrating import fill


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('assessments', '0001_initial'),
        ('media', '0002_uses'),
    ]

    operations = [
        fill(
            table='assessments_question',
            statement="""
                insert into media_use (id, updated_at, asset_id, kind, holder_id)
                select distinct on (a.id, texts.id) gen_random_uuid(), now(), a.id, 'assessments.question', texts.id
                  from (select id, prompt || explanation as html from assessments_question
                        union all
                        select question_id, text || feedback from assessments_choice) texts
                 cross join regexp_matches(texts.html, 'media:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})', 'gi') found
                  join media_asset a on a.id = found[1]::uuid
                 where texts.id = any(%(ids)s)
                on conflict do nothing""",
        ),
    ]
