from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from learninghub.db.migrating import AddIndexBeside


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('content', '0003_films'),
    ]

    operations = [
        AddIndexBeside(
            model_name='bodyversion',
            index=models.Index(models.F('film'), condition=models.Q(('film__isnull', False)), name='content_bodyversion_film'),
        ),
        ValidateConstraint(model_name='bodyversion', name='content_bodyversion_one_video'),
    ]
