"""Django's PostgreSQL backend, minus one assumption.

The database key of a tenant table is (community_id, id), so grouping by `id` alone does not let PostgreSQL infer the row's
other columns: Django has to name them all in GROUP BY.
"""

from django.db.backends.postgresql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    allows_group_by_selected_pks = False

    @classmethod
    def allows_group_by_selected_pks_on_model(cls, model: object) -> bool:
        return False


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
