"""Help: every page has a topic, every topic is true to the pages, and people find it by the words they use."""

from __future__ import annotations

import json
import re

import pytest

from linli.core import help as topics
from tests import words
from tests.journeys.pages import WITHOUT_A_PAGE
from tests.routes import ROUTES

PAGES = sorted(
    name
    for name, route in ROUTES.items()
    if "GET" in route.verbs and name not in WITHOUT_A_PAGE and not name.startswith(("api:", "help"))
)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_something_to_say_for_itself(page):
    assert topics.for_page(page), f"name {page} after `pages:` in a topic of linli/core/help/topics, or write one"


def test_topics_are_about_pages_that_there_are():
    named = {page for topic in topics.topics() for page in topic.pages}
    assert named - set(ROUTES) == set()


@pytest.mark.parametrize("topic", topics.topics(), ids=lambda topic: topic.name)
def test_a_topic_is_short_plain_and_polite(topic):
    assert set(topic.faces) <= set(topics.FACES) and topic.faces
    assert 4 <= len(topic.title) <= 16 and len(topic.text) <= 420
    for text in (topic.title, *re.split(r"\n+", topic.text)):
        assert words.harsh(text) == words.manners(text) == [], text
        assert words.punctuation(text.replace("`?`", "")) == [], text
    if "resident" in topic.faces:
        assert words.average_length(topic.text) <= 25
    assert re.fullmatch(r"(<(p|ul|ol)>.*?</\2>)+", topic.body)


def test_buttons_are_called_what_they_are_called():
    """What stands in “ ” and is no example must be somewhere on the pages."""
    said = {re.sub(r"\s", "", piece.text) for piece in words.pieces() if piece.face in ("resident", "desk")}
    for topic in topics.topics():
        for quoted in re.findall(r"(?<!例如)“([^”]+)”", topic.text):
            assert any(re.sub(r"\s", "", quoted) in text for text in said), f"{topic.name}: no page says “{quoted}”"


def test_names_are_anchors_and_each_its_own():
    names = [topic.name for topic in topics.topics()]
    assert len(names) == len(set(names)) and all(re.fullmatch(r"[a-z-]+", name) for name in names)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("长辈版", "care"), ("关怀版", "care"), ("亲情版", "care"), ("关爱版", "care"), ("大字", "care"), ("字太小了看不清", "care"),
        ("收不到验证码", "sign-in"), ("登陆", "sign-in"), ("怎么打分", "answer"), ("没有手机怎么办", "no-phone"),
        ("报修", "report"), ("超时", "states"), ("改电话", "my-data"), ("快捷键", "keyboard"), ("A7K2", "wrong"),
        ("转交", "accept"), ("大字看不清", "care"), ("Excel", "month"), ("打印", "print"), ("短信 没送到", "messages"),
    ],
)  # fmt: skip
def test_people_find_it_by_the_words_they_use(asked, name):
    assert name in [topic.name for topic in topics.search(asked)[:3]]


def test_nonsense_finds_nothing_and_nothing_asked_finds_all():
    assert topics.search("zzqq") == [] and topics.search("字 zzqq") == []
    assert len(topics.search("  ")) == len(topics.topics())


def test_the_readers_own_topics_come_first():
    assert topics.search("上报", face="staff")[0].faces == ("staff",)
    assert "resident" in topics.search("上报", face="resident")[0].faces


def test_a_topic_without_its_head_is_refused(tmp_path):
    (tmp_path / "10-x.md").write_text("title: 某\nfor: staff\n---\n字\n", encoding="utf-8")
    with pytest.raises(ValueError, match="also, pages"):
        topics.read(tmp_path / "10-x.md")


def test_a_topic_is_escaped():
    assert topics._block("<script> & **好**") == "<p>&lt;script&gt; &amp; <b>好</b></p>"


# -- on the pages ----------------------------------------------------------------------------------------------------


def test_a_page_says_its_own_topic_first_and_leads_to_all(browse, cast):
    page = browse(cast.accounts["王芳"]).get(f"/c/{cast.here.code}/matters/").content.decode()
    help_part = page[page.index('id="help"') :]
    assert "<summary>办到哪一步了</summary>" in help_part and f'action="/c/{cast.here.code}/help/"' in help_part
    desk = browse(cast.accounts["李娜"]).get(f"/c/{cast.here.code}/desk/").content.decode()
    assert desk.count("<summary>今天这张清单</summary>") == 2, "in the helper of a desk and at the foot of a phone"


def test_without_a_script_help_is_a_page_that_searches(browse, cast, client, db):
    page = client.get("/help/", {"q": "关怀版"}).content.decode()
    assert "“关怀版”有 1 条" in page and "长辈版" in page and "tel:" in page
    assert "没有写到这个" in client.get("/help/", {"q": "zzqq"}).content.decode()
    staff = browse(cast.accounts["李娜"]).get(f"/c/{cast.here.code}/desk/help/").content.decode()
    assert staff.index("接单、转后台") < staff.index("报一件事") and 'class="side"' in staff
    assert "&lt;b&gt;" in client.get("/help/", {"q": "<b>"}).content.decode()


def test_all_topics_are_fetched_once_and_kept(client):
    response = client.get("/help/topics.json")
    assert "immutable" in response["Cache-Control"] and len(response.content) < 60_000
    data = json.loads(response.content)
    assert [one["name"] for one in data] == [topic.name for topic in topics.topics()]
    assert set(data[0]) == {"name", "title", "faces", "also", "text", "body"}


def test_every_topic_is_in_somebodys_guide_and_fits_its_reader():
    from linli.ops.guides import EVERYBODY, GUIDES

    known = {topic.name: topic for topic in topics.topics()}
    told = {name for _, _, chosen in GUIDES.values() for name in chosen} | set(EVERYBODY)
    assert told | {"demo"} == set(known)
    for who, (_, _, chosen) in GUIDES.items():
        face = "resident" if who == "resident" else "staff"
        assert all(face in known[name].faces for name in (*chosen, *EVERYBODY)), who
