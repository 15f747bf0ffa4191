"""The floor: one row by its key, as JSON. No middleware, no session, no template."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path


def row(request: HttpRequest, community_id: int, matter_id: UUID) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, state, words FROM matters_matter WHERE community_id = %s AND id = %s",
            [community_id, matter_id],
        )
        number, state, words = cursor.fetchone()
    return JsonResponse({"number": number, "state": state, "words": words})


urlpatterns = [path("bare/<int:community_id>/<uuid:matter_id>/", row)]
