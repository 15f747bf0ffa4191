"""Accounts, the posts they hold, how they sign in, and which register entries they are."""

from .absences import Absence
from .accounts import NOBODY, Account, AccountManager, LinkState, Post, ResidentLink, Scope, SignInCode, Token
from .emergencies import Emergency
from .seats import PartySeat
from .signing_in import Passkey, PastPassword, RecoveryCode, SecondReset, SecondStep, Session

__all__ = [
    "NOBODY",
    "Absence",
    "Account",
    "AccountManager",
    "Emergency",
    "LinkState",
    "PartySeat",
    "Passkey",
    "PastPassword",
    "Post",
    "RecoveryCode",
    "ResidentLink",
    "Scope",
    "SecondReset",
    "SecondStep",
    "Session",
    "SignInCode",
    "Token",
]
