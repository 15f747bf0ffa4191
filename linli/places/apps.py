from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "linli.places"
    label = "places"
    verbose_name = "区域与房屋"

    def ready(self) -> None:
        from linli.core import trail

        trail.verbs(
            {
                "community.set_up": "建立社区",
                "community.recoded": "更换社区代码",
                "sub_area.added": "新增片区",
                "grid.added": "新增网格",
                "estate.added": "新增小区",
                "building.added": "新增楼栋",
            }
        )
