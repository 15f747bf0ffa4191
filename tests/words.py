"""Every sentence a person can read, gathered from the code, and what the house asks of it (ux.md §7, kept in GUIDE).

`pieces()` reads Python with `ast` and templates with a small lexer: strings with Chinese in them, never docstrings, comments or
patterns. The rules are plain functions from a text to what is wrong with it; tests/test_words.py runs them and plants bad strings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
WIDE = f"{HAN}\u3001-\u3011\uff01-\uff60“”‘’…"
HAS_HAN = re.compile(f"[{HAN}]")
A_PATTERN = re.compile(r"\(\?[:!=<]|\[\^|\\[dwsb]|\]\+|\]\{|^[^。，]{1,24}\|[^。，]+$")
ENGLISH = {"linli/ops/docs.py"}  # writes documents for developers, in two languages
VALUE = "N"  # stands in a text where the code fills something in


@dataclass(frozen=True)
class Piece:
    """One text and where it stands. `face` is "resident" (pages and messages residents read), "desk", "operator" or "demo"."""

    path: str
    line: int
    text: str
    face: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


# -- what is gathered ------------------------------------------------------------------------------------------------


@cache
def pieces() -> tuple[Piece, ...]:
    """Every text with Chinese in it, of Python, templates and scripts."""
    found: list[Piece] = []
    for root in ("linli", "config"):
        for path in sorted((ROOT / root).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if {"tests", "migrations", "data"} & set(path.parts) or not path.is_file() or name in ENGLISH:
                continue
            if path.suffix == ".py":
                found += from_python(name, path.read_text(encoding="utf-8"))
            elif path.suffix == ".html":
                found += from_template(name, path.read_text(encoding="utf-8"))
            elif path.suffix == ".js" and ".min." not in name:
                found += from_script(name, path.read_text(encoding="utf-8"))
    return tuple(found)


def face_of(name: str) -> str:
    """Whom a file speaks to."""
    if re.search(r"linli/(ops|.*cli\.py)", name):
        return "operator"
    if name.startswith("linli/demo/"):
        return "demo"
    if re.search(r"desk|trail|/api/|api\.py|catalogue|residents/|places/|organisations/|config/", name):
        return "desk"
    return "resident"


def from_python(name: str, source: str) -> Iterator[Piece]:
    """String constants that are no docstring, an f-string as one text."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if id(node) in silent or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = spoken(node)
        if text and HAS_HAN.search(text) and not A_PATTERN.search(text):
            yield Piece(name, node.lineno, text, face_of(name))


