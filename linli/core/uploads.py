"""Pictures and PDFs people send: checked, made anew, stored. No model; the row that owns a file is the caller's.

A picture is decoded and written again from its pixels alone, so that nothing rides along: no position, no camera,
no hidden archive, no script. A PDF goes through as it is after a look at its ends; serve it as a download.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar, Final
from uuid import UUID

from PIL import Image

from .errors import Invalid, NotFound

MAX_PICTURE_BYTES: Final = 15 * 1024 * 1024
MAX_PDF_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = {"JPEG": 40_000_000, "PNG": 40_000_000, "WEBP": 16_000_000}
"""By kind: the WebP decoder holds a picture four times over, 17 bytes a pixel."""
MAX_SCANS: Final = 100  # of a JPEG; a dozen is usual, and each further one can cost as much time as the whole picture
LONGEST_SIDE: Final = 2048
_JPEG_QUALITY: Final = 85
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by what the camera noted (Exif tag 274); 1 is upright already."""
# Four requests with large pictures at once would need a gigabyte; to wait a second for each other costs nobody much.
_one_at_a_time = threading.Lock()


class UploadRefused(Invalid):
    code: ClassVar[str] = "upload.refused"
    message = "这里收照片（JPG、PNG、WebP）和 PDF。请换一个文件，或重新拍一张。"


class UploadEmpty(UploadRefused):
    code = "upload.empty"
    message = "这个文件是空的，可能还没有下载完。请在手机里打开看一眼，再重新选择。"


class UploadTooLarge(UploadRefused):
    code = "upload.too_large"
    message = "这个文件太大了（照片最多 15 MB，PDF 最多 20 MB）。请用微信发给自己一次再保存，会自动变小。"


class TooManyPixels(UploadRefused):
    code = "upload.too_many_pixels"
    message = "这张图片的尺寸太大了。请打开它截一张图，上传截图；或重新拍一张。"


class HeicPicture(UploadRefused):
    code = "upload.heic"
    message = (
        "这张照片是 HEIC 格式，这里还打不开。请在手机“设置 → 相机 → 格式”里选“兼容性最佳”后重拍，"
        "或打开照片截一张图，上传截图。"
    )


class BrokenPicture(UploadRefused):
    code = "upload.broken_picture"
    message = "这张照片没有传完整，或文件坏了。请重新选择这张照片，或重新拍一张。"


class BrokenPdf(UploadRefused):
    code = "upload.broken_pdf"
    message = "这个 PDF 打不开，可能没有下载完。请重新下载或重新导出一份再上传。"


class FileGone(NotFound):
    code = "file.gone"
    message = "这个附件现在找不到了。请告诉社区值班人员，由他们从备份里找回。"


@dataclass(frozen=True)
class CleanFile:
    """What is worth keeping. `width` and `height` in pixels, 0 for a PDF; `sha256` is 32 bytes, over `content`."""

    content: bytes
    media_type: str
    suffix: str
    width: int
    height: int
    sha256: bytes


def check_and_clean(data: bytes | IO[bytes], *, name: str) -> CleanFile:
    """Make a clean file of what was sent, by its bytes. The sender's `name` decides nothing but the words of a refusal.

    JPEG and PNG keep their kind, WebP becomes one of them; the longest side is at most LONGEST_SIDE; an animation gives
    its first frame; the camera's orientation is applied.

    Raises:
        UploadRefused: one of its kinds, in words for the sender.
    """
    content = _all_of(data)
    if not content:
        raise UploadEmpty()
    if content.startswith(b"%PDF-"):
        return _clean_pdf(content)
    kind = _picture_kind(content)
    if kind is None:
        raise HeicPicture() if _is_heic(content, name) else UploadRefused()
    if len(content) > MAX_PICTURE_BYTES:
        raise UploadTooLarge()
    return _clean_picture(content, kind)


def _all_of(data: bytes | IO[bytes]) -> bytes:
    """The bytes, never more than a little above what may be kept."""
    content = data if isinstance(data, bytes) else data.read(MAX_PDF_BYTES + 1)
    if len(content) > MAX_PDF_BYTES:
        raise UploadTooLarge()
    return content


