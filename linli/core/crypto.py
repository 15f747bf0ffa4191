"""Personal fields at rest: encryption that can change its key and its algorithm, and the blind index that finds them.

Stored bytes: format (1) · algorithm (1) · length of key id (1) · key id (ascii) · sealed. What is sealed is bound to
its header and to the column it belongs to: a value copied to another column, or under another header, does not open.
What this does not hide or stop: a value's length, and swapping two rows of one column by whoever may write the table.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.signals import setting_changed

FORMAT: Final = 1
INDEX_BYTES: Final = 16
_NONCE_BYTES: Final = 12


class CannotDecrypt(Exception):
    """Stored bytes do not open: altered, moved to another column, or without their key. A bug or an attack."""


class KeyMissing(CannotDecrypt):
    """The key a value was written with is not in the ring: removed too early, or added a moment ago by another process."""


class Cipher(Protocol):
    """What the rest of linli knows of encryption."""

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        """Seal `plain` for the place named by `context` ("table.column"); twice the same gives different bytes."""

    def decrypt(self, stored: bytes, context: bytes) -> bytes:
        """The plain bytes again. Raises CannotDecrypt."""

    def needs_rotation(self, stored: bytes) -> bool:
        """Whether a new write would use another key or algorithm than `stored` has."""


class Algorithm(Protocol):
    """Authenticated encryption under one 32-byte key. `number` is written into every stored value: never reuse one."""

    number: int

    def seal(self, key: bytes, plain: bytes, bound: bytes) -> bytes: ...

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Raises cryptography's InvalidTag when anything differs."""


