"""An .xlsx as WPS Office leaves it, written by hand for its quirks.

Texts stand inside the cells (inlineStr) or, for headings, as rich texts in several runs; dates carry the Chinese number
formats 31, 57 and 58 that no file declares; the application calls itself WPS; every sheet claims a dimension.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from .cells import Cell, Sheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = ("", "text", "0", "0.00", "iso", "slash", "cn", "cn_month", "heading", "title")
NUMBER_FORMATS = {"text": 49, "0": 1, "0.00": 2, "iso": 176, "slash": 14, "cn": 31, "cn_month": 57}
EPOCH = date(1899, 12, 30)


def write_wps(sheets: Sequence[Sheet]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in _parts(sheets).items():
            package.writestr(zipfile.ZipInfo(name, (2025, 9, 30, 8, 30, 0)), HEAD + text)
    return out.getvalue()


def _parts(sheets: Sequence[Sheet]) -> dict[str, str]:
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    shared: list[str] = []
    pages = {f"xl/worksheets/sheet{i}.xml": _sheet(sheet, shared) for i, sheet in enumerate(sheets, 1)}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name, kind in [
            ("xl/workbook.xml", f"{base}.sheet.main+xml"),
            *((page, f"{base}.worksheet+xml") for page in pages),
            ("xl/styles.xml", f"{base}.styles+xml"),
            ("xl/sharedStrings.xml", f"{base}.sharedStrings+xml"),
            ("docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
            ("docProps/custom.xml", "application/vnd.openxmlformats-officedocument.custom-properties+xml"),
        ]
    )
    names = "".join(
        f'<sheet name="{escape(s.name)}" sheetId="{i}" r:id="rId{i}"{_state(s)}/>' for i, s in enumerate(sheets, 1)
    )
    links = [(f"rId{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)]
    links += [("rId91", "styles", "styles.xml"), ("rId92", "sharedStrings", "sharedStrings.xml")]
    first = next(i for i, s in enumerate(sheets) if not s.hidden)
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": _relations(
            [
                ("rId1", f"{RELS}/officeDocument", "xl/workbook.xml"),
                ("rId2", f"{RELS}/extended-properties", "docProps/app.xml"),
                ("rId3", f"{RELS}/custom-properties", "docProps/custom.xml"),
            ]
        ),
        "docProps/app.xml": '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
        'extended-properties"><Application>WPS 表格</Application></Properties>',
        "docProps/custom.xml": '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
        'custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="KSOProductBuildVer">'
        "<vt:lpwstr>2052-11.1.0.14309</vt:lpwstr></property></Properties>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><fileVersion appName="xl" lastEdited="3" '
        f'lowestEdited="5" rupBuild="9302"/><workbookPr/><bookViews><workbookView windowWidth="28800" '
        f'windowHeight="12540" activeTab="{first}"/></bookViews><sheets>{names}</sheets><calcPr calcId="144525"/></workbook>',
        "xl/_rels/workbook.xml.rels": _relations([(i, f"{RELS}/{kind}", to) for i, kind, to in links]),
        "xl/styles.xml": _styles(),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="{len(shared)}" uniqueCount="{len(shared)}">'
        f"{''.join(shared)}</sst>",
        **pages,
    }


def _state(sheet: Sheet) -> str:
    return ' state="hidden"' if sheet.hidden else ""


def _relations(links: Sequence[tuple[str, str, str]]) -> str:
    lines = "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{to}"/>' for i, kind, to in links)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def _styles() -> str:
    """One cell style for each of STYLES; only number format 176 is declared, as WPS does."""
    bold = ("heading", "title")
    formats = "".join(
        f'<xf numFmtId="{NUMBER_FORMATS.get(s, 0)}" fontId="{int(s in bold)}" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1"><alignment vertical="center" wrapText="1"/></xf>'
        for s in STYLES
    )
    font = '<sz val="11"/><name val="宋体"/><charset val="134"/>'
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy\\-mm\\-dd;@"/></numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts><fills count="2"><fill><patternFill '
        'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
        '<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" '
        f'fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="{len(STYLES)}">{formats}</cellXfs><cellStyles count="1">'
        '<cellStyle name="常规" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(sheet: Sheet, shared: list[str]) -> str:
    by_row: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in sheet.cells.items():
        by_row.setdefault(row, {})[column] = cell
    rows = []
    for row in sorted(by_row):
        hidden = ' hidden="1"' if row in sheet.hidden_rows else ""
        cells = "".join(_cell(row, column, by_row[row][column], shared) for column in sorted(by_row[row]))
        rows.append(f'<row r="{row + 1}" spans="1:{sheet.width}"{hidden}>{cells}</row>')
    columns = "".join(
        f'<col min="{c + 1}" max="{c + 1}" width="9" hidden="1" customWidth="1"/>' for c in sheet.hidden_columns
    )
    merges = "".join(f'<mergeCell ref="{_at(t, le)}:{_at(b, ri)}"/>' for t, le, b, ri in sheet.merges)
    last = _at(sheet.height - 1 + sheet.ghost_rows, sheet.width - 1)
    return (
        f'<worksheet xmlns="{MAIN}"><sheetPr/><dimension ref="A1:{last}"/><sheetViews><sheetView '
        'workbookViewId="0"/></sheetViews><sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5"/>'
        + (f"<cols>{columns}</cols>" if columns else "")
        + f"<sheetData>{''.join(rows)}</sheetData>"
        + (f'<mergeCells count="{len(sheet.merges)}">{merges}</mergeCells>' if merges else "")
        + '<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/></worksheet>'
    )


def _cell(row: int, column: int, cell: Cell, shared: list[str]) -> str:
    style = STYLES.index(cell.role if cell.role in STYLES else cell.look)
    start = f'<c r="{_at(row, column)}" s="{style}"'
    value = cell.value
    if value is None:
        return start + "/>"
    if isinstance(value, str):
        if cell.role == "heading":
            shared.append(_rich(value))
            return f'{start} t="s"><v>{len(shared) - 1}</v></c>'
        return f'{start} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    number = (value - EPOCH).days if isinstance(value, date) else value
    formula = f"<f>{escape(cell.formula)}</f>" if cell.formula else ""
    return f"{start}>{formula}<v>{number!r}</v></c>"


def _rich(text: str) -> str:
    """A heading whose first character is in another colour, as the red star of a required column is."""
    run = '<r><rPr><sz val="11"/><color rgb="{}"/><rFont val="宋体"/></rPr><t xml:space="preserve">{}</t></r>'
    if len(text) < 2:
        return f"<si><t>{escape(text)}</t></si>"
    return f"<si>{run.format('FFFF0000', escape(text[0]))}{run.format('FF000000', escape(text[1:]))}</si>"


def _at(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
