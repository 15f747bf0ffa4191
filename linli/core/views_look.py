"""One small form on every page: 长辈版, light or dark, larger text. No script needed; it leads back where one was."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from .ui import CARE_COOKIE, CARE_NEW, CARE_SEEN, LOOK_COOKIE, LOOK_SECONDS, look_of


@require_POST
def set_look(request: HttpRequest) -> HttpResponse:
    """Remember `mode`, `theme` or `text` for a year and go back to `next`, if that is a page of ours.

    The first time in 长辈版 is remembered too, until `care=seen` answers the notice about it.
    """
    wanted = {name: request.POST.get(name, "") for name in ("mode", "theme", "text")}
    back = request.POST.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=hosts, require_https=request.is_secure())
    response = HttpResponseRedirect(back if is_ours else "/")
    # The look is no secret, but the name's prefix asks for Secure and no Domain; scripts have no business with it.
    look = look_of(request).but(**wanted)
    _remember(response, LOOK_COOKIE, str(look))
    if request.POST.get("care") == CARE_SEEN:
        _remember(response, CARE_COOKIE, CARE_SEEN)
    elif look.is_care and CARE_COOKIE not in request.COOKIES:
        _remember(response, CARE_COOKIE, CARE_NEW)
    elif not look.is_care and request.COOKIES.get(CARE_COOKIE) == CARE_NEW:
        _remember(response, CARE_COOKIE, CARE_SEEN)  # who has found the way back needs no telling
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=LOOK_SECONDS, secure=True, httponly=True, samesite="Lax")
