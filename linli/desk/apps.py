from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "linli.desk"
    label = "desk"
    verbose_name = "工作台首页"
