"""How well accounts are protected, as a profile the deployment chooses (`LINLI_PROTECTION`): pure values and rules.

ASVS follows OWASP ASVS 5.0 (6.2: length, no composition, no rotation) and NIST SP 800-63B-4 (an hour without a deed, a
day in all). MLPS follows 等级保护 2.0, level 3 (GB/T 22239-2019, 8.1.4.1: complexity, regular change, lock-out, time-out);
its figures are those assessors ask for.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Protection:
    """Figures of one profile. `kinds` is how many of lower case, capitals, digits and signs a password must mix."""

    name: str
    min_length: int
    kinds: int
    max_age: timedelta | None
    history: int
    failures: int
    lock: timedelta
    idle: timedelta
    longest: timedelta

    @property
    def password_words(self) -> str:
        """What a password must be, as a help text."""
        mixed = f"，大写、小写、数字、符号里至少 {self.kinds} 种" if self.kinds else "，一句话也行"
        turned = f"。每 {self.max_age.days} 天换一次，不用最近 {self.history} 个" if self.max_age else ""
        return f"{self.min_length} 位以上{mixed}，别处没用过的{turned}。"

    def is_outlived(self, *, since: datetime, seen_at: datetime, now: datetime) -> str:
        """Why a staff session is over: "idle", "longest", or "" while it holds."""
        if now - seen_at > self.idle:
            return "idle"
        return "longest" if now - since > self.longest else ""

    def is_too_old(self, set_at: datetime, now: datetime) -> bool:
        """Whether a password set then must be changed now."""
        return self.max_age is not None and now - set_at > self.max_age


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ASVS = Protection("ASVS", 12, 0, None, 0, 5, 15 * MINUTE, 60 * MINUTE, 12 * HOUR)
MLPS = Protection("MLPS", 10, 3, timedelta(days=90), 5, 5, 15 * MINUTE, 15 * MINUTE, 12 * HOUR)
PROFILES = {profile.name: profile for profile in (ASVS, MLPS)}


def password_fault(password: str, profile: Protection, *, username: str) -> str:
    """What is wrong with a new password, in a sentence that says how to mend it; "" when nothing is."""
    if len(password) < profile.min_length:
        return f"密码短了一点：现在 {len(password)} 位，请用 {profile.min_length} 位以上。"
    if (have := kinds_in(password)) < profile.kinds:
        return f"密码请混用大写、小写、数字、符号里至少 {profile.kinds} 种，现在是 {have} 种。"
    if username and username.lower() in password.lower():
        return "密码里请不要带用户名，别人最先猜它。"
    if len(set(password)) < 5:
        return "密码里重复的太多，请换一个。"
    return ""


def kinds_in(password: str) -> int:
    """How many of lower case, capitals, digits and everything else are in it."""
    kinds = {unicodedata.category(letter)[:2] for letter in password}
    return sum(("Ll" in kinds, "Lu" in kinds, "Nd" in kinds, bool(kinds - {"Ll", "Lu", "Nd"})))
