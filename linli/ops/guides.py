"""docs/how-to for each user, put together from the topics that stand beside the pages: one source, no second wording."""

from __future__ import annotations

from linli.core.help import Topic, topics

EVERYBODY = ("care", "offline", "wrong", "print")
GUIDES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "resident": (
        "居民",
        "有事找社区，手机上点几下，或者打个电话。不用下载，不用记密码。",
        ("report", "saved", "states", "look-up", "answer", "neighbour", "photos", "scanned", "errands", "party", "sign-in", "no-phone",
         "link", "my-data"),
    ),
    "specialist": (
        "小区专员",
        "一天从“今天”这张清单开始：超时的在最上面，新来的自己出现。",
        (
            "staff-sign-in", "two-locks", "today", "waiting", "accept", "handle", "hand-on", "time", "visits", "call-back", "on-behalf",
            "stickers", "find", "residents", "record", "fresh", "then", "households", "life", "likely", "places", "organisations", "emergency",
            "links", "keyboard",
        ),
    ),
    "back-office": (
        "全能社工",
        "接专员转来的事，打没送到的电话，出月表。",
        (
            "staff-sign-in", "two-locks", "today", "waiting", "accept", "handle", "hand-on", "time", "visits", "call-back", "on-behalf",
            "hotline", "stickers", "find", "messages", "month", "residents",
            "record", "fresh", "then", "households", "life", "likely", "lists", "import", "links", "rights", "keyboard",
        ),
    ),
    "secretary": (
        "社区书记",
        "看全社区的事办得怎样，定谁在什么岗位，随时查得到谁做过什么。",
        ("two-locks", "today", "waiting", "visit-rules", "first-day", "kinds", "hand-on", "units", "figures", "month", "posts",
         "time", "worktime", "links", "messages", "trail", "find", "residents",
         "record", "lists", "rights", "import", "hotline", "stickers", "hooks", "emergency"),
    ),
    "street-official": (
        "街道干部",
        "同时看街道里的各个社区：哪里超时，点进去催。",
        ("staff-sign-in", "two-locks", "emergency", "street", "visit-rules", "month", "figures"),
    ),
    "administrator": (
        "系统管理员",
        "开通账号，任免岗位，看通知。居民档案和留痕不在您的权限里。",
        ("staff-sign-in", "two-locks", "keepers", "first-day", "posts", "messages"),
    ),
    "security-administrator": (
        "安全管理员",
        "看谁在哪里登录着，解除锁定，和另一位管理员一起重设丢了的第二步。",
        ("staff-sign-in", "two-locks", "keepers"),
    ),
    "audit-administrator": (
        "审计管理员",
        "看得见每一步是谁做的、谁看过谁，什么也改不了。",
        ("staff-sign-in", "two-locks", "keepers", "trail", "emergency"),
    ),
}  # fmt: skip


PICTURES = {
    "resident": "home.phone.light",
    "specialist": "desk.phone.light",
    "back-office": "desk.desk.light",
    "secretary": "figures.desk.light",
    "street-official": "street.desk.light",
}
"""The picture of docs/gallery that a guide begins with."""


def guide(name: str) -> str:
    """One user's guide, as Markdown."""
    who, words, chosen = GUIDES[name]
    known = {topic.name: topic for topic in topics()}
    picture = PICTURES.get(name)
    shown = [f"![{who}看到的第一页](../gallery/{picture}.webp)\n"] if picture else []
    parts = [
        f"# {who}怎么用\n",
        f"{words}\n",
        *shown,
        "每一页右下角（手机是最后一格）都有帮助，说的就是下面这些话，也能搜。\n",
    ]
    parts += [_section(known[topic]) for topic in (*chosen, *EVERYBODY)]
    return "\n".join(parts)


def _section(topic: Topic) -> str:
    return f"## {topic.title}\n\n{topic.text}\n"
