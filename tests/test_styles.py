"""The sheet of everything at /styles/, the colours, and what the style sheets may hold."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client

from linli.core import styles

ROOT = Path(__file__).resolve().parent.parent


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "assets/build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILD = builder()
COMPONENTS = {name.removeprefix("components/") for name in BUILD.ORDER if name.startswith("components/")}


# == the sheet ==


def test_every_component_is_on_the_sheet() -> None:
    shown = set(styles.samples()) - {"tokens", "base"}
    assert COMPONENTS - shown == set(), "add linli/core/templates/styles/samples/<name>.html"
    assert shown - COMPONENTS == set(), "a sample of nothing"


def test_a_sample_uses_what_it_is_a_sample_of() -> None:
    """Its own class stands in the page, whether it was written there or a tag wrote it."""
    page = Client().get("/styles/").content.decode()
    whole = "".join(
        Client().get(f"/styles/sample/?name={name}").content.decode()
        for name, sample in styles.samples().items()
        if sample.is_whole
    )
    own = {"frames": "phone", "table-cards": "table--cards", "me": "me__who", "keys": "keys__list"}
    missing = [n for n in COMPONENTS if not re.search(rf'class="[^"]*\b{own.get(n, n)}', page + whole)]
    assert missing == []


def test_the_sheet_holds_an_anchor_and_the_code_of_each_and_nothing_the_policy_refuses() -> None:
    page = Client().get("/styles/").content.decode()
    for name in styles.samples():
        assert f'id="{name}"' in page
    assert "{% chip &quot;办理中&quot; &quot;doing&quot; %}" in page
    assert not re.search(r"<[^>]*\sstyle\s*=|<style\b|<script(?![^>]*\bsrc=)", page)


def test_one_finds_a_component_by_a_few_letters() -> None:
    page = Client().get("/styles/?q=撤回").content.decode()
    assert 'id="toast"' in page and 'id="avatar"' not in page
    assert "没有找到这样的组件" in Client().get("/styles/?q=nothing-like-it").content.decode()


@pytest.mark.parametrize(
    ("theme", "mode"), [("light", "normal"), ("light", "care"), ("dark", "normal"), ("dark", "care")]
)
def test_a_sample_alone_has_the_look_asked_for_and_may_stand_in_a_frame_of_ours(theme: str, mode: str) -> None:
    answer = Client().get(f"/styles/sample/?name=chip&theme={theme}&mode={mode}")
    assert f'data-theme="{theme}" data-mode="{mode}"' in answer.content.decode()
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in Client().get("/styles/")["Content-Security-Policy"]


def test_a_sample_nobody_wrote_is_not_found() -> None:
    assert Client().get("/styles/sample/?name=../base").status_code == 404


# == colours, sizes, old browsers ==

SHEETS = {name: BUILD.plain((BUILD.SOURCES / f"{name}.css").read_text(encoding="utf-8")) for name in BUILD.ORDER}
TOKENS = (BUILD.SOURCES / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = ':root, [data-theme="light"]', '[data-theme="dark"]'
LIGHT_CARE = ':root[data-mode="care"], [data-theme="light"][data-mode="care"]'
DARK_CARE = '[data-theme="dark"][data-mode="care"]'
THEMES = {"白墙": [LIGHT], "白墙·长辈": [LIGHT, LIGHT_CARE], "夜运河": [DARK], "夜运河·长辈": [DARK, DARK_CARE]}
TEXT, EDGE = 4.5, 3.0
BACKS = ("paper", "wall", "wall-quiet", "sunk")
TINTS = ("canal-tint", "canal-tint-2", "gui-tint", "brick-tint", "slate-tint", "water")
PAIRS = [
    *((ink, back, TEXT) for ink in ("ink", "ink-2", "ink-3") for back in BACKS),
    *((f"{hue}-ink", back, TEXT) for hue in ("canal", "brick", "gui", "slate") for back in BACKS),
    *((ink, tint, TEXT) for ink in ("ink", "ink-2") for tint in TINTS),
    *((f"{hue}-ink", f"{hue}-tint", TEXT) for hue in ("canal", "gui", "brick", "slate")),
    *((f"on-{back}", back, TEXT) for back in ("canal", "brick", "tile", "alarm", "gui")),
    *((f"on-seq-{n}", f"seq-{n}", TEXT) for n in range(1, 6)),
    ("on-canal", "canal-deep", TEXT),
    ("canal-ink", "canal-tint-2", TEXT),
    ("paper", "ink", TEXT),
    ("alarm-focus", "alarm", EDGE),
    *(("line-strong", back, EDGE) for back in ("paper", "wall", "wall-quiet")),
    *(("focus", back, EDGE) for back in (*BACKS, "canal-tint", "gui-tint", "brick-tint")),
    *((mark, back, EDGE) for mark in ("canal", "brick") for back in ("paper", "wall", "sunk")),
]


def block(selector: str) -> dict[str, str]:
    """The colours a block of tokens.css sets, by name."""
    found = re.search(rf"(?m)^\s*{re.escape(selector)} {{(.*?)\n\s*}}", TOKENS, re.DOTALL)
    assert found, selector
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})", found.group(1)))


def contrast(one: str, two: str) -> float:
    """The ratio of two colours as WCAG counts it, 1 to 21."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_pair_of_colours_can_be_read(theme: str) -> None:
    tokens = {name: value for selector in THEMES[theme] for name, value in block(selector).items()}
    short = [
        f"{front} on {back}: {contrast(tokens[front], tokens[back]):.2f}, at least {least}"
        for front, back, least in PAIRS
        if contrast(tokens[front], tokens[back]) < least
    ]
    assert short == []


