"""The platform's own row among the communities: sign-ins and posts above a community are recorded there."""

from django.db import migrations

PLATFORM = 0


def add_platform(apps, schema_editor):
    communities = apps.get_model("places", "Community").objects.using(schema_editor.connection.alias)
    communities.get_or_create(id=PLATFORM, defaults={"name": "平台"})


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [migrations.RunPython(add_platform, migrations.RunPython.noop)]
