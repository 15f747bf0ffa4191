import django.contrib.postgres.indexes
import linli.core.keys
from django.db import migrations

from linli.core.keys import keys_of
from linli.matters.rules import find_words_of


def fill(apps, schema_editor):
    """Matters of before are found by their keys too."""
    Matter = apps.get_model("matters", "Matter")
    rows, batch = Matter.objects.using(schema_editor.connection.alias), []
    for row in rows.iterator(chunk_size=1000):
        row.find_keys = keys_of(row.community_id, find_words_of(row))
        batch.append(row)
        if len(batch) == 1000:
            rows.bulk_update(batch, ["find_keys"])
            batch = []
    rows.bulk_update(batch, ["find_keys"])


class Migration(migrations.Migration):

    dependencies = [
        ('matters', '0002_consent'),
        ('places', '0002_platform'),
        ('residents', '0004_find_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='matter',
            name='find_keys',
            field=linli.core.keys.KeysField(of=find_words_of, size=None, verbose_name='检索'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='matter',
            index=django.contrib.postgres.indexes.GinIndex(fields=['find_keys'], name='matter_by_keys'),
        ),
    ]