class Aes256Gcm:
    """AES-256-GCM with a random 96-bit nonce in front: safe for 2^32 values under one key (NIST SP 800-38D, 8.3)."""

    number = 1

    def seal(self, key: bytes, plain: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + _aes(key).encrypt(nonce, plain, bound)

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        return _aes(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)


@lru_cache(maxsize=16)
def _aes(key: bytes) -> AESGCM:
    """The key made ready; a ring has a few, a roster seals a hundred thousand values."""
    return AESGCM(key)


# SM4 (GB/T 32907) joins here: one class with number 2, listed first, and new writes use it while old ones still open.
ALGORITHMS: tuple[Algorithm, ...] = (Aes256Gcm(),)


class KeyRing:
    """A Cipher over several keys: the current one writes, every one reads. `algorithms[0]` writes, every one reads."""

    def __init__(self, keys: Mapping[str, bytes], current: str, algorithms: tuple[Algorithm, ...] = ALGORITHMS) -> None:
        """Raises ValueError for a ring that could not write or read back what it writes."""
        for key_id, key in keys.items():
            if not (key_id.isascii() and 1 <= len(key_id) <= 32):
                raise ValueError(f"key id {key_id!r} must be 1 to 32 ASCII characters")
            if len(key) != 32:
                raise ValueError(f"field key {key_id!r} must have 32 bytes, not {len(key)}")
        if current not in keys:
            raise ValueError(f"the current field key {current!r} is not in the ring")
        self._keys = dict(keys)
        self._algorithms = {algorithm.number: algorithm for algorithm in algorithms}
        self._writes_with = algorithms[0]
        self._current = current
        self._header = bytes([FORMAT, self._writes_with.number, len(current)]) + current.encode("ascii")

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        return self._header + self._writes_with.seal(self._keys[self._current], plain, self._header + context)

    def decrypt(self, stored: bytes, context: bytes) -> bytes:
        algorithm, key, header = self._read_header(stored)
        try:
            return algorithm.open(key, stored[len(header) :], header + context)
        except (InvalidTag, ValueError) as broken:  # ValueError: shorter than a nonce
            # The context names a column and is fit for a log; the value is not.
            where = context.decode(errors="replace")
            raise CannotDecrypt(f"a value of {where} does not open: altered, or written for another column") from broken

    def needs_rotation(self, stored: bytes) -> bool:
        return not stored.startswith(self._header)

    def _read_header(self, stored: bytes) -> tuple[Algorithm, bytes, bytes]:
        if len(stored) < 3 or stored[0] != FORMAT:
            raise CannotDecrypt("stored bytes do not begin like an encrypted value")
        header = stored[: 3 + stored[2]]
        try:
            algorithm = self._algorithms[header[1]]
            key = self._keys[header[3:].decode("ascii")]
        except (KeyError, UnicodeDecodeError) as unknown:
            raise KeyMissing("a stored value's key is not in the ring: was it removed too early?") from unknown
        return algorithm, key, header


def key_of(stored: bytes) -> str:
    """The id of the key `stored` was written with."""
    if len(stored) < 3 or stored[0] != FORMAT:
        raise CannotDecrypt("stored bytes do not begin like an encrypted value")
    return stored[3 : 3 + stored[2]].decode("ascii", errors="replace")


class FollowingRing:
    """The ring of the secrets file as it is now: a key added, or made current, is taken up without a restart.

    The file is looked at again when RELOOK_SECONDS have gone by, and at once when a value has a key that is not known yet.
    """

    RELOOK_SECONDS = 1.0

    def __init__(self, ring: KeyRing, path: Path, seen: int) -> None:
        """`seen` is the file's time of change (ns) when `ring` was read from it."""
        self._ring, self._path, self._seen = ring, path, seen
        self._looked_at = float("-inf")  # the settings may have been read long before the first use

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        return self._now().encrypt(plain, context)

    def decrypt(self, stored: bytes, context: bytes) -> bytes:
        try:
            return self._ring.decrypt(stored, context)
        except KeyMissing:
            if not self._look_again():
                raise
            return self._ring.decrypt(stored, context)

    def needs_rotation(self, stored: bytes) -> bool:
        return self._now().needs_rotation(stored)

    def _now(self) -> KeyRing:
        if time.monotonic() - self._looked_at > self.RELOOK_SECONDS:
            self._look_again()
        return self._ring

    def _look_again(self) -> bool:
        """Whether the file had changed and was read. One that cannot be read leaves the ring as it was."""
        self._looked_at = time.monotonic()
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._seen:
                return False
            held = json.loads(self._path.read_text())
            keys = {key_id: base64.b64decode(key) for key_id, key in held["field_keys"].items()}
            self._ring, self._seen = KeyRing(keys, held["field_key_current"]), changed
        except (OSError, ValueError, KeyError):
            return False
        return True


@lru_cache(maxsize=1)
def field_cipher() -> Cipher:
    """The ring the settings describe: LINLI_FIELD_KEYS (id → 32 bytes), LINLI_FIELD_KEY_CURRENT; followed where they are in a file."""
    ring = KeyRing(settings.LINLI_FIELD_KEYS, settings.LINLI_FIELD_KEY_CURRENT)
    path, seen = settings.LINLI_SECRETS_SEEN
    return FollowingRing(ring, Path(path), seen) if path else ring


BLIND_NEXT, BLIND_BEFORE = "blind_key_next", "blind_key_before"
"""Names in the secrets file while the key of the blind indexes is being exchanged: looked for as well, not written with."""


class BlindKeys:
    """The key that indexes are written with, and while it is being exchanged the one that some rows still have, or have already.

    Follows the secrets file as `FollowingRing` does.
    """

    RELOOK_SECONDS = 1.0

    def __init__(self, keys: tuple[bytes, ...], path: Path | None, seen: int) -> None:
        """`keys`: the one that writes, then the one looked for as well, if any. Raises ValueError for a short one."""
        self._take(keys)
        self._path, self._seen, self._looked_at = path, seen, float("-inf")

    def _take(self, keys: tuple[bytes, ...]) -> None:
        if any(len(key) < 32 for key in keys):
            raise ValueError("a key of the blind indexes must have at least 32 bytes")
        self._keys = keys

    def now(self) -> tuple[bytes, ...]:
        if self._path is not None and time.monotonic() - self._looked_at > self.RELOOK_SECONDS:
            self._look_again(self._path)
        return self._keys

    def _look_again(self, path: Path) -> None:
        self._looked_at = time.monotonic()
        try:
            changed = path.stat().st_mtime_ns
            if changed != self._seen:
                self._take(blind_keys_of(json.loads(path.read_text())))
                self._seen = changed
        except (OSError, ValueError, KeyError):
            return  # one that cannot be read leaves the keys as they were


def blind_keys_of(held: Mapping[str, Any]) -> tuple[bytes, ...]:
    """The keys of the blind indexes in what a secrets file holds, the one that writes first."""
    names = ("blind_key", *(name for name in (BLIND_NEXT, BLIND_BEFORE) if name in held))
    return tuple(base64.b64decode(held[name]) for name in names)


@lru_cache(maxsize=1)
def _blind_keys() -> BlindKeys:
    path, seen = settings.LINLI_SECRETS_SEEN
    return BlindKeys(settings.LINLI_BLIND_KEYS, Path(path) if path else None, seen)


def blind_index(purpose: str, value: str) -> bytes:
    """16 bytes that find `value` by equality and tell nothing else without the key (HMAC-SHA256, cut).

    `value` must be normalised first. The same value under another `purpose` gives unrelated bytes, so that a phone
    cannot be matched with, say, a document number that happens to have the same digits.
    """
    return _index(_blind_keys().now()[0], purpose, value)


def other_blind_indexes(purpose: str, value: str) -> tuple[bytes, ...]:
    """The same under a key that is being exchanged: rows may still have it, or have it already. Empty at all other times."""
    return tuple(_index(key, purpose, value) for key in _blind_keys().now()[1:])


def _index(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.digest(key, _named(purpose) + value.encode(), "sha256")[:INDEX_BYTES]


@cache
def _named(purpose: str) -> bytes:
    """The length in front keeps ("ab", "c") and ("a", "bc") apart."""
    named = purpose.encode()
    return len(named).to_bytes(2, "big") + named


def _forget_keys(*, setting: str, **_: Any) -> None:
    if setting in {"LINLI_FIELD_KEYS", "LINLI_FIELD_KEY_CURRENT", "LINLI_BLIND_KEYS", "LINLI_SECRETS_SEEN"}:
        field_cipher.cache_clear()
        _blind_keys.cache_clear()


setting_changed.connect(_forget_keys)  # sent by Django's override_settings
