"""The files of a home that lie outside the database, each sealed for itself in the backup directory and kept up to date."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from linli.ops.backup.sealing import Keys, open_file, seal_file
from linli.ops.backup.store import SEALED, Store

# Never the keys: whoever finds the backup must not find with it what opens it.
KEPT = ("files", "trail-heads", "forgotten", "ca", "profile", "postgres.password")
GROWING = ("trail-heads", "forgotten")  # written to again; stored files are not
SLACK_SECONDS = 2.0  # two writes within one tick of the file system's clock look alike


class Mirror:
    """Copies what changed since the last look. Folders that did not change are not read again."""

    def __init__(self, home: Path, store: Store, keys: Keys) -> None:
        self.home, self.store, self.keys = home, store, keys
        self._folders: dict[str, tuple[int, list[str], list[str]]] = {}
        self._known: dict[str, tuple[int, int]] = {}

    def update(self) -> int:
        """Seal what is new or changed; how many files. What was deleted stays until `forget`."""
        count = 0
        for path in self._files():
            relative = str(path.relative_to(self.home))
            try:
                held = path.stat()
            except FileNotFoundError:
                continue
            seen = (held.st_mtime_ns, held.st_size)
            if self._known.get(relative) == seen:
                continue
            target = self.target(relative)
            if not target.exists() or target.stat().st_mtime_ns != held.st_mtime_ns:
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                seal_file(path, target, self.keys, f"home/{relative}")
                os.utime(target, ns=(held.st_mtime_ns, held.st_mtime_ns))
                count += 1
            self._known[relative] = seen
        return count

    def forget_deleted(self) -> int:
        """Delete copies whose file is gone from the home; how many."""
        count = 0
        for path in list(self.store.home.rglob(f"*{SEALED}")):
            if not (self.home / str(path.relative_to(self.store.home))[: -len(SEALED)]).exists():
                path.unlink()
                count += 1
        return count

    def target(self, relative: str) -> Path:
        return self.store.home / f"{relative}{SEALED}"

    def _files(self) -> Iterator[Path]:
        for name in KEPT:
            path = self.home / name
            if path.is_file():
                yield path
            elif path.is_dir():
                yield from self._files_in(path, is_growing=name in GROWING)

    def _files_in(self, folder: Path, *, is_growing: bool) -> Iterator[Path]:
        """Files in `folder` and below. Stored files are written once: where their folder is unchanged, so are they."""
        changed = folder.stat().st_mtime_ns
        held = self._folders.get(str(folder))
        if held is None or held[0] != changed:
            folders, files = [], []
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
            is_new = True
            held = (changed, folders, files)
        else:
            is_new = False
        if is_new or is_growing:
            yield from (folder / name for name in held[2])
        # Only now, and not while its clock could still hide a later write.
        if folder.stat().st_mtime_ns == changed and _age(changed) > SLACK_SECONDS:
            self._folders[str(folder)] = held
        for name in held[1]:
            yield from self._files_in(folder / name, is_growing=is_growing)


def _age(mtime_ns: int) -> float:
    return time.time() - mtime_ns / 1e9


def restore_home(store: Store, home: Path, keys: Keys) -> int:
    """Write every mirrored file into `home`; how many. Raises Damaged."""
    count = 0
    for path in sorted(store.home.rglob(f"*{SEALED}")):
        relative = str(path.relative_to(store.home))[: -len(SEALED)]
        target = home / relative
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        open_file(path, target, keys, f"home/{relative}")
        count += 1
    return count
