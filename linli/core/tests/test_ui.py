"""The shell of the pages: it obeys the content policy, says what it means, and holds together when read aloud."""

from __future__ import annotations

import gzip
import importlib.util
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.template import Context, Template, engines, loader
from django.test import RequestFactory
from django.urls import path as route

from linli.core import clock, storage, ui
from linli.core.errors import Conflict
from linli.core.templatetags import ui as tags
from linli.core.views_look import set_look

urlpatterns = [route("look/", set_look, name="look")]  # the shell needs no other address
pytestmark = pytest.mark.urls(__name__)

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted(ROOT.glob("linli/**/templates/**/*.html"))
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in Hangzhou, a Friday
# Each of these is refused by the policy (or needs eval, which is).
REFUSED = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "a javascript address": r"[\"']\s*javascript:",
    "code in an htmx attribute": r"\bhx-on\b|hx-trigger[^=]*=\"[^\"]*\[|hx-(?:vals|headers|confirm)[^=]*=[\"']js:",
}
UNKIND = ("无效", "非法", "禁止", "系统错误", "异常", "操作失败")
NAV = [
    ui.NavItem("首页", "/c/1/", "home", is_tab=True),
    ui.NavItem("我的事", "/c/1/matters/", "matters", count=2, is_tab=True),
]


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ReportForm(forms.Form):
    kind = forms.ChoiceField(
        label="什么事",
        choices=[("lamp", "路灯"), ("leak", "漏水")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选一下是什么事。"},
    )
    words = forms.CharField(
        label="说说情况", widget=forms.Textarea, help_text="一句就够", error_messages={"required": "请写一句。"}
    )
    photos = forms.FileField(label="照片", widget=ManyFiles(attrs={"multiple": True}), required=False)
    place = forms.ChoiceField(label="在哪里", choices=[("1", "42幢2单元")])
    agreed = forms.BooleanField(label="他本人同意", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def request_of(path: str = "/c/1/matters/7/", look: str = "", method: str = "GET") -> HttpRequest:
    factory = RequestFactory()
    request = factory.post(path) if method == "POST" else factory.get(path)
    request.COOKIES[ui.LOOK_COOKIE] = look
    CsrfViewMiddleware(lambda _: None).process_request(request)  # type: ignore[arg-type]
    return request


def rendered(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    if request is None:
        return Template(source).render(Context(context))
    return engines["django"].from_string(source).render(context, request)


def refused_in(html: str) -> list[str]:
    return [what for what, pattern in REFUSED.items() if re.search(pattern, html)]


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "assets/build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# == the rules every template keeps, of this app and of every other ==


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "linli")))
def test_no_template_holds_what_the_policy_refuses_or_an_unkind_word(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert refused_in(source) == []
    assert [word for word in UNKIND if word in source] == []


@pytest.mark.parametrize(
    "bad", ['<p style="x">', '<a onclick="x()">', "<script>x</script>", "<style>", '<i hx-trigger="click[ctrlKey]">']
)
def test_the_rules_bite(bad: str) -> None:
    assert refused_in(bad)


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'{%\s*icon\s+"([^"]+)"|last_icon="([^"]+)"', path.read_text(encoding="utf-8"))
        for name in name
        if name
    }
    assert named >= {"left", "phone", "camera"}
    assert named <= tags.icon_names()
    assert set(tags.TONE_ICONS.values()) <= tags.icon_names()


def test_a_forgotten_icon_is_noticed() -> None:
    with pytest.raises(KeyError):
        rendered('{% icon "nothing-like-it" %}')


def test_the_shipped_style_sheet_is_what_the_sources_say_and_old_browsers_can_read_it() -> None:
    build = builder()
    assert build.problems() == []
    assert build.TARGET.read_text(encoding="utf-8") == build.built()


def test_what_a_first_page_loads_stays_small() -> None:
    """150 kB is a resident's whole first view, with its html and pictures; these files may take 60 kB of it, compressed."""
    not_hers = {
        "rows.js",
        "keys.js",
        "styles.js",
        "down.html",
    }  # the desk's, the component sheet's, the page of a house that is down
    here = ROOT / "linli/core/static/linli"
    shipped = [path for path in here.iterdir() if path.is_file() and path.name not in not_hers]
    assert sum(len(gzip.compress(path.read_bytes())) for path in shipped) < 60_000


# == frames ==


