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

TOO_NEW = re.compile(r"@layer|@import|@container|:has\(|color-mix\(|[0-9]d?[sl]?dvh|(?<![\w-])&")
RAW_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\b|rgba?\(|hsla?\(")


def plain(text: str) -> str:
    """`text` without comments and blank lines."""
    return re.sub(r"\n\s*\n+", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip() + "\n"


def built() -> str:
    """What the shipped style sheet has to be."""
    return "/* Built by assets/build.py from assets/css: change it there. */\n" + "".join(
        plain((SOURCES / f"{name}.css").read_text(encoding="utf-8")) for name in ORDER
    )


def problems() -> list[str]:
    """What a reviewer should not have to see: forgotten files, rules too new, colours that are no token."""
    held = {path.relative_to(SOURCES).with_suffix("").as_posix() for path in SOURCES.rglob("*.css")}
    found = [f"{name} is not in order.txt" for name in sorted(held - set(ORDER))]
    for name in ORDER:
        text = plain((SOURCES / f"{name}.css").read_text(encoding="utf-8"))
        found += [f"{name}: {hit.group()} is too new" for hit in TOO_NEW.finditer(text)]
        if name not in ("tokens", "print"):
            found += [f"{name}: {hit.group()} is no token" for hit in RAW_COLOUR.finditer(text)]
        if text.count("{") != text.count("}"):
            found.append(f"{name}: braces do not match")
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
