"""Foreign files are opened in a child process with little memory, little time and no network of ours: `python -m linli.imports.sandbox`.

The parent never parses the file. The child writes JSON lines: one for each sheet, then its rows; dates travel as ["d", "1938-05-06"].
A file that makes the child fail, whatever it does, is refused in a sentence.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson

from .reading import ZIP, FileLocked, FileUnreadable, Row, Sheet, read_file, read_rows

MEMORY_BYTES = 300 * 1024 * 1024
CPU_SECONDS = 60
LOOK_SECONDS = 10.0
LOOK_ROWS = 400  # a sheet's top, enough to find its heading and to see what its columns hold
MOST_UNPACKED = 400 * 1024 * 1024
MOST_PARTS = 2000
MOST_RATIO = 200  # an honest sheet shrinks to a tenth, a repetitive one to a fiftieth
MOST_BYTES = 60 * 1024 * 1024
MOST_COLUMNS = 500


class FileTooLarge(FileUnreadable):
    code = "import.file_too_large"
    message = (
        "这个文件太大或太复杂，打不开。请只留要导入的那张表，另存为 .xlsx；人数超过十万的，分成几个文件，一个一个上传。"
    )


class FileHasMacros(FileUnreadable):
    code = "import.file_has_macros"
    message = "这个文件里带有宏程序，为了安全不打开。请另存为不带宏的 .xlsx，再上传。"


class FileIsPacked(FileUnreadable):
    code = "import.file_is_packed"
    message = "这是一个压缩包，或里面还套着压缩包。请解压后，把里面的表格单独上传。"


REFUSALS = {each.code: each for each in (FileUnreadable, FileLocked, FileTooLarge, FileHasMacros, FileIsPacked)}


def check_outside(path: Path) -> None:
    """What can be told without unpacking: its size, and for a zip its parts, what they unpack to, macros, other archives in it.

    Raises FileTooLarge, FileHasMacros, FileIsPacked, FileUnreadable.
    """
    if path.stat().st_size > MOST_BYTES:
        raise FileTooLarge()
    with path.open("rb") as file:
        if not file.read(4).startswith(ZIP):
            return
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileUnreadable() from error
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or (unpacked > 1 << 20 and unpacked / packed > MOST_RATIO):
        raise FileTooLarge()
    names = [part.filename.lower() for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise FileLocked()
    if any(name.endswith(("vbaproject.bin", ".vbs", ".js", ".exe")) for name in names):
        raise FileHasMacros()
    if not any(
        name.endswith("workbook.xml") or name.endswith("workbook.bin") or name == "content.xml" for name in names
    ):
        raise FileIsPacked()
    if any(name.endswith((".zip", ".rar", ".7z", ".gz", ".xlsx", ".xls")) for name in names):
        raise FileIsPacked()


def look(path: Path) -> list[Sheet]:
    """Every sheet of a file with its first LOOK_ROWS rows. Raises the refusals."""
    check_outside(path)
    lines = _run(["look", str(path)], seconds=LOOK_SECONDS)
    sheets = []
    for line in lines:
        told = orjson.loads(line)
        sheets.append(
            Sheet(
                told["name"],
                [_read_back(row) for row in told["rows"]],
                tuple((a, b, c, d) for a, b, c, d in told["merged"]),
                frozenset(told["hidden_rows"]),
                told["is_hidden"],
            )
        )
    return sheets


def raw_rows(path: Path, name: str) -> Iterator[bytes]:
    """The rows of the sheet `name` as the child writes them, a line each (`row_of`). Raises the refusals."""
    check_outside(path)
    yield from _run(["rows", str(path), name], seconds=CPU_SECONDS)


def row_of(line: bytes) -> Row:
    """The values of one line of `raw_rows`."""
    return _read_back(orjson.loads(line))


def _read_back(row: list[Any]) -> Row:
    return [_back(value) if value.__class__ is list else value for value in row]


def stream(path: Path, name: str) -> Iterator[Row]:
    """The rows of the sheet `name`, as the child reads them. Raises the refusals."""
    return map(row_of, raw_rows(path, name))


def _run(words: list[str], *, seconds: float) -> Iterator[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-m", "linli.imports.sandbox", str(int(seconds)), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "LANG": "C.UTF-8"},
    )
    assert child.stdout is not None and child.stderr is not None
    try:
        yield from child.stdout
        said = child.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
        if child.wait(timeout=5):
            raise REFUSALS.get(said, FileTooLarge)()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stderr.close()


# -- inside


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _out(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["d", value.date().isoformat()] if value.time() == time(0) else ["m", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def _told(row: Row) -> list[Any]:
    """A row as it travels, without the empty cells at its end. Raises FileTooLarge: whoever looks for a heading looks at every column."""
    told = [value if value.__class__ in _PLAIN else _out(value) for value in row]
    while told and told[-1] is None:
        told.pop()
    if len(told) > MOST_COLUMNS:
        raise FileTooLarge()
    return told


def _back(value: list[Any]) -> Any:
    return date.fromisoformat(value[1]) if value[0] == "d" else datetime.fromisoformat(value[1])


@dataclass(frozen=True)
class _Limits:
    cpu_seconds: int

    def take(self) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(argv: list[str]) -> int:
    """The child: `CPU_SECONDS look PATH` or `CPU_SECONDS rows PATH SHEET`."""
    _Limits(int(argv[0])).take()
    out = sys.stdout.buffer
    try:
        if argv[1] == "look":
            for sheet in read_file(Path(argv[2]), most=LOOK_ROWS):
                told = {
                    "name": sheet.name,
                    "rows": [_told(row) for row in sheet.rows],
                    "merged": [area for area in sheet.merged if area[0] < LOOK_ROWS],
                    "hidden_rows": sorted(sheet.hidden_rows),
                    "is_hidden": sheet.is_hidden,
                }
                out.write(orjson.dumps(told) + b"\n")
        else:
            for row in read_rows(Path(argv[2]), argv[3]):
                out.write(orjson.dumps(_told(row)) + b"\n")
        out.flush()
    except FileUnreadable as problem:
        print(problem.code, file=sys.stderr)  # noqa: T201 - the parent reads it
        return 3
    except MemoryError:
        print(FileTooLarge.code, file=sys.stderr)  # noqa: T201
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
