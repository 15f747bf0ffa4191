"""Where uploads are kept: private, never replaced, never outside the folder."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from linli.core import uploads
from linli.core.ids import uuid7
from linli.core.uploads import check_and_clean, open_stored, store

from .test_uploads import PNG, picture

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # the decoders' own words on hostile bytes


@pytest.fixture
def clean() -> uploads.CleanFile:
    return check_and_clean(PNG, name="x")


def kept_under(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_stored_can_be_opened_and_is_private(tmp_path, clean):
    file_id = uuid7()
    relative = store(tmp_path, 7, file_id, clean)
    assert re.fullmatch(rf"7/[0-9a-f]{{2}}/{file_id}\.png", relative)
    with open_stored(tmp_path, relative) as content:
        assert content.read() == clean.content
    assert (tmp_path / relative).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / relative).parent.stat().st_mode & 0o777 == 0o700
    assert len(kept_under(tmp_path)) == 1


def test_the_same_file_again_is_the_same_path_and_another_never_replaces_it(tmp_path, clean):
    file_id = uuid7()
    other = check_and_clean(picture("PNG", (30, 30)), name="x")
    assert store(tmp_path, 7, file_id, clean) == store(tmp_path, 7, file_id, clean)
    with pytest.raises(FileExistsError):
        store(tmp_path, 7, file_id, other)
    assert [path.read_bytes() for path in kept_under(tmp_path)] == [clean.content]


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path, clean, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store(tmp_path, 7, uuid7(), clean)
    assert kept_under(tmp_path) == []


OUTSIDE = ["../secret", "7/../../secret", "/etc/passwd", "7/aa/../../../secret", "link/secret", "7/\0", "", ".", "7/aa"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leaves_the_store(tmp_path, path):
    root = tmp_path / "files"
    (root / "7" / "aa").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="inside the file store"):
        open_stored(root, path)


def test_links_inside_the_store_are_not_followed(tmp_path, clean):
    root, other = tmp_path / "files", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    relative = store(root, 7, uuid7(), clean)
    secret = Path(store(other, 7, uuid7(), clean))
    (root / relative).unlink()
    (root / relative).symlink_to(other / secret)
    (root / "8").symlink_to(other / "7")
    for path in (relative, str(Path("8", *secret.parts[1:]))):
        with pytest.raises(ValueError, match="inside the file store"):
            open_stored(root, path)


def test_a_file_that_is_gone_is_said_to_be_gone(tmp_path, clean):
    relative = store(tmp_path, 7, uuid7(), clean)
    (tmp_path / relative).unlink()
    with pytest.raises(uploads.FileGone):
        open_stored(tmp_path, relative)


def test_a_suffix_cannot_be_a_way_out(tmp_path, clean):
    with pytest.raises(ValueError, match="inside the file store"):
        store(tmp_path, 7, uuid7(), replace(clean, suffix="/../../x"))
    assert kept_under(tmp_path) == []


def test_the_store_may_itself_be_reached_by_a_link(tmp_path, clean):
    (tmp_path / "disk").mkdir()
    (tmp_path / "files").symlink_to(tmp_path / "disk")
    relative = store(tmp_path / "files", 7, uuid7(), clean)
    with open_stored(tmp_path / "files", relative) as content:
        assert content.read() == clean.content
