import django.contrib.postgres.indexes
import linli.core.keys
from django.db import migrations

from linli.core.keys import keys_of
from linli.residents.rules import find_words_of


def fill(apps, schema_editor):
    """Residents of before are found by their keys too."""
    Resident = apps.get_model("residents", "Resident")
    rows, batch = Resident.objects.using(schema_editor.connection.alias), []
    for row in rows.iterator(chunk_size=1000):
        row.find_keys = keys_of(row.community_id, find_words_of(row))
        batch.append(row)
        if len(batch) == 1000:
            rows.bulk_update(batch, ["find_keys"])
            batch = []
    rows.bulk_update(batch, ["find_keys"])


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0002_platform'),
        ('residents', '0003_fill_two_times'),
    ]

    operations = [
        migrations.AddField(
            model_name='resident',
            name='find_keys',
            field=linli.core.keys.KeysField(of=find_words_of, size=None, verbose_name='姓名检索'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='resident',
            index=django.contrib.postgres.indexes.GinIndex(fields=['find_keys'], name='resident_by_keys'),
        ),
    ]
