"""All addresses. What is inside a community stands in `community_patterns` and is mounted under `/c/<code>/`.

Inside a community, reversing needs no code: `accounts.middleware` gives each request the addresses of its own community.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from linli.core import views_drafts
from linli.core.files import serve_file
from linli.core.guards import desk
from linli.core.views_help import all_topics, show_help
from linli.core.views_live import poll
from linli.core.views_look import set_look
from linli.core.views_styles import show_sample, show_styles

from .api import api

community_patterns: list[URLPattern | URLResolver] = [
    path("", include("linli.matters.urls")),
    path("files/<uuid:file_id>/", serve_file, name="file"),
    path("drafts/<slug:form>/", views_drafts.save, name="draft"),
    path("drafts/<slug:form>/forget/", views_drafts.forget, name="draft_forget"),
    path("help/", show_help, name="help"),
    path("desk/help/", desk()(show_help), name="help_desk"),
    path("live/poll/", poll, name="live_poll"),
    path("", include("linli.accounts.urls_community")),
    path("desk/residents/", include("linli.residents.urls")),
    path("desk/places/", include("linli.places.urls")),
    path("desk/worktime/", include("linli.worktime.urls")),
    path("desk/organisations/", include("linli.organisations.urls")),
    path("desk/messages/", include("linli.notices.urls")),
    path("desk/imports/", include("linli.imports.urls")),
    path("desk/hooks/", include("linli.hooks.urls")),
    path("desk/lists/", include("linli.lists.urls")),
    path("errands/", include("linli.visits.urls_errands")),
    path("desk/visits/", include("linli.visits.urls")),
    path("", include("linli.intake.urls")),
    path("desk/", include("linli.desk.urls")),
    path("", include("linli.rights.urls")),
]

urlpatterns = [
    path("c/<slug:code>/", include(community_patterns)),
    path("", include("linli.accounts.urls")),
    path("keepers/", include("linli.accounts.urls_keepers")),
    path("street/", include("linli.desk.urls_street")),
    path("look/", set_look, name="look"),
    path("help/", show_help, name="help_everywhere"),
    path("help/topics.json", all_topics, name="help_topics"),
    path("api/", api.urls),
]
if settings.IS_DEMO:  # who one would like to be; and what the pages are made of, for those who build on it
    urlpatterns += [
        path("demo/", include("linli.demo.urls")),
        path("styles/", show_styles, name="styles"),
        path("styles/sample/", show_sample, name="styles_sample"),
    ]

handler400 = "linli.core.api.bad_request"
handler403 = "linli.core.api.not_allowed"
handler404 = "linli.core.api.not_found"
handler500 = "linli.core.api.server_error"
