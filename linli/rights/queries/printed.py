"""A person's own copy as it is printed (data/person-copy.typ): in words, with what each thing is kept for beside it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from linli.core import clock, paper
from linli.rights.classes import purposes

LAYOUT = Path(__file__).resolve().parent.parent / "data/person-copy.typ"
_DAY = re.compile(r"(?<![0-9-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9-])")


def printed(copy: dict[str, Any], *, ring: str) -> dict[str, Any]:
    """What the layout is told of a copy made by `copy_of`; `ring` is the community's duty phone, or ""."""
    people = copy["people"]
    facts = sum(len(r["facts"]) for person in people for s in person["sections"] for r in s["records"])
    made_on = _in_words(copy["made_at"][:10])
    looks = [_look(each) for each in copy["looked"]]
    seen = f"近半年有 {len(looks)} 次查看" if looks else "近半年没有人看过"
    told = {
        "title": "我的信息副本",
        "community": copy["community"],
        "foot": f"{copy['community']}，{made_on}",
        "news": f"{copy['community']}记着 {facts} 项信息，{seen}。",
        "advice": _advice(made_on, ring),
        "people": [{"name": person["name"], "groups": _groups(person["sections"])} for person in people],
        "looked": {
            "head": "近半年谁看过",
            "words": "号码遮着的，写是什么岗位；看了完整号码的，写到人和原因。" if looks else "没有人看过。",
            "lines": looks,
        },
        "end": f"副本到这里结束，一共 {facts} 项信息、{len(looks)} 次查看。",
    }
    if paper.speakable(told) != told:
        told["end"] += "写成〔U+…〕的，是字库里没有的字的编号。"
    return told


def _advice(made_on: str, ring: str) -> list[str]:
    how = f"，或打社区值班电话 {ring}" if ring else "，或到社区说一声"
    return [
        f"这是您本人 {made_on}取走的完整副本，身份证号和电话没有遮盖。请收好，不要转发给别人。",
        f"哪一项不对，请在网页“我的信息”里按那一项旁边的“不对”{how}。",
    ]


def _groups(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sections of one app stand together, because they are kept for one purpose."""
    by_app: dict[str, list[dict[str, Any]]] = {}
    for section in sections:
        by_app.setdefault(section["code"].partition(".")[0], []).append(_section(section))
    return [{"about": _about(label), "sections": told} for label, told in by_app.items()]


def _about(label: str) -> list[tuple[str, str]]:
    known = purposes().get(label)
    if known is None:
        return []
    return [
        ("用来做什么", known.purpose),
        ("凭什么登记", known.basis),
        ("留多久", known.kept),
        ("谁能看", known.seen),
    ]


def _section(section: dict[str, Any]) -> dict[str, Any]:
    records = section["records"]
    return {
        "name": section["name"],
        "records": [
            {
                "head": f"第 {n} 条，共 {len(records)} 条" if len(records) > 1 else "",
                "lines": [{"label": f["label"], "value": _in_words(f["value"])} for f in record["facts"]],
                "from": _from(record),
            }
            for n, record in enumerate(records, 1)
        ],
    }


def _from(record: dict[str, Any]) -> str:
    known = [f"来自{record['source']}"] if record["source"] else []
    known += [f"{_in_words(record['confirmed_on'])}核实"] if record["confirmed_on"] else []
    return "，".join(known)


def _look(look: dict[str, str]) -> dict[str, str]:
    at = datetime.fromisoformat(look["at"]).astimezone(clock.SHANGHAI)
    why = f"，{look['why']}" if look.get("why") else ""
    return {"what": f"{_in_words(f'{at:%Y-%m-%d}')} {at:%H:%M}，{look['what']}", "who": f"{look['who']}{why}"}


def _in_words(text: str) -> str:
    """Days as people say them: 2024-01-09 is 2024年1月9日."""
    return _DAY.sub(lambda day: f"{day[1]}年{int(day[2])}月{int(day[3])}日", text)
