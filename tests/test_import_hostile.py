"""Files that mean harm, or are merely broken, are refused in a sentence before long, and leave nothing behind."""

from __future__ import annotations

import io
import random
import struct
import time
import zipfile

import pytest
import xlsxwriter

from linli.core.errors import Problem
from linli.core.tenancy import active
from linli.imports import actions
from linli.imports.models import Import
from tests.cast import make_cast

AT_MOST_SECONDS = 10.0
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELL = '<c r="A1" t="inlineStr"><is><t>姓名</t></is></c>'


def book(**parts: bytes) -> bytes:
    """A real .xlsx with parts put in or replaced; a part's name has __ for / and _x_ for the point."""
    plain, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as made:
        made.add_worksheet("名册").write_row(0, 0, ["姓名", "电话"])
    named = {name.replace("__", "/").replace("_x_", "."): content for name, content in parts.items()}
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, named.pop(name, None) or old.read(name))
        for name, content in named.items():
            new.writestr(name, content)
    return out.getvalue()


def sheet_of(rows: str) -> bytes:
    return book(
        xl__worksheets__sheet1_x_xml=f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def bomb() -> bytes:
    return book(xl__media__image1_x_png=bytes(30 << 20))


def lying_bomb() -> bytes:
    """Says in its list of contents that it is small."""
    size = 700 << 20
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'.encode())
            for _ in range(size >> 20):
                part.write(b"a" * (1 << 20))
            part.write(b"</t></is></c></row></sheetData></worksheet>")
    content = out.getvalue()
    told = zipfile.ZipFile(io.BytesIO(content)).getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(struct.pack("<I", told), struct.pack("<I", 900_000))


def garbage() -> bytes:
    return random.Random(7).randbytes(200_000)


def broken_book() -> bytes:
    return book()[:-200]


def broken_old_book() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + garbage()


def locked_zip() -> bytes:
    content = bytearray(book())
    for at in range(len(content) - 4):
        if content[at : at + 4] == b"PK\x03\x04":
            content[at + 6] |= 1
        elif content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
    return bytes(content)


def macro() -> bytes:
    return book(xl__vbaProject_x_bin=b"Sub AutoOpen()")


def nested_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as outer:
        outer.writestr("名册.xlsx", book())
    return out.getvalue()


def book_in_a_book() -> bytes:
    return book(xl__embeddings__inner_x_zip=nested_zip())


def million_columns() -> bytes:
    return ("姓名," * 1_000_000).encode()


def million_cells_in_a_row() -> bytes:
    return sheet_of('<row r="1">' + CELL + '<c r="ZZZZ1" t="n"><v>1</v></c>' * 200_000 + "</row>")


def billion_laughs() -> bytes:
    lines = ['<!DOCTYPE sst [<!ENTITY a0 "哈哈哈哈哈哈哈哈哈哈">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    words = (
        "".join(lines)
        + f']><sst xmlns="{MAIN}" count="2" uniqueCount="2"><si><t>&a9;</t></si><si><t>&a9;</t></si></sst>'
    )
    return book(xl__sharedStrings_x_xml=words.encode())


def page_called_a_book() -> bytes:
    return b"<html><script>alert(1)</script></html>"


HOSTILE = [
    bomb,
    lying_bomb,
    garbage,
    broken_book,
    broken_old_book,
    locked_zip,
    macro,
    nested_zip,
    book_in_a_book,
    million_columns,
    million_cells_in_a_row,
    billion_laughs,
    page_called_a_book,
]


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_hostile_file_is_refused_in_a_sentence(db, make):
    content, cast = make(), make_cast()
    with active(cast.here.id):
        began = time.monotonic()
        with pytest.raises(Problem) as refused:
            actions.take_in(cast.actor("陈建国"), content=content, name="名册.xlsx")
        assert time.monotonic() - began < AT_MOST_SECONDS
        assert refused.value.code.startswith("import.") and refused.value.message.endswith("。")
        assert not Import.objects.exists()
