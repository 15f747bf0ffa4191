"""python -m tests.corpus FOLDER"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from . import write_corpus


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.corpus FOLDER\n")
        return 2
    index = write_corpus(Path(arguments[0]))
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(e["kind"] for e in index).items()))
    columns = sum(len(e["columns"]) for e in index)
    rows = sum(e["data_rows"] for e in index)
    sys.stdout.write(f"{len(index)} files ({kinds}), {columns} columns, {rows} rows of people, and index.json\n")
    return 0


sys.exit(main(sys.argv[1:]))