def test_contrast_is_counted_as_the_standard_counts_it() -> None:
    assert contrast("#000000", "#FFFFFF") == 21
    assert round(contrast("#FFFFFF", "#07C160"), 2) == 2.38  # the green many copy


def test_every_surface_and_its_word_are_measured() -> None:
    """A colour added to a theme and to no pair would be read by nobody but the reader."""
    measured = {name for front, back, _ in PAIRS for name in (front, back)}
    assert set(block(LIGHT)) - measured == {"line"}  # a hairline is never the only sign


def test_a_dark_machine_shows_the_dark_theme() -> None:
    assert block('[data-theme="auto"]') == block(DARK)
    assert block('[data-theme="auto"][data-mode="care"]') == block(DARK_CARE)
    assert set(block(LIGHT)) == set(block(DARK)), "a colour one theme lacks"


def test_old_windows_gets_a_title_it_can_show() -> None:
    """Of the two founts every old Windows has, SimSun breaks at title sizes: SimHei must be met first, and by name."""
    for family in re.findall(r"--font-(?:title|text): (\"[^;]+);", TOKENS):
        names = [name.strip(' "') for name in family.split(",")]
        assert "SimSun" not in names and "SimHei" in names
        assert names.index("Microsoft YaHei") < names.index("SimHei") < len(names) - 1
    assert "PingFang SC" in TOKENS


def test_every_token_that_is_used_exists() -> None:
    known = set(re.findall(r"(--[a-z0-9-]+)\s*:", "".join(SHEETS.values())))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", "".join(SHEETS.values())))
    assert used - known == set()


def test_shipped_sheets_have_no_problem() -> None:
    assert BUILD.problems() == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("components/x", ".x { color: #fff; }"),
        ("components/x", ".x { color: rgb(1, 2, 3); }"),
        ("components/x", ".x { background: white; }"),
        ("components/x", ".x { font-size: 14px; }"),
        ("components/x", ".x { font: 400 1rem/1.4 var(--font-text); }"),
        ("components/x", ".x { &:hover { color: red; } }"),
        ("components/x", ".x:has(a) { margin: 0; }"),
        ("components/x", ".x { min-height: 100dvh; }"),
        ("components/x", ".x { width: 10cqi; }"),
        ("components/x", "@layer a { }"),
        ("components/x", "@container (width > 1px) { }"),
        ("components/x", "@media (width >= 40em) { }"),
        ("components/x", ".x { aspect-ratio: 1; translate: 1px; }"),
        ("components/x", ".x { color: oklch(1 0 0); }"),
        ("components/x", ".x { text-wrap-style: balance; inset-area: top; anchor-name: --a; }"),
        ("components/x", ".x { margin: 0 }}"),
    ],
)
def test_what_an_old_browser_or_a_theme_would_miss_is_named(name: str, rule: str) -> None:
    assert BUILD.problems_in(name, rule)


@pytest.mark.parametrize(
    "rule",
    [
        ".wcard { font-size: calc(24 * var(--u)); }",
        ".x { font-size: 1.05em; }",
        ".x { font: var(--weight-text) var(--text-m)/1.4 var(--font-text); }",
        ".x { color: currentColor; background: transparent; }",
        ".x:focus-visible { inset: 0; }",
    ],
)
def test_what_is_allowed_stays_allowed(rule: str) -> None:
    assert BUILD.problems_in("components/x", rule) == []
