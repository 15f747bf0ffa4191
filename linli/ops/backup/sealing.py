"""Files of a backup: encrypted in frames as they are written, so that memory stays small and a cut-off end is noticed.

File: magic (8) · length of key id (1) · key id · salt (16), then frames: length with the top bit on the last one (4) · nonce (12) ·
sealed. Each file has a key of its own, derived from the backup key, the salt and the file's name: a file under another name, a frame
moved, repeated or left out does not open. What is sealed begins with one byte: 1 where zlib made the rest smaller.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"LINLIBK1"
FRAME_BYTES: Final = 1024 * 1024
_SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 12, 16
_LAST = 1 << 31
_WORTH_SQUEEZING = 512


class Damaged(Exception):
    """A file of a backup that does not open; says which and why, in Chinese."""


class Keys(Protocol):
    """What sealing and opening ask of the keys."""

    @property
    def keys(self) -> Mapping[str, bytes]: ...

    @property
    def current(self) -> str: ...


@dataclass(frozen=True)
class BackupKeys:
    """The keys backups are sealed with: the current one writes, every one reads."""

    keys: Mapping[str, bytes]
    current: str


class FollowingKeys:
    """The same, as the secrets file has them now: a process that receives all day takes up a new key without a restart."""

    def __init__(self, path: Path) -> None:
        self._path, self._seen = path, -1
        self._held = BackupKeys({}, "")

    @property
    def keys(self) -> Mapping[str, bytes]:
        return self._now().keys

    @property
    def current(self) -> str:
        return self._now().current

    def _now(self) -> BackupKeys:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._seen:
                held = json.loads(self._path.read_text())
                keys = {name: base64.b64decode(key) for name, key in held["backup_keys"].items()}
                self._held, self._seen = BackupKeys(keys, held["backup_key_current"]), changed
        except (OSError, ValueError, KeyError):
            if not self._held.keys:
                raise
        return self._held


def key_of_file(path: Path) -> str:
    """The id of the key a sealed file was written with; "" for one that is no sealed file."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + 1)
        if len(head) <= len(MAGIC) or head[:-1] != MAGIC:
            return ""
        return file.read(head[-1]).decode("ascii", errors="replace")


def _file_key(key: bytes, salt: bytes, name: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"linli backup " + name.encode()).derive(key))


class Sealer:
    """Writes one sealed file to `out`; `name` is what the file is called inside the backup directory."""

    def __init__(self, out: BinaryIO, keys: Keys, name: str) -> None:
        salt, key_id = os.urandom(_SALT_BYTES), keys.current.encode("ascii")
        self._out, self._n = out, 0
        self._cipher = _file_key(keys.keys[keys.current], salt, name)
        out.write(MAGIC + bytes([len(key_id)]) + key_id + salt)

    @classmethod
    def going_on(cls, out: BinaryIO, keys: Keys, name: str) -> tuple[Sealer, int]:
        """Go on with a file that was begun, after its last whole frame; the sealer, and how many plain bytes are there."""
        reader = Opener(out, keys, name)
        held = 0
        for piece in reader.pieces(may_be_cut=True):
            held += len(piece)
        out.seek(reader.whole_until)
        out.truncate()
        sealer = cls.__new__(cls)
        sealer._out, sealer._n, sealer._cipher = out, reader.frames, reader.cipher
        return sealer, held

    def write(self, plain: bytes, *, is_last: bool = False) -> None:
        """Seal `plain` as one frame; after the last one nothing may follow."""
        squeezed = zlib.compress(plain, 1) if len(plain) >= _WORTH_SQUEEZING else plain
        body = b"\1" + squeezed if len(squeezed) < len(plain) else b"\0" + plain
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, body, _bound(self._n, is_last))
        length = (_NONCE_BYTES + len(sealed)) | (_LAST if is_last else 0)
        self._out.write(length.to_bytes(4, "big") + nonce + sealed)
        self._n += 1


class Opener:
    """Reads one sealed file."""

    def __init__(self, file: BinaryIO, keys: Keys, name: str) -> None:
        self._file, self.name, self.frames = file, name, 0
        head = file.read(len(MAGIC) + 1)
        if len(head) <= len(MAGIC) or head[:-1] != MAGIC:
            raise Damaged(f"{name} 开头不对，不是邻里的备份文件，或已损坏")
        key_id = file.read(head[-1]).decode("ascii", errors="replace")
        salt = file.read(_SALT_BYTES)
        if key_id not in keys.keys:
            raise Damaged(f"{name} 用的备份密钥 {key_id} 不在密钥文件里")
        self.cipher = _file_key(keys.keys[key_id], salt, name)
        self.whole_until = file.tell()

    def pieces(self, *, may_be_cut: bool = False) -> Iterator[bytes]:
        """The plain bytes, frame by frame. `may_be_cut`: a file still being written, whose end may be torn.

        Raises:
            Damaged: a frame was changed, or the end is missing.
        """
        while head := self._file.read(4):
            is_last = bool(head[0] & 0x80)
            length = int.from_bytes(head, "big") & ~_LAST
            sealed = self._file.read(length) if length <= FRAME_BYTES * 2 else b""
            if len(head) < 4 or len(sealed) < length:
                break
            yield self._open(sealed, is_last=is_last)
            self.frames += 1
            self.whole_until = self._file.tell()
            if is_last:
                return
        if not may_be_cut:
            raise Damaged(f"{self.name} 不完整，后面少了一截")

    def _open(self, sealed: bytes, *, is_last: bool) -> bytes:
        try:
            body = self.cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(self.frames, is_last))
        except (InvalidTag, ValueError) as broken:
            raise Damaged(f"{self.name} 第 {self.frames + 1} 段被改过或已损坏") from broken
        return zlib.decompress(body[1:]) if body[:1] == b"\1" else body[1:]


def _bound(n: int, is_last: bool) -> bytes:
    return n.to_bytes(8, "big") + bytes([is_last])


def seal_file(source: Path, target: Path, keys: Keys, name: str) -> None:
    """Write `source` sealed to `target`: whole or not at all."""
    new = target.with_name(target.name + ".new")
    with source.open("rb") as plain, new.open("wb") as out:
        sealer = Sealer(out, keys, name)
        piece = plain.read(FRAME_BYTES)
        while True:
            following = plain.read(FRAME_BYTES)
            sealer.write(piece, is_last=not following)
            if not following:
                break
            piece = following
        out.flush()
        os.fsync(out.fileno())
    new.rename(target)


def seal_again(source: Path, target: Path, keys: Keys, name: str) -> None:
    """Write a sealed file sealed anew with the current key to `target`; its plain bytes are never on the disk."""
    with source.open("rb") as file, target.open("wb") as out:
        sealer, waiting = Sealer(out, keys, name), b""
        for n, piece in enumerate(Opener(file, keys, name).pieces()):
            if n:
                sealer.write(waiting)
            waiting = piece
        sealer.write(waiting, is_last=True)
        out.flush()
        os.fsync(out.fileno())


def open_file(source: Path, target: Path, keys: Keys, name: str) -> None:
    """Write the plain bytes of `source` to `target`, readable by us alone."""
    with (
        source.open("rb") as file,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
    ):
        for piece in Opener(file, keys, name).pieces():
            out.write(piece)


class Plain:
    """A sealed file's plain bytes as tarfile reads a stream: `read(size)`."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            have += len(piece)
        data = b"".join(parts)
        if size < 0:
            size = len(data)
        self._rest = data[size:]
        return data[:size]
