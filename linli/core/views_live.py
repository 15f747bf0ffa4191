"""The polling fallback of the live stream, for browsers and networks that hold no connection open."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from . import live, tenancy
from .errors import NotFound
from .web import Request


@require_safe
def poll(request: Request) -> JsonResponse:
    """`?after=n[&kind=…&id=…]` → `{"last": n, "changes": [{n, verb, kind}], "is_reset": bool}`."""
    subject_id = tenancy.parse_uuid(request.GET.get("id", ""))
    stream = live.stream_for(request.actor, request.GET.get("kind"), subject_id)
    if stream is None:
        raise NotFound()
    after = request.GET.get("after", "")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        return JsonResponse({"last": live.position(), "changes": [], "is_reset": False})
    missed = live.notices_after(stream.community_id, int(after))
    is_reset = len(missed) > live.REPLAY_AT_MOST
    changes = [] if is_reset else [stream.tell(notice) for notice in missed if stream.hears(notice)]
    return JsonResponse(
        {
            "last": live.position() if is_reset else (missed[-1].n if missed else int(after)),
            "changes": changes,
            "is_reset": is_reset,
        }
    )
