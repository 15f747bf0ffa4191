from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('residents', '0006_records_kept_right'),
    ]

    operations = [
        migrations.AlterField(
            model_name='correctionrequest',
            name='deed',
            field=models.CharField(choices=[('correct', '更正'), ('change', '变更'), ('grant', '登记类别'), ('end', '终止类别'), ('amend', '更正类别'), ('alter', '变更类别')], default='correct', max_length=8, verbose_name='申请'),
        ),
    ]
