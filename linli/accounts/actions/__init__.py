"""The app's writes, by subject: how one signs in (`sign_in`, `second_step`, `passkeys`, `sessions`), and what one is and may."""

from .absences import AbsenceNoted, AbsenceWrong, end_absence, note_absence
from .accounts import add_account, change_password, close_account, reset_password, sign_out_everywhere
from .emergencies import close_emergency, open_emergency, review_emergency
from .keepers import ask_second_reset, do_second_reset, end_sessions_of, unlock
from .links import confirm_link, end_link, refuse_link, request_link
from .passkeys import add_passkey, ask_passkey, begin_passkey, check_passkey, drop_passkey
from .posts import end_post, grant_post
from .seats import NoMobile, SeatGone, ask_code_for, open_seat
from .second_step import app_address, check_second, confirm_app, make_codes, offer_app
from .sessions import end_other_sessions, end_session, outlived
from .sign_in import (
    AskedCode,
    ask_code,
    ask_code_again,
    check_code,
    check_password,
    forget_codes,
    send_codes_by,
    signed_in,
    signed_out,
)
from .tokens import make_token, revoke_token

__all__ = [
    "AbsenceNoted",
    "AbsenceWrong",
    "AskedCode",
    "NoMobile",
    "SeatGone",
    "add_account",
    "add_passkey",
    "app_address",
    "ask_code",
    "ask_code_again",
    "ask_code_for",
    "ask_passkey",
    "ask_second_reset",
    "begin_passkey",
    "change_password",
    "check_code",
    "check_passkey",
    "check_password",
    "check_second",
    "close_account",
    "close_emergency",
    "confirm_app",
    "confirm_link",
    "do_second_reset",
    "drop_passkey",
    "end_absence",
    "end_link",
    "end_other_sessions",
    "end_post",
    "end_session",
    "end_sessions_of",
    "forget_codes",
    "grant_post",
    "make_codes",
    "make_token",
    "note_absence",
    "offer_app",
    "open_emergency",
    "open_seat",
    "outlived",
    "refuse_link",
    "request_link",
    "reset_password",
    "review_emergency",
    "revoke_token",
    "send_codes_by",
    "sign_out_everywhere",
    "signed_in",
    "signed_out",
    "unlock",
]
