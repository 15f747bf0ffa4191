"""Small drawn pictures to go with reports: no photograph of a real place or person is needed for a demo."""

from __future__ import annotations

import io
from functools import cache
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from linli.core.uploads import CleanFile, check_and_clean

SIZE = (480, 640)
Draw = ImageDraw.ImageDraw
NAMES = ("lamp", "pipe", "ceiling", "boxes", "bike", "car", "bin", "rail", "step")


@cache
def picture(name: str) -> CleanFile:
    """The picture called `name`; `name-after` shows the same place put right. Always the same bytes for one version of Pillow.

    Raises KeyError for a name that is not in NAMES.
    """
    what, _, after = name.partition("-")
    canvas = Image.new("RGB", SIZE, "#b9b4a8")
    draw = ImageDraw.Draw(canvas)
    _stairwell(draw)
    DRAWN[what](draw, bool(after))
    canvas = canvas.filter(ImageFilter.GaussianBlur(1.6))
    dice = Random(what)  # noise of our own: Pillow's cannot be seeded
    grain = Image.frombytes("L", (240, 320), dice.randbytes(240 * 320)).resize(SIZE).convert("RGB")
    canvas = Image.blend(canvas, grain, 0.07)
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=82)
    return check_and_clean(out.getvalue(), name=f"{name}.jpg")


def _stairwell(draw: Draw) -> None:
    """Two walls, a floor, and the green dado that stairwells of that time have."""
    draw.rectangle((0, 0, 480, 430), fill="#cfcabd")
    draw.polygon([(0, 430), (480, 430), (480, 640), (0, 640)], fill="#8d8a83")
    draw.rectangle((0, 300, 480, 430), fill="#8fae9a")
    draw.line((240, 0, 240, 430), fill="#b3ad9f", width=5)


def _lamp(draw: Draw, is_right: bool) -> None:
    glow, glass = ("#fff3c4", "#fffbe8") if is_right else ("#c9c4b6", "#6f6c66")
    draw.ellipse((100, 10, 380, 290), fill=glow)
    draw.rectangle((215, 0, 265, 70), fill="#efeee9")
    draw.ellipse((185, 60, 295, 170), fill=glass, outline="#57544e", width=4)


def _pipe(draw: Draw, is_right: bool) -> None:
    draw.rectangle((300, 0, 345, 640), fill="#d8dde0" if is_right else "#9a8672")
    draw.rectangle((288, 250, 357, 300), fill="#aeb6ba" if is_right else "#7a5c43")
    if not is_right:
        for top in (310, 360, 415):
            draw.ellipse((316, top, 330, top + 26), fill="#7fa4b5")
        draw.ellipse((220, 540, 430, 610), fill="#76909b")


def _ceiling(draw: Draw, is_right: bool) -> None:
    draw.rectangle((0, 0, 480, 260), fill="#ece8dd")
    if not is_right:
        draw.ellipse((120, 60, 380, 220), fill="#c9b48b")
        draw.ellipse((180, 95, 320, 190), fill="#a98f61")
        draw.line((250, 190, 250, 420), fill="#8fb0be", width=3)


def _boxes(draw: Draw, is_right: bool) -> None:
    if is_right:
        return
    for left, top, size in ((60, 420, 150), (170, 470, 130), (90, 310, 110)):
        draw.rectangle((left, top, left + size, top + size), fill="#b98f5a", outline="#7f5f38", width=4)
        draw.line((left, top + size // 2, left + size, top + size // 2), fill="#e2c796", width=8)


def _bike(draw: Draw, is_right: bool) -> None:
    if not is_right:
        draw.line((330, 0, 300, 420), fill="#222222", width=5)
    draw.ellipse((80, 470, 200, 590), outline="#262626", width=14)
    draw.ellipse((280, 470, 400, 590), outline="#262626", width=14)
    draw.polygon([(140, 530), (200, 430), (310, 430), (340, 530), (240, 545)], fill="#3c6fa5")


def _car(draw: Draw, is_right: bool) -> None:
    draw.rectangle((0, 430, 480, 640), fill="#777a7d")
    draw.line((0, 600, 480, 560), fill="#d8b64a", width=10)
    if not is_right:
        draw.polygon([(60, 520), (130, 430), (330, 430), (420, 520)], fill="#2d2f33")
        draw.rectangle((40, 515, 440, 585), fill="#2d2f33")
        for left in (90, 330):
            draw.ellipse((left, 555, left + 66, 621), fill="#141414")


def _bin(draw: Draw, is_right: bool) -> None:
    draw.polygon([(150, 330), (330, 330), (310, 590), (170, 590)], fill="#3f7d58")
    draw.rectangle((140, 310, 340, 335), fill="#346a4a")
    if not is_right:
        for left, top, colour in (
            (160, 260, "#e8e4da"),
            (230, 245, "#4c7ba8"),
            (60, 540, "#e3d9c2"),
            (350, 560, "#b7b2a6"),
        ):
            draw.ellipse((left, top, left + 90, top + 75), fill=colour)


def _rail(draw: Draw, is_right: bool) -> None:
    sag = 0 if is_right else 60
    draw.line((20, 420, 460, 180 + sag), fill="#6b3f2a", width=20)
    for i in range(5):
        draw.line((60 + i * 90, 400 - i * 48, 60 + i * 90, 600 - i * 40), fill="#4a4a4a", width=8)


def _step(draw: Draw, is_right: bool) -> None:
    for i in range(4):
        draw.rectangle((0, 640 - 60 * (i + 1), 480 - 60 * i, 640 - 60 * i), fill="#a3a09a", outline="#75726c", width=3)
    if not is_right:
        draw.polygon([(300, 520), (360, 520), (360, 580), (330, 560)], fill="#5f5c57")


DRAWN = dict(zip(NAMES, (_lamp, _pipe, _ceiling, _boxes, _bike, _car, _bin, _rail, _step), strict=True))
