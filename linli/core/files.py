"""Stored files: checked and cleaned on the way in, re-authorised on every read on the way out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse
from django.views.decorators.http import require_safe

from . import clock, subjects, uploads
from .access import Actor
from .errors import NotFound
from .ids import uuid7
from .models import StoredFile
from .tenancy import TenantModel, current_id
from .trail import kind_of
from .web import Request

AS_PICTURES = {"image/jpeg", "image/png", "image/webp"}


def clean_uploads(files: list[UploadedFile]) -> list[tuple[str, uploads.CleanFile]]:
    """Check and clean uploads before any row is written.

    Raises:
        uploads' Invalid problems, each naming what to do with the file.
    """
    return [(upload.name or "", uploads.check_and_clean(upload, name=upload.name or "")) for upload in files]


def keep(
    actor: Actor, row: TenantModel, cleaned: list[tuple[str, uploads.CleanFile]], *, purpose: str
) -> list[StoredFile]:
    """Store cleaned files as belonging to `row`; the caller's action records them in the trail.

    The bytes are on disk before the row is; a transaction that fails leaves at most an orphan file, never a row without its file.
    """
    stored = []
    for name, clean in cleaned:
        file_id = uuid7()
        path = uploads.store(settings.LINLI_FILES, current_id(), file_id, clean)
        stored.append(
            StoredFile(
                id=file_id,
                owner_kind=kind_of(row),
                owner_id=row.pk,
                purpose=purpose,
                path=str(path),
                name=name[:120],
                media_type=clean.media_type,
                size_bytes=len(clean.content),
                sha256=clean.sha256,
                made_by=actor.account_id,
                made_at=clock.now(),
            )
        )
    return StoredFile.objects.bulk_create(stored)


def again(file: StoredFile) -> tuple[str, uploads.CleanFile]:
    """A kept file as `keep` takes it, to be stored with another row: cleaned already, so its bytes stay as they are."""
    with uploads.open_stored(Path(settings.LINLI_FILES), file.path) as stored:
        content = stored.read()
    suffix = Path(file.path).suffix
    return file.name, uploads.CleanFile(content, file.media_type, suffix, 0, 0, hashlib.sha256(content).digest())


def drop(files: list[StoredFile]) -> None:
    """Forget files: the rows now, the bytes once that is committed (a rollback must find them)."""
    paths = [file.path for file in files]
    StoredFile.objects.filter(pk__in=[file.pk for file in files]).delete()

    def take_away() -> None:
        for path in paths:
            uploads.remove(Path(settings.LINLI_FILES), path)

    transaction.on_commit(take_away)


def made_here(content: bytes, *, media_type: str, suffix: str) -> uploads.CleanFile:
    """A file this house made itself (an xlsx, a PDF): nothing to clean."""
    return uploads.CleanFile(content, media_type, suffix, 0, 0, hashlib.sha256(content).digest())


def files_of(row: TenantModel) -> list[StoredFile]:
    """The files of `row`, oldest first."""
    return list(StoredFile.objects.filter(owner_id=row.pk, owner_kind=kind_of(row)).order_by("made_at", "id"))


@require_safe
def serve_file(request: Request, file_id: UUID) -> FileResponse:
    """GET a file: its row decides, each time, whether this actor may see it."""
    file = StoredFile.objects.filter(pk=file_id).first()
    if file is None or not subjects.may_see(request.actor, file.owner_kind, file.owner_id):
        raise NotFound()
    is_picture = file.media_type in AS_PICTURES
    response = FileResponse(
        uploads.open_stored(Path(settings.LINLI_FILES), file.path),
        as_attachment=not is_picture,
        filename=file.name or f"{file.id}",
        content_type=file.media_type,
    )
    response["Content-Length"] = str(file.size_bytes)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    if not is_picture:
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return response
