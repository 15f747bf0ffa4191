"""A locked zip, opened by the written specification and nothing of ours."""

from __future__ import annotations

import hashlib
import hmac
import io
import struct
import zipfile
import zlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from linli.core.locked_zip import drawn_password, locked_zip


def opened(archive: bytes, password: str) -> bytes:
    """Read block by block, as an unpacker does."""
    fields = struct.unpack("<IHHHHHIIIHH", archive[:30])
    assert fields[0] == 0x04034B50 and fields[2] & 1 and fields[3] == 99
    start = 30 + fields[9] + fields[10]
    body = archive[start : start + fields[7]]
    salt, check, sealed, mac = body[:16], body[16:18], body[18:-10], body[-10:]
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 66)
    if keys[64:] != check or hmac.new(keys[32:64], sealed, hashlib.sha1).digest()[:10] != mac:
        raise ValueError("wrong password")
    plain, box = b"", Cipher(algorithms.AES(keys[:32]), modes.ECB()).encryptor()
    for n, at in enumerate(range(0, len(sealed), 16), 1):
        stream = box.update(n.to_bytes(16, "little"))
        plain += bytes(a ^ b for a, b in zip(sealed[at : at + 16], stream, strict=False))
    return zlib.decompress(plain, -15)


@pytest.mark.parametrize("content", [b"", b"x", b"0123456789abcdef" * 700, "名单".encode() * 5])
def test_the_right_password_opens_it_and_another_does_not(content: bytes) -> None:
    password = drawn_password()
    archive = locked_zip("名单.xlsx", content, password)
    assert opened(archive, password) == content
    with pytest.raises(ValueError, match="wrong"):
        opened(archive, drawn_password())


def test_the_archive_is_sound_and_tells_only_its_files_name() -> None:
    archive = locked_zip("名单.xlsx", b"secret " * 100, "pass")
    with zipfile.ZipFile(io.BytesIO(archive)) as box:
        (info,) = box.infolist()
        assert info.filename == "名单.xlsx" and info.flag_bits & 1 and info.file_size == 700
        with pytest.raises((RuntimeError, NotImplementedError)):
            box.read(info, pwd=b"pass")  # the standard library knows no AES, and says so
    assert b"secret" not in archive


def test_passwords_are_long_drawn_and_readable() -> None:
    drawn = {drawn_password() for _ in range(200)}
    assert len(drawn) == 200 and all(len(each) == 19 and not set(each) & set("lo01i") for each in drawn)
