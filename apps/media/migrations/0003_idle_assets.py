import django.db.models.functions.comparison
from django.db import migrations, models

from learninghub.db.migrating import AddIndexBeside, fill


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('media', '0002_uses'),
    ]

    operations = [
        AddIndexBeside(
            model_name='asset',
            index=models.Index(models.F('owner'), models.OrderBy(models.F('id'), descending=True), name='media_asset_of_owner'),
        ),
        AddIndexBeside(
            model_name='asset',
            index=models.Index(models.F('form_expires_at'), condition=models.Q(('completed_at__isnull', True)), name='media_asset_awaited'),
        ),
        AddIndexBeside(
            model_name='asset',
            index=models.Index(django.db.models.functions.comparison.Coalesce('released_at', 'created_at'), models.F('id'), name='media_asset_idle'),
        ),
        # What came before uses were written down counts as let go of now: it has its thirty days from here.
        fill(
            table='media_asset',
            statement="update media_asset set released_at = now() where id = any(%(ids)s) and released_at is null",
        ),
    ]
