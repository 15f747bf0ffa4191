"""REST: a stored file, re-authorised through the row it belongs to, like on pages."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from ninja import Router

from linli.core.files import serve_file
from linli.core.web import Request

from .framework import answers

router = Router(tags=["附件"])
BYTES = {"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}}


@router.get("/files/{uuid:file_id}", response=answers(None), summary="下载附件", openapi_extra=BYTES)
def get_file(request: Request, file_id: UUID) -> FileResponse:
    return serve_file(request, file_id)
