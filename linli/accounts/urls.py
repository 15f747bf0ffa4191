"""Addresses outside any community; `urls_community` has those within one."""

from django.urls import path

from . import views_account as account
from . import views_public as views
from . import views_second as second

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.code, name="code"),
    path("sign-in/resend/", views.resend, name="resend"),
    path("sign-in/staff/", views.staff_sign_in, name="staff"),
    path("sign-in/second/", second.second, name="second"),
    path("sign-in/second/passkey/", second.ask_passkey, name="ask_passkey"),
    path("sign-in/second/passkey/check/", second.check_passkey, name="check_passkey"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("account/", account.safety, name="safety"),
    path("account/confirm/", account.confirm, name="confirm"),
    path("account/password/", account.password, name="password"),
    path("account/app/", account.app, name="app"),
    path("account/codes/", account.codes, name="codes"),
    path("account/passkeys/begin/", account.begin_passkey, name="begin_passkey"),
    path("account/passkeys/add/", account.add_passkey, name="add_passkey"),
    path("account/passkeys/<uuid:passkey_id>/drop/", account.drop_passkey, name="drop_passkey"),
    path("account/sessions/<uuid:handle>/end/", account.end_session, name="end_session"),
    path("account/sessions/end-others/", account.end_others, name="end_others"),
]
