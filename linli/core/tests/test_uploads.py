"""Uploads: hostile files are refused in plain words, good ones come out with nothing but their pixels."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from linli.core import uploads
from linli.core.uploads import UploadRefused, check_and_clean

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # the decoders' own words on hostile bytes

CANARY = b"Hangzhou-canary-30.2741N"
RED, BLUE = (220, 20, 20), (20, 20, 220)
BANNED = ("无效", "非法", "禁止", "系统错误", "异常", "操作失败", "格式错误")


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def opened(clean: uploads.CleanFile) -> Image.Image:
    return Image.open(io.BytesIO(clean.content))


def near(a: object, b: tuple[int, int, int]) -> bool:
    return isinstance(a, tuple) and all(abs(x - y) < 30 for x, y in zip(a, b, strict=False))


def with_position(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()  # the camera's maker
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 16.0, 26.7), 3: "E", 4: (120.0, 9.0, 18.4)})
    return exif


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that says it is this large, in a hundred bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def png_with_chunk(name: bytes, body: bytes) -> bytes:
    png = picture("PNG")
    extra = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return png[:33] + extra + png[33:]


def jpeg_of_size(width: int, height: int) -> bytes:
    jpeg = bytearray(picture("JPEG"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def jpeg_of_many_scans(scans: int) -> bytes:
    jpeg = picture("JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * scans + b"\xff\xd9"


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("bomb.txt", b"0" * 5_000_000)
    return out.getvalue()


JPEG, PNG, WEBP = picture("JPEG"), picture("PNG"), picture("WEBP")
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF\n"

HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\xff",
    "text": "不是图片".encode(),
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
    "svg that reads files": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg>&f;</svg>',
    "gif": picture("GIF"),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "avif": picture("AVIF"),
    "ico": picture("ICO", (32, 32)),
    "jpeg 2000": picture("JPEG2000"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "photoshop": b"8BPS\0\1" + bytes(40),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
    "heif sequence": b"\0\0\0\x18ftyphevc\0\0\0\0" + bytes(100),
    "zip bomb": archive(),
    "xlsx": archive().replace(b"bomb.txt", b"book.xml"),
    "old excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "rar": b"Rar!\x1a\x07\0" + bytes(60),
    "gzip": b"\x1f\x8b\x08" + bytes(60),
    "program": b"MZ" + bytes(200),
    "linux program": b"\x7fELF" + bytes(200),
    "php": b"<?php system($_GET['c']);",
    "video": b"\0\0\0\x18ftypmp42" + bytes(100),
    "pixel flood png": png_of_size(60_000, 60_000),
    "pixel flood png, just over": png_of_size(8000, 5001),
    "pixel flood jpeg": jpeg_of_size(65_000, 65_000),
    "wide png": png_of_size(2_000_000_000, 1),
    "png of no width": png_of_size(0, 5),
    "webp over its own limit": picture("WEBP", (5000, 3300), quality=1),
    "jpeg of a thousand scans": jpeg_of_many_scans(1000),
    "png text bomb": png_with_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"0" * 80_000_000)),
    "png with broken chunk": PNG[:40] + b"\xff\xff\xff\xff" + PNG[44:],
    "half a jpeg": JPEG[: len(JPEG) // 2],
    "half a png": PNG[: len(PNG) // 2],
    "half a webp": WEBP[: len(WEBP) // 2],
    "only a jpeg's beginning": JPEG[:4],
    "only a png's beginning": PNG[:8],
    "only a webp's beginning": WEBP[:12],
    "jpeg full of zeros": JPEG[:30] + bytes(len(JPEG)),
    "png that is a jpeg inside": PNG[:8] + JPEG,
    "riff that is sound": b"RIFF\x24\0\0\0WAVEfmt " + bytes(60),
    "half a pdf": PDF[:-7] + bytes(2000),
    "pdf behind a page": b"<html>" + PDF,
    "picture too large": JPEG + bytes(15 * 1024 * 1024),
    "pdf too large": PDF + bytes(20 * 1024 * 1024),
}


@pytest.mark.parametrize("what", HOSTILE, ids=lambda what: what.replace(" ", "-"))
def test_hostile_files_are_refused_in_plain_words(what):
    with pytest.raises(UploadRefused) as refused:
        check_and_clean(HOSTILE[what], name="照片.jpg")
    message = refused.value.message
    assert "请" in message and not any(word in message for word in BANNED)


def test_refusals_say_what_is_the_matter():
    codes = {
        "empty": "upload.empty",
        "text": "upload.refused",
        "heic": "upload.heic",
        "half a jpeg": "upload.broken_picture",
        "half a png": "upload.broken_picture",
        "half a webp": "upload.broken_picture",
        "pixel flood png": "upload.too_many_pixels",
        "pixel flood png, just over": "upload.too_many_pixels",
        "pixel flood jpeg": "upload.too_many_pixels",
        "webp over its own limit": "upload.too_many_pixels",
        "jpeg of a thousand scans": "upload.broken_picture",
        "half a pdf": "upload.broken_pdf",
        "picture too large": "upload.too_large",
        "pdf too large": "upload.too_large",
    }
    for what, code in codes.items():
        with pytest.raises(UploadRefused) as refused:
            check_and_clean(HOSTILE[what], name="")
        assert refused.value.code == code, what


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([JPEG, PNG, WEBP, picture("JPEG", exif=with_position())]), st.data())
def test_damaged_pictures_are_mended_or_refused_and_nothing_else(good, data):
    broken = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(4, len(broken) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UploadRefused):
        assert opened(check_and_clean(bytes(broken), name="x")).size <= (2048, 2048)


def test_the_size_in_the_header_is_judged_before_anything_is_decoded(monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(uploads.TooManyPixels):
        check_and_clean(png_of_size(8000, 5001), name="x")


def test_a_file_is_never_read_much_beyond_its_limit():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            self.taken += size
            return b"\xff\xd8\xff" + bytes(size - 3)

    endless = Endless()
    with pytest.raises(uploads.UploadTooLarge):
        check_and_clean(endless, name="x")  # type: ignore[arg-type]
    assert endless.taken <= 20 * 1024 * 1024 + 1


@pytest.mark.parametrize(
    ("data", "media_type", "suffix"),
    [(JPEG, "image/jpeg", ".jpg"), (PNG, "image/png", ".png"), (WEBP, "image/jpeg", ".jpg")],
)
def test_pictures_come_out_as_what_every_program_opens(data, media_type, suffix):
    clean = check_and_clean(io.BytesIO(data), name="IMG_1.HEIC")  # what it is named decides nothing
    assert (clean.media_type, clean.suffix, clean.width, clean.height) == (media_type, suffix, 60, 40)
    shown = opened(clean)
    assert near(shown.getpixel((5, 20)), RED) and near(shown.getpixel((55, 20)), BLUE)
    assert len(clean.sha256) == 32


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "LA", "RGBA", "PA"])
def test_pictures_of_every_mode_come_out_plain(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    light = Image.new("RGB", (60, 40), (250, 250, 250))
    made = {
        "I;16": lambda: light.convert("I").point(lambda level: level * 256).convert("I;16"),
        "P": lambda: light.quantize(),
        "PA": lambda: light.convert("RGBA").quantize(),
    }
    out = io.BytesIO()
    made.get(mode, lambda: light.convert(mode))().save(out, kind)
    clean = check_and_clean(out.getvalue(), name="x")
    assert opened(clean).mode == "RGB"
    assert near(opened(clean).getpixel((30, 20)), (250, 250, 250))


def test_what_shows_through_goes_on_showing_through():
    out = io.BytesIO()
    Image.new("RGBA", (60, 40), (*RED, 90)).save(out, "WEBP", lossless=True)
    shown = opened(check_and_clean(out.getvalue(), name="x"))
    assert (shown.format, shown.mode, shown.getpixel((9, 9))) == ("PNG", "RGBA", (*RED, 90))


@pytest.mark.parametrize("size", [(5000, 1000), (1000, 5000), (4097, 4097), (2049, 10), (7300, 3)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_pictures_are_made_smaller_and_keep_their_shape(kind, size):
    clean = check_and_clean(picture(kind, size), name="x")
    assert max(clean.width, clean.height) == 2048
    assert abs(clean.width - max(1, round(size[0] * 2048 / max(size)))) <= 1
    assert abs(clean.height - max(1, round(size[1] * 2048 / max(size)))) <= 1
    shown = opened(clean)
    y = clean.height // 2
    assert near(shown.getpixel((clean.width // 8, y)), RED)
    assert near(shown.getpixel((clean.width * 7 // 8, y)), BLUE)


# Where red ends up, by what the camera noted; left half is red before.
SIDES = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}


@pytest.mark.parametrize(("orientation", "side"), SIDES.items())
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_the_way_they_were_taken(kind, orientation, side):
    clean = check_and_clean(picture(kind, exif=with_position(orientation)), name="x")
    assert (clean.width, clean.height) == ((60, 40) if side in {"left", "right"} else (40, 60))
    place = {"left": (5, 20), "right": (55, 20), "top": (20, 5), "bottom": (20, 55)}[side]
    assert near(opened(clean).getpixel(place), RED)


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_a_senseless_orientation_is_passed_over(orientation):
    assert check_and_clean(picture("JPEG", exif=with_position(orientation)), name="x").width == 60


def test_an_unreadable_camera_note_does_not_cost_the_picture():
    note = b"Exif\0\0II*\0" + b"\xff" * 40
    marker = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    assert check_and_clean(JPEG[:2] + marker + JPEG[2:], name="x").width == 60


def riders() -> dict[str, bytes]:
    """Good pictures in which something rides along."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", CANARY.decode())
    text.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    profile = CANARY + bytes(200)
    return {
        "jpeg position": picture("JPEG", exif=with_position()),
        "png position": picture("PNG", exif=with_position()),
        "webp position": picture("WEBP", exif=with_position()),
        "jpeg comment": picture("JPEG", comment=CANARY),
        "jpeg profile": picture("JPEG", icc_profile=profile),
        "png profile": picture("PNG", icc_profile=profile),
        "jpeg xmp": picture("JPEG", xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"),
        "webp xmp": picture("WEBP", xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"),
        "png text": picture("PNG", pnginfo=text),
        "png private chunk": png_with_chunk(b"caNy", CANARY),
        "jpeg and a page": JPEG + b"<script>" + CANARY + b"</script>",
        "jpeg and an archive": JPEG + CANARY + archive(),
        "png and an archive": PNG + CANARY + archive(),
        "jpeg and a pdf": JPEG + CANARY + PDF,
        "jpeg in an own segment": JPEG[:2] + b"\xff\xed" + struct.pack(">H", len(CANARY) + 2) + CANARY + JPEG[2:],
    }


@pytest.mark.parametrize("what", riders(), ids=lambda what: what.replace(" ", "-"))
def test_nothing_rides_along_with_a_picture(what):
    data = riders()[what]
    assert CANARY in data or what == "png profile"  # it is really in there (compressed, in that one)
    clean = check_and_clean(data, name="x")
    content = clean.content
    assert CANARY not in content
    assert not re.search(rb"Exif|eXIf|ns\.adobe|iCCP|ICC_PROFILE|[itz]TXt|tEXt|PK\x03\x04|<script|%PDF", content)
    kept = opened(clean)
    assert not kept.getexif() and not set(kept.info) & {"exif", "icc_profile", "comment", "xmp", "photoshop"}
    end = b"\xff\xd9" if clean.media_type == "image/jpeg" else b"IEND\xaeB`\x82"
    assert content.endswith(end)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_stays(kind):
    out = io.BytesIO()
    frames = [Image.new("RGB", (60, 40), colour) for colour in (RED, BLUE, BLUE)]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    assert getattr(Image.open(out), "n_frames", 1) > 1
    shown = opened(check_and_clean(out.getvalue(), name="x"))
    assert getattr(shown, "n_frames", 1) == 1 and near(shown.getpixel((30, 20)), RED)


def test_a_phone_s_double_picture_gives_the_first():
    out = io.BytesIO()
    Image.new("RGB", (60, 40), RED).save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), BLUE)])
    shown = opened(check_and_clean(out.getvalue(), name="x"))
    assert shown.format == "JPEG" and near(shown.getpixel((30, 20)), RED)


def test_a_pdf_goes_through_as_it_is():
    clean = check_and_clean(PDF, name="协议.pdf")
    assert (clean.content, clean.media_type, clean.suffix, clean.width) == (PDF, "application/pdf", ".pdf", 0)
