from django.db import migrations

# A branch has been there since the trail says it was founded, or since its secretary was appointed, whichever is earlier.
SINCE = """
LEAST(branch.secretary_from, COALESCE(
    (SELECT min(entry.at)::date FROM core_trailentry AS entry
     WHERE entry.community_id = branch.community_id AND entry.subject_id = branch.id), current_date))
"""
ORGANISATIONS = f"""
INSERT INTO organisations_organisation
    (id, community_id, parent_id, kind, name, pinyin, initials, words, "order", source, span)
SELECT branch.id, branch.community_id, branch.parent_id, branch.kind, branch.name, '', '', '', branch."order", '',
    daterange({SINCE}, NULL)
FROM organisations_partybranch AS branch
"""
PLACES = f"""
INSERT INTO organisations_organisationplace (id, community_id, organisation_id, sub_area_id, bond, span)
SELECT gen_random_uuid(), branch.community_id, branch.id, branch.sub_area_id, 'serves', daterange({SINCE}, NULL)
FROM organisations_partybranch AS branch
"""
SECRETARIES = """
INSERT INTO organisations_organisationpost (id, community_id, organisation_id, resident_id, role, name, span)
SELECT gen_random_uuid(), branch.community_id, branch.id, branch.secretary_id, 'secretary', '',
    daterange(branch.secretary_from, NULL)
FROM organisations_partybranch AS branch WHERE branch.secretary_id IS NOT NULL AND branch.secretary_from IS NOT NULL
"""


def write_the_sounds(apps, schema_editor):
    """Organisations are found by their pinyin too."""
    from linli.core.pinyin import initials_of, pinyin_of

    Organisation = apps.get_model("organisations", "Organisation")
    rows = Organisation.across_communities.using(schema_editor.connection.alias)
    for row in rows.filter(pinyin="").iterator():
        rows.filter(pk=row.pk).update(pinyin=pinyin_of(row.name), initials=initials_of(row.name))


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("organisations", "0002_registers")]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (ORGANISATIONS, PLACES, SECRETARIES)),
        migrations.RunPython(write_the_sounds, migrations.RunPython.noop),
    ]
