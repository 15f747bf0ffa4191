from django.urls import path

from . import views_desk as views

app_name = "hooks"
urlpatterns = [
    path("", views.hooks, name="hooks"),
    path("<uuid:hook_id>/", views.hook, name="hook"),
    path("<uuid:hook_id>/stop/", views.stop, name="stop"),
    path("<uuid:hook_id>/again/", views.again, name="again"),
]
