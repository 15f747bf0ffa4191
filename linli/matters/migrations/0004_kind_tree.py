import django.contrib.postgres.fields
import django.db.models.deletion
import linli.core.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matters', '0003_find_keys'),
        ('places', '0002_platform'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='matterkind',
            options={'base_manager_name': 'across_communities', 'default_manager_name': 'objects', 'ordering': ('level', 'order', 'code')},
        ),
        migrations.AddField(
            model_name='matter',
            name='answers',
            field=models.JSONField(default=list, verbose_name='问到的'),
        ),
        migrations.AddField(
            model_name='matter',
            name='grade',
            field=models.CharField(choices=[('L1', '网格能办'), ('L2', '社区能办'), ('L3', '要街道部门'), ('L4', '要区级部门'), ('urgent', '紧急')], default='L1', max_length=8, verbose_name='层级'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='duplicate_days',
            field=models.PositiveSmallIntegerField(null=True, verbose_name='几天内算同一件'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='duplicate_metres',
            field=models.PositiveSmallIntegerField(null=True, verbose_name='多近算同一处'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='evidence',
            field=models.CharField(blank=True, choices=[('none', '不用照片'), ('wanted', '最好有办好后的照片'), ('needed', '必须有办好后的照片')], max_length=8, verbose_name='办好后的照片'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='grade',
            field=models.CharField(blank=True, choices=[('L1', '网格能办'), ('L2', '社区能办'), ('L3', '要街道部门'), ('L4', '要区级部门'), ('urgent', '紧急')], max_length=8, verbose_name='层级'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='level',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='第几层'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='parent',
            field=linli.core.tenancy.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='matters.matterkind', verbose_name='上级类别'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='path',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list, size=None, verbose_name='从顶层到这一类的代码'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='questions',
            field=models.JSONField(default=list, verbose_name='要问的'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='side',
            field=models.CharField(blank=True, choices=[('front', '片区专员'), ('back', '后台社工')], max_length=8, verbose_name='责任方'),
        ),
        migrations.AddField(
            model_name='matterkind',
            name='templates',
            field=models.JSONField(default=dict, verbose_name='常用答复'),
        ),
        migrations.RunSQL("UPDATE matters_matterkind SET path = ARRAY[code]::varchar[]", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='matterkind',
            constraint=models.CheckConstraint(condition=models.Q(('level__range', (1, 5))), name='matter_kind_level'),
        ),
        migrations.AddConstraint(
            model_name='matterkind',
            constraint=models.CheckConstraint(condition=models.Q(('path__len', models.F('level'))), name='matter_kind_path'),
        ),
        migrations.AddConstraint(
            model_name='matterkind',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('level', 1), ('parent__isnull', True)), models.Q(('level__gt', 1), ('parent__isnull', False)), _connector='OR'), name='matter_kind_top'),
        ),
    ]
