import django.db.models.deletion
import django.db.models.manager
import linli.core.ids
import linli.core.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matters', '0011_clock'),
        ('places', '0002_platform'),
        ('residents', '0007_categories_asked'),
    ]

    operations = [
        migrations.AddField(
            model_name='matter',
            name='routed_because',
            field=models.CharField(blank=True, max_length=120, verbose_name='为什么到这里'),
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='顺序')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('is_on', models.BooleanField(default=True, verbose_name='启用')),
                ('source', models.CharField(blank=True, max_length=12, verbose_name='来源')),
                ('grade', models.CharField(blank=True, max_length=8, verbose_name='层级')),
                ('pattern', models.CharField(blank=True, choices=[('', '不看次数'), ('like', '同类反复'), ('new', '好久没有过')], max_length=8, verbose_name='看次数')),
                ('at_least', models.PositiveSmallIntegerField(default=0, verbose_name='至少几件')),
                ('days', models.PositiveSmallIntegerField(default=0, verbose_name='近几天')),
                ('within', models.CharField(choices=[('building', '本楼栋'), ('sub_area', '本片区'), ('community', '本社区')], default='community', max_length=12, verbose_name='在哪里数')),
                ('target', models.CharField(choices=[('front', '片区专员'), ('back', '后台社工'), ('person', '指定一位同事')], max_length=8, verbose_name='交给')),
                ('person', models.UUIDField(null=True, verbose_name='交给谁')),
                ('community', models.ForeignKey(db_index=False, default=linli.core.tenancy.current_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.community', verbose_name='社区')),
                ('kind', linli.core.tenancy.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.matterkind', verbose_name='类别')),
                ('sub_area', linli.core.tenancy.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.subarea', verbose_name='片区')),
            ],
            options={
                'ordering': ('order', 'id'),
                'abstract': False,
                'base_manager_name': 'across_communities',
                'default_manager_name': 'objects',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('across_communities', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='matter',
            name='routed_by',
            field=linli.core.tenancy.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matters', to='matters.routingrule', verbose_name='按哪条规则分派'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['community', 'kind', 'reported_at'], name='matter_like_it'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.UniqueConstraint(fields=('community', 'name'), name='routing_rule_name'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('target', 'person')), models.Q(models.Q(('target', 'person'), _negated=True), ('person__isnull', True)), _connector='OR'), name='routing_rule_person'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('at_least', 0), ('days', 0), ('pattern', '')), models.Q(('at_least__range', (2, 500)), ('days__range', (1, 366)), ('pattern', 'like')), models.Q(('at_least', 0), ('days__range', (1, 1000)), ('pattern', 'new')), _connector='OR'), name='routing_rule_pattern'),
        ),
    ]
