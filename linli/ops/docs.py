"""Documents drawn from the code, so that they cannot be wrong: states, access, personal fields, trail verbs, users' guides.

`python -m linli docs` writes them; `--check` says which no longer match. Django must be set up; no database is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.apps import apps

from linli.core.access import GRANTS, ROLE_NAMES, Permission, Role
from linli.core.privacy import is_about_people
from linli.core.trail import VERBS, followers_of
from linli.rights import classes

from . import guides

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEAD = "<!-- Drawn from the code by `./run docs`; change the code, not this page. -->\n\n"


def main(*, check: bool) -> int:
    """Write every generated page, or with `check` only compare. 0 when all match (now)."""
    stale = []
    for name, draw in PAGES.items():
        path, text = DOCS / name, HEAD + draw()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"这些文档和代码不一致：{'、'.join(stale)}。请运行 ./run docs 再提交。")
    return 1 if check and stale else 0


def states() -> str:
    """Every model's NEXT table as a Mermaid state diagram."""
    parts = ["# States\n\nWhat may follow what. Each diagram is a model's `NEXT` table; `core.states.step` obeys it.\n"]
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
        table = getattr(model, "NEXT", None)
        if not table:
            continue
        state_field: Any = model._meta.get_field("state")
        choices = dict(state_field.choices or [])
        lines = [f"\n## {_name_of(model)} ({model.__name__})\n\n```mermaid", "stateDiagram-v2"]
        lines += [f"  {state} : {choices.get(state, state)}" for state in table]
        lines.append(f"  [*] --> {next(iter(table))}")
        for state, following in table.items():
            lines += [f"  {state} --> {to}" for to in sorted(following)] or [f"  {state} --> [*]"]
        parts.append("\n".join(lines) + "\n```\n")
    return "".join(parts)


def _name_of(model: type) -> str:
    """The Chinese noun a model's docstring begins with."""
    return (model.__doc__ or model.__name__).split(":")[0].split("。")[0].split(".")[0].strip()


def access() -> str:
    """Roles × permissions, for the street office to read."""
    roles = [role for role in Role if GRANTS[role] or role == Role.RESIDENT]
    lines = [
        "# Access 权限表\n",
        "Who may do what, in the active community (`linli/core/access.py`). A specialist sees and handles her own sub-area only;",
        "everybody sees what they reported themselves. What a row's state allows is in [states.md](states.md).\n",
        f"| permission | {' | '.join(f'{ROLE_NAMES[role]}' for role in roles)} |",
        f"|---|{'---|' * len(roles)}",
    ]
    lines += [
        f"| `{permission.value}` | {' | '.join('●' if permission in GRANTS[role] else '' for role in roles)} |"
        for permission in Permission
    ]
    return "\n".join(lines) + "\n"


def fields() -> str:
    """Every field about people: how it is kept, its class, and for each app why, on what law, how long and for whom."""
    people = [model for model in apps.get_models() if is_about_people(model)]
    lines = [
        "# Personal fields 个人信息字段表\n",
        "How every field of every table about people is kept and shown (`linli/core/privacy.py`). Encrypted: AES-256-GCM, key ring",
        "in the secrets file, the column's name as context. Index: HMAC-SHA-256 for exact look-up. Masked: shown as 王*芳, 138****1234.",
        "Class: plain, personal (PIPL article 4) or sensitive (article 28), from the catalogues and `linli/rights/data/purposes.toml`.\n",
        "| app | purpose 用途 | basis 依据 | kept 留多久 | seen by 谁看得到 |",
        "|---|---|---|---|---|",
        *(
            f"| {each.label} | {each.purpose} | {each.basis} | {each.kept} | {each.seen} |"
            for each in classes.purposes().values()
        ),
        "",
        "| table | field | 字段 | class | kept 保存方式 | basis 依据 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.row.table} | `{each.row.field}` | {each.row.label} | {each.sensitivity.value} | {each.row.held.words} | {each.basis} |"
        for each in classes.classed(people)
    ]
    return "\n".join(lines) + "\n"


def verbs() -> str:
    """Every trail verb with its words and what follows it."""
    lines = ["# Trail verbs 留痕动作\n", "| verb | 动作 | jobs that follow |", "|---|---|---|"]
    lines += [
        f"| `{verb}` | {words} | {', '.join(f'`{name}`' for name in followers_of(verb))} |"
        for verb, words in sorted(VERBS.items())
        if not verb.startswith("test")
    ]
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "states.md": states,
    "access.md": access,
    "fields.md": fields,
    "trail-verbs.md": verbs,
    **{f"how-to/{name}.md": partial(guides.guide, name) for name in guides.GUIDES},
}
