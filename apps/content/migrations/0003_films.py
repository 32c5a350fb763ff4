import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0002_hold_files'),
        ('media', '0003_idle_assets'),
    ]

    operations = [
        migrations.AddField(
            model_name='bodyversion',
            name='film',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset'),
        ),
        AddConstraintNotValid(
            model_name='bodyversion',
            constraint=models.CheckConstraint(condition=models.Q(('video_url', ''), ('film__isnull', True), _connector='OR'), name='content_bodyversion_one_video'),
        ),
    ]
