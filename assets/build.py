"""Join the style sheets into the one file pages load: no waterfall of imports, no tool but Python.

    python assets/build.py            writes linli/core/static/linli/linli.css
    python assets/build.py --check    exits 1 when the committed file is not what the sources say

One file a component (`css/components`), one a screen for what only that screen needs (`css/screens`); a new file is
one line in `css/order.txt`. Old browsers (Chromium 90, Safari 15.4) know neither cascade layers nor nesting; `problems`
names what they would not understand.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "css"
TARGET = HERE.parent / "linli/core/static/linli/linli.css"

ORDER = [
    line.strip()
    for line in (SOURCES / "order.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]

# What Chromium 90 or Safari 15.4 would drop, and with it the rule it stands in.
TOO_NEW = re.compile(
    r"@(?:layer|import|container|scope|starting-style|property|position-try)\b|:has\(|(?<![\w-])&|@media[^{]*[<>]"
    r"|(?:color-mix|oklch|oklab|lch|lab|light-dark|anchor|round|mod)\("
    r"|\b[0-9.]+(?:[dsl]v(?:h|w|min|max|i|b)|cq\w+)\b"
    r"|(?<![\w-])(?:translate|rotate|scale|anchor-name|inset-area|position-area|interpolate-size|field-sizing|text-wrap-style)\s*:"
)
RAW_COLOUR = re.compile(
    r"#[0-9A-Fa-f]{3,8}\b|\b(?:rgba?|hsla?|hwb)\(|:[^;{}]*(?<![\w-])(?:white|black|red|green|blue|gr[ae]y|yellow|orange)(?![\w-])"
)
# Text is sized by a token, by its surroundings (em) or by the wall's own unit.
RAW_SIZE = re.compile(r"(?<![\w-])font(?:-size)?:[^;}]*?(?<![\w.-])[0-9.]+(?:px|pt|rem|vw|vh)\b")
SIZED_BY_HAND = {"components/avatar", "components/map"}  # a letter in a disc, a word in a drawing


def plain(text: str) -> str:
    """`text` without comments and blank lines."""
    return re.sub(r"\n\s*\n+", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip() + "\n"


def built() -> str:
    """What the shipped style sheet has to be."""
    return "/* Built by assets/build.py from assets/css: change it there. */\n" + "".join(
        plain((SOURCES / f"{name}.css").read_text(encoding="utf-8")) for name in ORDER
    )


def problems_in(name: str, text: str) -> list[str]:
    """What is wrong with one sheet: rules too new, colours and sizes that are no token, a brace too many."""
    found = [f"{name}: {hit.group()} is too new" for hit in TOO_NEW.finditer(text)]
    if name not in ("tokens", "print"):
        found += [f"{name}: {hit.group()} is no token" for hit in RAW_COLOUR.finditer(text)]
        if name not in SIZED_BY_HAND:
            found += [f"{name}: {hit.group()} is no token" for hit in RAW_SIZE.finditer(text)]
    if text.count("{") != text.count("}"):
        found.append(f"{name}: braces do not match")
    return found


def problems() -> list[str]:
    """What a reviewer should not have to see: forgotten files, and all of `problems_in`."""
    held = {path.relative_to(SOURCES).with_suffix("").as_posix() for path in SOURCES.rglob("*.css")}
    found = [f"{name} is not in order.txt" for name in sorted(held - set(ORDER))]
    for name in ORDER:
        found += problems_in(name, plain((SOURCES / f"{name}.css").read_text(encoding="utf-8")))
    return found


def main() -> int:
    """Build, or check; the exit status."""
    for problem in problems():
        print(problem, file=sys.stderr)
    if "--check" in sys.argv[1:]:
        is_same = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == built()
        if not is_same:
            print("linli.css is not what assets/css says: run python assets/build.py", file=sys.stderr)
        return int(bool(problems()) or not is_same)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(built(), encoding="utf-8")
    return int(bool(problems()))


if __name__ == "__main__":
    sys.exit(main())
