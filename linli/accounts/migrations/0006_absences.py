import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
import linli.core.ids
import linli.core.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_party_seats'),
        ('places', '0002_platform'),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.UUIDField(verbose_name='谁不在岗')),
                ('cover_id', models.UUIDField(null=True, verbose_name='谁顶岗')),
                ('from_on', models.DateField(verbose_name='从哪天起')),
                ('until_on', models.DateField(verbose_name='哪天回来')),
                ('posts', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='顶岗的岗位')),
                ('noted_at', models.DateTimeField(verbose_name='登记时间')),
                ('community', models.ForeignKey(db_index=False, default=linli.core.tenancy.current_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.community', verbose_name='社区')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'across_communities',
                'default_manager_name': 'objects',
                'constraints': [models.CheckConstraint(condition=models.Q(('until_on__gte', models.F('from_on'))), name='absence_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('cover_id__isnull', True), models.Q(('cover_id', models.F('account_id')), _negated=True), _connector='OR'), name='absence_cover_is_another'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('community', '='), ('account_id', '='), (models.Func('from_on', 'until_on', function='daterange'), '&&')], name='absence_once')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('across_communities', django.db.models.manager.Manager()),
            ],
        ),
    ]
