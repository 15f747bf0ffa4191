"""Addresses outside any community; `urls_community` has those within one."""

from django.urls import path

from . import views_public as views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.code, name="code"),
    path("sign-in/resend/", views.resend, name="resend"),
    path("sign-in/staff/", views.staff_sign_in, name="staff"),
    path("sign-out/", views.sign_out, name="sign_out"),
]
