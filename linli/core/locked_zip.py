"""One file in a zip that wants a password: AES-256 as WinZip writes it (AE-2), which 7-Zip, WinRAR, 360压缩 and Bandizip open.

Source: WinZip's "AES Encryption Information: Encryption Specification AE-1 and AE-2", version 1.04. Its key derivation is quick to try, so
the password must be long and drawn, never chosen: `drawn_password`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_SALT, _KEY, _CHECK, _MAC = 16, 32, 2, 10
_VERSION, _ENCRYPTED_UTF8, _AES, _DEFLATED = 51, 0x0801, 99, 8
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


def drawn_password() -> str:
    """79 random bits, in four groups that can be read over the telephone."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def locked_zip(name: str, content: bytes, password: str) -> bytes:
    """A zip archive with `content` as its one file `name`."""
    salt = os.urandom(_SALT)
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 2 * _KEY + _CHECK)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    sealed = _counted(keys[:_KEY], packer.compress(content) + packer.flush())
    mac = hmac.new(keys[_KEY : 2 * _KEY], sealed, hashlib.sha1).digest()[:_MAC]
    body = salt + keys[2 * _KEY :] + sealed + mac
    encoded = name.encode()
    extra = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, _DEFLATED)
    sizes = (0, len(body), len(content), len(encoded), len(extra))  # AE-2 keeps no checksum of the plain text
    told = struct.pack("<HHHHH", _VERSION, _ENCRYPTED_UTF8, _AES, 0, 0x21)
    local = struct.pack("<I", 0x04034B50) + told + struct.pack("<IIIHH", *sizes) + encoded + extra
    central = (
        struct.pack("<IH", 0x02014B50, _VERSION)
        + told
        + struct.pack("<IIIHH", *sizes)
        + struct.pack("<HHHII", 0, 0, 0, 0, 0)
        + encoded
        + extra
    )
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(central), len(local) + len(body), 0)
    return local + body + central + end


def _counted(key: bytes, plain: bytes) -> bytes:
    """AES in counter mode with the counter's low byte first, from 1, as the format wants it."""
    blocks = -(-len(plain) // 16)
    counters = b"".join(n.to_bytes(16, "little") for n in range(1, blocks + 1))
    stream = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(counters)[: len(plain)]  # noqa: S305
    return (int.from_bytes(plain, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(plain), "big")