def spoken(node: ast.expr) -> str:
    """The text of a string or f-string, VALUE for each thing filled in; "" for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
    return ""


COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->|<(svg|script|style)\b.*?</\1>", re.DOTALL)
SAID_IN = re.compile(r"\b(?:alt|title|placeholder|aria-label|label|content|data-live-say|value)=\"([^\"]*)\"")
IN_TAG = re.compile(r"\"([^\"]*)\"")
INLINE = re.compile(r"</?(?:b|strong|em|i|span|a|code|kbd|small|time|abbr|br)\b[^>]*>")


def from_template(name: str, source: str) -> Iterator[Piece]:
    """Texts between block tags, the attributes that are read aloud or shown, and what template tags are given in quotes."""
    blank = COMMENT.sub(lambda hit: "\n" * hit.group().count("\n"), source)
    quoted = [
        (hit.start(), words) for hit in re.finditer(r"\{[%{].*?[%}]\}", blank) for words in IN_TAG.findall(hit.group())
    ]
    plain = re.sub(r"\{\{.*?\}\}", VALUE, re.sub(r"\{% (?:icon|csrf_token).*?%\}", "", blank))
    # Where a tag branches, what stands on both sides is not one sentence.
    plain = re.sub(r"\{% .*?%\}", lambda hit: "\x00" + "\n" * hit.group().count("\n"), plain)
    quoted += [(hit.start(), hit.group(1).replace("\x00", "")) for hit in SAID_IN.finditer(plain)]
    for start, words in quoted:
        if HAS_HAN.search(words):
            yield Piece(name, blank.count("\n", 0, start) + 1, words, face_of(name))
    line = 1
    for part in re.split(r"(<[^>]+>|\x00|\n)", INLINE.sub("", plain)):
        line += part.count("\n")
        if not part.startswith("<") and HAS_HAN.search(part):
            yield Piece(name, line, part.strip(), face_of(name))


def from_script(name: str, source: str) -> Iterator[Piece]:
    """Quoted strings and templates of a script, comments left out."""
    for number, line in enumerate(source.splitlines(), 1):
        code = re.sub(r"^\s*(//|/?\*).*$|\s//\s.*$", "", line)
        for hit in re.finditer(r"\"([^\"]*)\"|`([^`]*)`|'([^']*)'", code):
            words = re.sub(r"\$\{.*?\}", VALUE, next(filter(None, hit.groups()), ""))
            if HAS_HAN.search(words):
                yield Piece(name, number, words, face_of(name))


def english_texts() -> Iterator[Piece]:
    """What templates show without a Chinese character in it, of two words and more."""
    for path in sorted((ROOT / "linli").rglob("*.html")):
        blank = re.sub(r"<code\b.*?</code>", "", COMMENT.sub("", path.read_text(encoding="utf-8")))
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", blank, flags=re.DOTALL)
        texts = [*re.split(r"<[^>]+>", plain), *(hit.group(1) for hit in SAID_IN.finditer(plain))]
        for text in texts:
            if re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,}", text) and not HAS_HAN.search(text):
                yield Piece(path.relative_to(ROOT).as_posix(), 0, text.strip(), "desk")


@cache
def messages() -> tuple[Piece, ...]:
    """Every sentence said of something that did not work: of Problems, of forms' fields, of what is raised with words of its own."""
    from linli.core.errors import Problem

    kinds = {"ValidationError", "add_error", "refuse", "Problem", *(kind.__name__ for kind in _below(Problem))}
    found: list[Piece] = []
    for path in sorted((ROOT / "linli").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if {"tests", "migrations", "demo"} & set(path.parts) or face_of(name) == "operator":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found += [
                Piece(name, said.lineno, spoken(said), face_of(name))
                for said in _said_by(node, kinds)
                if HAS_HAN.search(spoken(said))
            ]
    return tuple(found)


def _below(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _said_by(node: ast.AST, kinds: set[str]) -> list[ast.expr]:
    """The sentences of one node: a raise or a call of `kinds`, `error_messages={…}`, or a class's `message = …`."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [
            item.value for item in node.keywords if item.arg == "error_messages" and isinstance(item.value, ast.Dict)
        ]
        said = [value for item in given for value in item.values]
        return said + (list(node.args) if called in kinds else [])
    if not (isinstance(node, ast.ClassDef) and {getattr(base, "id", "") for base in node.bases} & kinds):
        return []
    said = []
    for line in node.body:
        if isinstance(line, ast.Assign) or (isinstance(line, ast.AnnAssign) and line.value):
            names = line.targets if isinstance(line, ast.Assign) else [line.target]
            for target in names:
                if isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
                    said += [
                        v
                        for t, v in zip(target.elts, line.value.elts, strict=True)
                        if getattr(t, "id", "") == "message"
                    ]
                elif getattr(target, "id", "") == "message":
                    said.append(line.value)
    return said


# -- what is asked of it ---------------------------------------------------------------------------------------------

HARSH = {
    "无效|不合法|非法": "说清哪里对不上，怎么改",
    "禁止|不得(?!不)|严禁": "说可以怎样做",
    "系统(?:错误|异常|繁忙|故障)|未知错误|程序异常|服务异常|服务器": "我们这边出了问题，编号……",
    "(?:操作|提交|保存|登录|上传|导入|导出|发送|加载|请求|查询|验证|下载)失败": "说没有办成什么、为什么",
    "(?:验证码|密码|格式|参数|输入|文件格式|数据)(?:错误|有误|异常)": "说哪一处，怎么改",
    "必填|不能为空|不可为空": "请填写……",
    "权限不足|没有权限|无权|未授权|拒绝访问": "说这归谁办，请谁开通",
    "数据冲突|网络错误|网络异常|连接超时": "说谁改了什么；说现在没有网络，写的字在哪里",
    "敬请期待|即将上线|即将推出|开发中|暂未开放|暂不支持": "没有的功能不写在页面上",
    "(?:用户|记录|页面|数据)不存在": "没有找到……，可能是……",
    "登陆|帐号|帐户|其它": "登录、账号、其他",
    "尊敬的|温馨提示|亲，|客官": "直接说事",
    "进行(?:操作|提交|处理|查看)|予以": "用动词本身",
}
ALLOWED = {
    "不予受理": "a state's name in the register of states",
}
OPERATORS_SAY = ["服务器", "没有权限"]  # who runs the machine is told of the machine
BARE_RETRY = re.compile(r"^.{0,8}(?:请|稍后|请稍后)(?:再试|重试)")
HALF = re.compile(
    rf"(?<=[{WIDE}])[,;!?](?!\d)|(?<=[{WIDE}]):(?!//)|[,;!?](?=[{WIDE}])|\((?=[{WIDE}])|(?<=[{WIDE}])\)|(?<=[{HAN}])\("
)
PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
NEXT_STEP = re.compile(r"请|可以|可(?:先|在|从)|不用|不会|改成|换|拨打|到[^。]*(?:看|办|问)|再[来选写看]|就(?:行|好)")
MESSAGE_LIMIT = 90


def harsh(text: str, face: str = "resident") -> list[str]:
    """Words that scold or say nothing, each with what to write instead."""
    for word in [*ALLOWED, *(OPERATORS_SAY if face == "operator" else [])]:
        text = text.replace(word, "")
    found = [f"“{hit.group()}”：{instead}" for words, instead in HARSH.items() for hit in re.finditer(words, text)]
    return found + [f"“{hit.group()}”没有说为什么" for hit in BARE_RETRY.finditer(text)]


def punctuation(text: str) -> list[str]:
    """Half-width marks beside Chinese, three dots, straight quotes, an odd bracket, a picture."""
    found = [f"半角“{hit.group()}”" for hit in HALF.finditer(text)]
    found += ["……写成了..."] * ("..." in text) + ["弯引号写成了直引号"] * bool(re.search(rf"\"[{HAN}]|[{HAN}]\"", text))
    found += ["括号不成对"] * (text.count("（") != text.count("）")) + ["书名号或引号不成对"] * (
        text.count("“") != text.count("”")
    )
    return found + [f"图画字符“{hit.group()}”" for hit in PICTURES.finditer(text)]


def manners(text: str) -> list[str]:
    """People are addressed with 您."""
    return ["“你”要写成“您”"] if re.search("你(?!好|们)", text) else []


def english(text: str) -> list[str]:
    """Three English words in a row where people read Chinese (names of files, commands and products are fewer)."""
    hit = re.search(r"(?<![/\w.{%-])[A-Za-z]{2,}(?: [a-z]{2,}){2,}(?![\w/])", text)
    return [f"没有译出来：{hit.group()}"] if hit else []


def next_step(text: str) -> list[str]:
    """A message of what did not work says what to do."""
    return [] if NEXT_STEP.search(text) else ["没有说接下来怎么办"]


def message(text: str) -> list[str]:
    """Everything asked of the sentence of an expected failure."""
    found = harsh(text) + punctuation(text) + manners(text) + english(text) + next_step(text)
    found += [] if re.search(r"[。？！]$", text.rstrip("\n")) else ["没有写完整：要用句号结束"]
    return found + ([f"太长（{len(text)} 个字）"] if len(text) > MESSAGE_LIMIT else [])


def sentences(text: str) -> list[str]:
    """`text` cut where a reader takes breath for the next thought."""
    return [part for part in re.split(r"[。！？；：\n]+", text) if HAS_HAN.search(part)]


def length(sentence: str) -> int:
    """How long a sentence reads: a Chinese character counts one, so does a number or a Latin word."""
    return len(re.findall(rf"[{HAN}]|[A-Za-z0-9][A-Za-z0-9 .:/@-]*", sentence))


def average_length(text: str) -> float:
    """The mean of `text`'s sentences; 0 without any."""
    counted = [length(sentence) for sentence in sentences(text)]
    return sum(counted) / len(counted) if counted else 0
