"""The app's writes, by subject: `sign_in`, `accounts`, `posts`, `links`, `tokens`."""

from .accounts import add_account, change_password, close_account, sign_out_everywhere
from .links import confirm_link, end_link, refuse_link, request_link
from .posts import end_post, grant_post
from .sign_in import (
    AskedCode,
    ask_code,
    ask_code_again,
    check_code,
    check_password,
    forget_codes,
    send_codes_by,
    signed_out,
)
from .tokens import make_token, revoke_token

__all__ = [
    "AskedCode",
    "add_account",
    "ask_code",
    "ask_code_again",
    "change_password",
    "check_code",
    "check_password",
    "close_account",
    "confirm_link",
    "end_link",
    "end_post",
    "forget_codes",
    "grant_post",
    "make_token",
    "refuse_link",
    "request_link",
    "revoke_token",
    "send_codes_by",
    "sign_out_everywhere",
    "signed_out",
]
