"""How a page looks to its reader, and what every page needs to know: the look, the navigation, the duty phone.

The look is kept in a cookie and written into `<html data-theme data-mode data-text>` by the server, so that no page
flickers and none needs a script.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from . import help

LOOK_COOKIE = "__Host-look"
QUIET_COOKIE = "__Host-demo-quiet"
CARE_COOKIE, CARE_NEW, CARE_SEEN = "__Host-care", "new", "seen"
LOOK_SECONDS = 365 * 24 * 3600
MODES = ("normal", "care")
THEMES = ("auto", "light", "dark")
TEXTS = ("1", "2", "3")
DEMO_DUTY_PHONE = "0571-0000 0380"  # not an assignable number; shown only with made-up data


@dataclass(frozen=True)
class Look:
    """`mode` normal or care (长辈版), `theme` auto, light or dark, `text` 1 to 3: 22, 26, 30 px in 长辈版."""

    mode: str = "normal"
    theme: str = "auto"
    text: str = "1"

    @classmethod
    def read(cls, stored: str) -> Look:
        """The look a cookie holds (`care.dark.2`); whatever it does not say, or says wrongly, is the default."""
        parts = [*stored.split("."), "", "", ""][:3]
        return cls().but(mode=parts[0], theme=parts[1], text=parts[2])

    def but(self, *, mode: str = "", theme: str = "", text: str = "") -> Look:
        """This look with what is given changed; unknown values change nothing.

        A text size brings 长辈版 with it; leaving 长辈版 gives it up.
        """
        if text in TEXTS and not mode:
            mode = "care"
        look = replace(
            self,
            mode=mode if mode in MODES else self.mode,
            theme=theme if theme in THEMES else self.theme,
            text=text if text in TEXTS else self.text,
        )
        return replace(look, text="1") if look.mode == "normal" else look

    @property
    def is_care(self) -> bool:
        return self.mode == "care"

    def __str__(self) -> str:
        return f"{self.mode}.{self.theme}.{self.text}"


def look_of(request: HttpRequest) -> Look:
    """The look this browser asked for."""
    return Look.read(request.COOKIES.get(LOOK_COOKIE, ""))


@dataclass(frozen=True)
class NavItem:
    """One place to go: in the side on a desk; with `is_tab` in a phone's bottom bar (three at most; help comes last).

    `count` is shown beside it when it is not 0, in the colour of what is late when `is_late`. `group` heads a group
    in the side.
    """

    label: str
    url: str
    icon: str
    count: int = 0
    is_late: bool = False
    is_tab: bool = False
    group: str = ""
    is_current: bool = False


def mark_current(items: Iterable[NavItem], path: str) -> list[NavItem]:
    """`items` with the one marked whose url is the longest beginning of `path`; none, when none is."""
    listed = list(items)
    best = max((item.url for item in listed if path.startswith(item.url)), key=len, default=None)
    return [replace(item, is_current=item.url == best) for item in listed]


def duty_phone_of(community: Any) -> str:
    """The phone somebody answers: the community's own, else the installation's, else "" (pages leave the call out)."""
    own = getattr(community, "duty_phone", "") if community is not None else ""
    return own or settings.LINLI_DUTY_PHONE or (DEMO_DUTY_PHONE if settings.IS_DEMO else "")


def look(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `look`, `here` (the active community or None), `duty_phone`, `is_demo`, `planned`, `live_origin`;
    `help_topics` (what to say beside this page) and `help_data_url` (all topics, for the script).

    `look_is_new` says that this browser has never chosen: it is offered 长辈版 once. `care_is_new` says that it has just come to
    长辈版 for the first time, and has not yet said that it knows.
    """
    community = getattr(request, "community", None)
    return {
        "look": look_of(request),
        "look_is_new": LOOK_COOKIE not in request.COOKIES,
        "care_is_new": request.COOKIES.get(CARE_COOKIE) == CARE_NEW,
        "here": community,
        "duty_phone": duty_phone_of(community),
        "is_demo": settings.LINLI_PROFILE == "demo",
        "is_demo_quiet": QUIET_COOKIE in request.COOKIES,
        "planned": getattr(request, "planned", None),
        "help_topics": help.for_page(match.view_name) if (match := request.resolver_match) else [],
        "help_data_url": f"/help/topics.json?v={help.packed()[1]}",
        "live_origin": settings.LINLI_LIVE_ORIGIN,
    }
