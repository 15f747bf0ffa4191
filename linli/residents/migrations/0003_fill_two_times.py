from django.db import migrations

KNOWN_SINCE_NOTED = """
UPDATE {table} AS held SET known_from = resident.noted_at FROM residents_resident AS resident
WHERE resident.community_id = held.community_id AND resident.id = held.resident_id
"""


def index_the_tails(apps, schema_editor):
    """Residents of before are found by the last four characters of their ID number too."""
    Resident = apps.get_model("residents", "Resident")
    rows, batch = Resident.objects.using(schema_editor.connection.alias), []
    for resident in rows.filter(id_number__isnull=False).only("id", "id_number").iterator(chunk_size=1000):
        resident.id_tail_index = Resident._meta.get_field("id_tail_index").index_of(resident.id_number)
        batch.append(resident)
        if len(batch) == 1000:
            rows.bulk_update(batch, ["id_tail_index"])
            batch = []
    rows.bulk_update(batch, ["id_tail_index"])


class Migration(migrations.Migration):
    dependencies = [("residents", "0002_two_times")]

    operations = [
        migrations.RunSQL(KNOWN_SINCE_NOTED.format(table="residents_residence"), migrations.RunSQL.noop),
        migrations.RunSQL(KNOWN_SINCE_NOTED.format(table="residents_category"), migrations.RunSQL.noop),
        migrations.RunPython(index_the_tails, migrations.RunPython.noop),
    ]
