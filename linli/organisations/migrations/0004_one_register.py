from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("organisations", "0003_take_over_party_branches")]

    operations = [migrations.DeleteModel(name="PartyBranch")]
