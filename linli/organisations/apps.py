from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "linli.organisations"
    label = "organisations"
    verbose_name = "组织"

    def ready(self) -> None:
        from linli.core import trail

        trail.verbs({"party_branch.added": "成立党组织", "party_branch.secretary_appointed": "任命书记"})
