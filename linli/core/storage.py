"""Static files: addresses that change with their content (WeChat caches hard), and a compressed copy to serve them from."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

from . import clock

WORTH_COMPRESSING = {".css", ".js", ".svg", ".json", ".html", ".txt"}
A_DAY = 24 * 3600


class VersionedStatic(StaticFilesStorage):
    """`/static/linli/linli.css?v=3f9c1a2b`: no collecting step, and the file may be cached for a year."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        version = _version(name) if name else ""
        return f"{address}?v={version}" if version else address


@cache
def _version(name: str) -> str:
    found = finders.find(name)
    return hashlib.sha256(Path(str(found)).read_bytes()).hexdigest()[:8] if found else ""


def packed(root: Path) -> Path:
    """A folder in `root` with every static file and, beside those that shrink, `<name>.gz`; made when it is not there.

    Its name is the content's, so that an upgrade has a folder of its own while the last requests are still answered
    from the one before. Workers that start together may both make it: the last to finish is kept, and they are equal.
    """
    files = {
        path: Path(str(storage.path(path))) for finder in finders.get_finders() for path, storage in finder.list([])
    }
    sum_of = hashlib.sha256()
    for path, file in sorted(files.items()):
        sum_of.update(path.encode() + b"\0" + file.read_bytes())
    folder = root / sum_of.hexdigest()[:16]
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    _forget_old(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as made:
        for path, file in files.items():
            _pack(file, Path(made) / "files" / path)
        try:
            (Path(made) / "files").rename(folder)
        except OSError:  # another worker was faster
            if not folder.is_dir():
                raise
    return folder


def _pack(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    if file.suffix in WORTH_COMPRESSING:
        target.with_name(f"{target.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def _forget_old(root: Path) -> None:
    """Folders of versions before: a day is longer than any request."""
    for folder in root.iterdir():
        if folder.is_dir() and clock.now().timestamp() - folder.stat().st_mtime > A_DAY:
            shutil.rmtree(folder, ignore_errors=True)
