import django.db.models.deletion
import django.db.models.functions.datetime
import learninghub.db.keys
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.UUIDField(default=learninghub.db.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(max_length=40)),
                ('holder_id', models.UUIDField()),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='media.asset')),
            ],
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.UniqueConstraint(fields=('kind', 'holder_id', 'asset'), name='media_use_once'),
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.CheckConstraint(condition=models.Q(('kind__regex', '^[a-z]+\\.[a-z]+$')), name='media_use_kind'),
        ),
        migrations.AddField(
            model_name='asset',
            name='released_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