def _picture_kind(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    return None


def _is_heic(content: bytes, name: str) -> bool:
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    return brand in {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"} or (
        bool(brand) and name.lower().endswith((".heic", ".heif"))
    )


def _clean_pdf(content: bytes) -> CleanFile:
    # The end mark stands in the last kilobyte (ISO 32000-1, 7.5.5, and readers' tolerance); a half download has none.
    if b"%%EOF" not in content[-1024:]:
        raise BrokenPdf()
    return _kept(content, "application/pdf", ".pdf", 0, 0)


def _clean_picture(content: bytes, kind: str) -> CleanFile:
    # Entropy-coded data never holds FF DA: this counts scan headers (and those of thumbnails).
    if kind == "JPEG" and content.count(b"\xff\xda") > MAX_SCANS:
        raise BrokenPicture()
    try:
        with _one_at_a_time:
            return _encoded(_decoded(content, kind), kind)
    except UploadRefused:
        raise
    except Image.DecompressionBombError:
        raise TooManyPixels() from None
    except Exception as broken:  # hostile bytes make a decoder raise anything at all; it means one thing to the sender
        raise BrokenPicture() from broken


def _decoded(content: bytes, kind: str) -> Image.Image:
    """The first frame, upright, at most LONGEST_SIDE, as RGB or RGBA. Only the decoder of `kind` sees the bytes."""
    with Image.open(io.BytesIO(content), formats=[kind]) as source:
        if source.width * source.height > MAX_PIXELS[kind]:  # the header says so, before anything is decoded
            raise TooManyPixels()
        orientation = _orientation(source)
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded small
        source.load()
        picture = _small_copy(source)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


def _orientation(source: Image.Image) -> int:
    """What the camera noted; 1 (upright) where that cannot be read: the picture may be fine without."""
    try:
        noted = source.getexif().get(_ORIENTATION)
    except Exception:  # the same hostile bytes, another parser
        return 1
    return noted if isinstance(noted, int) else 1


def _small_copy(source: Image.Image) -> Image.Image:
    """Its pixels and nothing else, as RGB, or RGBA where something shows through; averaged down to near LONGEST_SIDE.

    A new picture, because encoders copy comments and profiles from one that was read. In strips, because turning a
    whole picture of 40 megapixels from one mode into another needs three times its memory.
    """
    has_alpha = source.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in source.info
    mode = "RGBA" if has_alpha else "RGB"
    factor = max(1, max(source.size) // LONGEST_SIDE)
    small = Image.new(mode, (-(-source.width // factor), -(-source.height // factor)))
    rows = factor * 128
    for top in range(0, source.height, rows):
        strip = source.crop((0, top, source.width, min(top + rows, source.height)))
        if strip.mode.startswith("I"):  # 16-bit greys
            strip = strip.convert("I").point(lambda level: level / 256).convert("L")
        small.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    shows_through = has_alpha and small.getchannel("A").getextrema()[0] != 255
    return small if shows_through == has_alpha else small.convert("RGB")


def _encoded(picture: Image.Image, kind: str) -> CleanFile:
    out = io.BytesIO()
    if kind == "PNG" or picture.mode == "RGBA":
        picture.save(out, "PNG", compress_level=6)
        return _kept(out.getvalue(), "image/png", ".png", *picture.size)
    picture.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return _kept(out.getvalue(), "image/jpeg", ".jpg", *picture.size)


def _kept(content: bytes, media_type: str, suffix: str, width: int, height: int) -> CleanFile:
    return CleanFile(content, media_type, suffix, width, height, hashlib.sha256(content).digest())


def store(root: Path, community_id: int, file_id: UUID, clean: CleanFile) -> str:
    """Write `clean` under `root`, readable by the owner alone; returns its path relative to it ("1/a7/<file_id>.jpg").

    Once this returns, the bytes survive a power cut. The same file again is the same path.

    Raises:
        FileExistsError: another content is already kept under this id; nothing was changed.
    """
    # The last hex digits of a UUIDv7 are random: 256 folders fill evenly.
    relative = f"{int(community_id)}/{file_id.hex[-2:]}/{file_id}{clean.suffix}"
    target = _inside(root, relative)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half_done = target.with_name(f".{file_id}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(half_done, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(clean.content)
            out.flush()
            os.fsync(out.fileno())
        _name_it(half_done, target, clean)
    finally:
        half_done.unlink(missing_ok=True)
    _sync_folders(target.parent, root)
    return relative


def _name_it(half_done: Path, target: Path, clean: CleanFile) -> None:
    """Like a rename, except that a link never replaces what is there."""
    try:
        os.link(half_done, target)
    except FileExistsError:
        if hashlib.sha256(target.read_bytes()).digest() != clean.sha256:
            raise


def _sync_folders(folder: Path, root: Path) -> None:
    """A new name is as durable as the folder it stands in, and that one as its own."""
    for each in (folder, folder.parent, root):
        handle = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def open_stored(root: Path, relative: str) -> IO[bytes]:
    """Open what `store` wrote, for reading; the caller closes it and has already decided that the actor may see it.

    Raises:
        ValueError: the path is absolute or leaves `root`, also by way of a link. Paths come from our own rows: a bug.
        FileGone: nothing is there.
    """
    target = _inside(root, relative)
    try:
        return os.fdopen(os.open(target, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except FileNotFoundError:
        raise FileGone() from None


def remove(root: Path, relative: str) -> None:
    """Take away what `store` wrote; nothing when it is gone already."""
    _inside(root, relative).unlink(missing_ok=True)


def _inside(root: Path, relative: str) -> Path:
    """The place `relative` names. Only paths of the shape `store` gives, with no link on the way, are inside."""
    within = root.resolve()
    target = within / relative if re.fullmatch(r"[0-9]+/[0-9a-f]{2}/[0-9a-f-]{36}\.[a-z0-9]{1,5}", relative) else None
    if target is None or target.resolve() != target:
        raise ValueError("a stored path must stay inside the file store")
    return target