@pytest.mark.parametrize("frame", ["resident/base.html", "desk/base.html", "public/base.html"])
@pytest.mark.parametrize("look", ["", "care.dark.3"])
def test_each_frame_renders_with_landmarks_and_nothing_inline(frame: str, look: str) -> None:
    blocks = "{% block news %}今天要办 2 件{% endblock %}{% block main %}<p>正文</p>{% endblock %}"
    live = {"live_url": "http://localhost:1/live?c=1", "poll_url": "/p/", "live_after": 0}
    html = rendered(f'{{% extends "{frame}" %}}{blocks}', request_of(look=look), nav=NAV, **live)
    assert refused_in(html) == []
    assert '<html lang="zh-CN"' in html and 'href="#main"' in html and 'id="main"' in html and 'id="help"' in html
    assert html.count("<h1") == 1 and "今天要办 2 件" in html and "<p>正文</p>" in html
    assert 'data-live-after="0"' in html and "X-CSRFToken" in html
    if look:
        assert 'data-theme="dark" data-mode="care" data-text="3"' in html and "标准版" in html
    else:
        assert 'data-theme="auto" data-mode="normal">' in html and "长辈版" in html


def test_a_named_part_of_an_extending_page_renders_alone(settings: Any, tmp_path: Path) -> None:
    part = '{% partialdef list inline %}<ul id="l"></ul>{% endpartialdef %}'
    (tmp_path / "page.html").write_text('{% extends "desk/base.html" %}{% block main %}' + part + "{% endblock %}")
    options = {**settings.TEMPLATES[0]["OPTIONS"], "loaders": [_loader(tmp_path)]}
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": options}]
    assert loader.render_to_string("page.html#list", {}, request_of()) == '<ul id="l"></ul>'
    assert '<ul id="l"></ul>' in loader.render_to_string("page.html", {}, request_of())


def _loader(folder: Path) -> tuple[str, list[Any]]:
    files = ("django.template.loaders.filesystem.Loader", [str(folder)])
    return ("template_partials.loader.Loader", [files, "django.template.loaders.app_directories.Loader"])


def test_the_tab_one_is_in_is_the_longest_beginning_of_the_address() -> None:
    assert [item.is_current for item in ui.mark_current(NAV, "/c/1/matters/7/")] == [False, True]
    assert [item.is_current for item in ui.mark_current(NAV, "/c/1/")] == [True, False]
    assert not any(item.is_current for item in ui.mark_current(NAV, "/elsewhere/"))


# == error pages ==


@pytest.mark.parametrize("name", ["400", "403", "404", "405", "409", "413", "422", "429", "500", "503"])
def test_an_error_page_renders_without_a_request_or_a_context_processor(name: str) -> None:
    html = loader.get_template(f"{name}.html").render()
    assert refused_in(html) == []
    assert "tel:057100000380" in html and html.count("<h1") == 1 and ("回首页" in html or "再打开一次" in html)


def test_a_problem_says_what_happened_and_what_became_of_the_input() -> None:
    html = loader.render_to_string("core/problem.html", {"problem": Conflict()}, request_of(method="POST"))
    assert Conflict.message in html and "没有提交" in html and "data-problem" in html
    part = loader.render_to_string("core/problem.html#problem", {"problem": Conflict()}, request_of(method="POST"))
    assert part.lstrip().startswith("<section") and Conflict.message in part
    assert refused_in(loader.render_to_string("core/csrf_failed.html", {}, request_of())) == []


# == the look ==


@pytest.mark.parametrize(
    "stored", ["", "x", "care", "care.dark.9", "..", "care.dark.2.more", "a.b.c.d", "normal.dark.3"]
)
def test_any_cookie_reads_as_a_look(stored: str) -> None:
    look = ui.Look.read(stored)
    assert look.mode in ui.MODES and look.theme in ui.THEMES and look.text in ui.TEXTS
    assert ui.Look.read(str(look)) == look
    assert look.is_care or look.text == "1"


def test_a_text_size_brings_the_elders_version_and_leaving_it_gives_it_up() -> None:
    assert ui.Look().but(text="3") == ui.Look("care", "auto", "3")
    assert ui.Look("care", "dark", "3").but(mode="normal") == ui.Look("normal", "dark", "1")


@pytest.mark.parametrize(
    ("back", "goes_to"),
    [("/c/1/?q=1", "/c/1/?q=1"), ("https://elsewhere.example/", "/"), ("//elsewhere.example", "/"), ("", "/")],
)
def test_setting_the_look_is_remembered_and_leads_back_only_to_our_own_pages(back: str, goes_to: str) -> None:
    response = set_look(RequestFactory().post("/look/", {"mode": "care", "next": back}))
    assert response["Location"] == goes_to
    cookie = response.cookies[ui.LOOK_COOKIE]
    assert cookie.value == "care.auto.1" and cookie["max-age"] == ui.LOOK_SECONDS
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert set_look(RequestFactory().get("/look/")).status_code == 405


# == fields ==


