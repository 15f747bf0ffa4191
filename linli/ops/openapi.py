"""`python -m linli openapi [--check]`: write docs/openapi.json from the code, or say whether the two agree. No database is needed."""

from __future__ import annotations

import difflib
import importlib
import json
import os

from linli.ops.home import CODE, URL_NAMES

SNAPSHOT = CODE / "docs" / "openapi.json"
SHOWN_LINES = 60


def document() -> str:
    """The OpenAPI document as it is kept: the same code gives the same bytes."""
    if not any(os.environ.get(name) for name in URL_NAMES.values()):
        os.environ.setdefault("LINLI_LOG", "WARNING")
        os.environ.setdefault("LINLI_PROFILE", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    importlib.import_module("django").setup()
    api = importlib.import_module("config.api").api  # config is this room's neighbour, not below it
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"


def main(check: bool = False) -> int:
    """Write the snapshot; with `check`, change nothing and return 1 with the difference when it is not what the code says."""
    told = document()
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    if told == kept:
        print("docs/openapi.json 和代码一致。")
        return 0
    if not check:
        SNAPSHOT.parent.mkdir(parents=True, exist_ok=True)
        SNAPSHOT.write_text(told, encoding="utf-8")
        print("docs/openapi.json 已更新。")
        return 0
    lines = list(
        difflib.unified_diff(kept.splitlines(), told.splitlines(), "docs/openapi.json", "代码", lineterm="", n=1)
    )
    print("\n".join(lines[:SHOWN_LINES]))
    print("接口变了，docs/openapi.json 还是旧的。请运行 ./run openapi，再看一遍改动。")
    return 1
