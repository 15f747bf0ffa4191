"""The app's addresses beside probes that show what the middleware does round any view."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.urls import include, path, reverse
from django.views.decorators.csrf import csrf_exempt

from linli.core import tenancy, views_drafts
from linli.core.access import Permission
from linli.core.errors import Conflict
from linli.core.guards import desk, signed_in
from linli.places.models import SubArea


def who(request, **kwargs):
    actor = request.actor
    return JsonResponse(
        {
            "kwargs": sorted(kwargs),
            "community": request.community and request.community.id,
            "active": tenancy._active.get(),
            "account": actor.account_id and str(actor.account_id),
            "roles": sorted(duty.role for duty in actor.duties),
            "speaks_for": sorted(str(one) for one in actor.speaks_for),
            "via": actor.via,
            "here": reverse("who") if request.community and actor.via == "page" else None,
        }
    )


def write(request, **kwargs):
    """Write a row, then answer as `?how=` says."""
    how = request.GET.get("how")
    SubArea.objects.create(code=request.GET["name"], name="写下")
    if how == "raise":
        raise ValueError("a bug")
    if how == "problem":
        raise Conflict()
    return HttpResponse(status=int(how or 200))


@desk()
def at_desk(request):
    return HttpResponse("desk")


@desk(Permission.TRAIL_SEE)
def at_trail(request):
    return HttpResponse("trail")


@signed_in
def at_mine(request):
    return HttpResponse("mine")


community_patterns = [
    path("who/", who, name="who"),
    path("write/", csrf_exempt(write), name="write"),
    path("desk/probe/", at_desk),
    path("desk/trail-probe/", at_trail),
    path("mine-probe/", at_mine),
    path("", include("linli.accounts.urls_community")),
    path("drafts/<slug:form>/", views_drafts.save, name="draft"),
    path("drafts/<slug:form>/forget/", views_drafts.forget, name="draft_forget"),
]
urlpatterns = [
    path("c/<slug:code>/", include(community_patterns)),
    path("api/c/<slug:code>/who/", csrf_exempt(who)),
    path("api/mine/", csrf_exempt(signed_in(who))),
    path("who/", who),
    path("", include("linli.accounts.urls")),
    path("keepers/", include("linli.accounts.urls_keepers")),
]