def test_a_wrong_field_says_so_in_the_same_words_in_the_summary_and_a_screen_reader_finds_them() -> None:
    form = ReportForm({"place": "1"})
    html = rendered("{% error_summary form %}{% for one in form %}{% field one %}{% endfor %}", form=form)
    assert refused_in(html) == []
    assert html.count("请写一句。") == html.count("请选一下是什么事。") == 2 and "有 2 处要改" in html
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) == {"id_kind_0", "id_words"} <= ids
    described = " ".join(re.findall(r'aria-describedby="([^"]+)"', html)).split()
    assert described and set(described) <= ids
    assert {"id_words_helptext", "id_words_error", "id_kind_error"} <= set(described)
    assert re.search(r'<textarea[^>]*aria-invalid="true"', html)


def test_a_hint_given_in_the_template_is_read_with_its_field() -> None:
    html = rendered('{% field form.place help="不清楚就选最近的" %}', form=ReportForm())
    assert 'aria-describedby="id_place_helptext"' in html and 'id="id_place_helptext">不清楚就选最近的' in html


def test_each_kind_of_field_gets_its_own_control() -> None:
    html = rendered(
        "{% for one in form %}{% field one icons=icons %}{% endfor %}", form=ReportForm(), icons={"leak": "drop"}
    )
    assert html.count('class="choice"') == 2 and "#i-drop" in html and "<fieldset" in html
    assert "data-photos" in html and 'accept="image/*"' in html and "可不拍" in html
    assert '<label class="check">' in html and re.search(r'<select[^>]*class="input"', html)
    assert html.count('type="hidden"') == 1 and "有 " not in rendered("{% error_summary form %}", form=ReportForm())


def test_what_people_write_is_escaped_everywhere() -> None:
    bad = "<img src=x onerror=alert(1)>"
    html = rendered(
        "{% chip bad %}{% clock bad %}{% trail_item bad bad more=bad %}{% empty bad bad bad bad %}{% avatar bad %}"
        '{% icon "home" "" bad %}',
        bad=bad,
    )
    assert "<img" not in html


# == time in words ==


@pytest.mark.parametrize(
    ("due_in", "since", "words", "tone"),
    [
        (timedelta(minutes=-12), timedelta(hours=1), "超时 12 分", "late"),
        (timedelta(days=-1), timedelta(days=2), "超时 1 天", "late"),
        (timedelta(0), timedelta(hours=1), "超时 1 分", "late"),
        (timedelta(minutes=7), timedelta(minutes=24), "还剩 7 分", "soon"),
        (timedelta(minutes=24), timedelta(minutes=6), "还剩 24 分", ""),
        (timedelta(hours=3), timedelta(hours=1), "15:00 前", ""),
        (timedelta(hours=3), timedelta(days=3), "还剩 3 小时", "soon"),
        (timedelta(days=3), timedelta(hours=1), "11月23日前", ""),
        (timedelta(days=60), timedelta(hours=1), "2027年1月19日前", ""),
    ],
)
def test_a_deadline_says_how_much_is_left(due_in: timedelta, since: timedelta, words: str, tone: str) -> None:
    with clock.at(NOON):
        html = tags.deadline(NOON + due_in, NOON - since)
    assert f">{words}<" in html.replace("</svg>", "</svg>>").replace("</span>", "<")
    assert (f"clock--{tone}" in html) if tone else ("clock--" not in html)


def test_moments_are_said_as_people_say_them() -> None:
    with clock.at(NOON):
        assert tags.when(NOON) == "今天 12:00"
        assert tags.when(NOON - timedelta(hours=13)) == "昨天 23:00"
        assert tags.when(NOON - timedelta(days=30)) == "10月21日 12:00"
        assert tags.when(NOON - timedelta(days=400)) == "2025年10月16日 12:00"
        assert tags.day_filter(NOON) == "11月20日 星期五"
        assert tags.when(None) == ""


def test_pages_keep_the_rest_of_the_address() -> None:
    request = request_of("/c/1/matters/?kind=leak&page=2")
    html = rendered("{% pages page %}", request, page=Paginator(range(100), 10).get_page(2))
    assert "第 11–20 件，共 100 件" in html and 'aria-current="page">2<' in html
    assert 'href="?kind=leak&amp;page=3" rel="next"' in html
    assert "<a" not in rendered("{% pages page %}", request, page=Paginator([], 10).get_page(1))


# == static files as they are served ==


def test_static_files_are_served_compressed_from_a_folder_of_their_version(tmp_path: Path) -> None:
    folder = storage.packed(tmp_path)
    sheet = folder / "linli/linli.css"
    assert gzip.decompress((folder / "linli/linli.css.gz").read_bytes()) == sheet.read_bytes()
    assert sheet.read_bytes() == (ROOT / "linli/core/static/linli/linli.css").read_bytes()
    assert storage.packed(tmp_path) == folder, "made once"
    assert [path.name for path in tmp_path.iterdir()] == [folder.name], "nothing half made is left"


def test_a_version_before_is_forgotten_after_a_day(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "recent").mkdir()
    os.utime(tmp_path / "old", (0, 0))
    storage.packed(tmp_path)
    assert not (tmp_path / "old").exists() and (tmp_path / "recent").exists()
