"""A community's first day: what is done is read from the records, what is put aside is kept, and who may do which step."""

from __future__ import annotations

from datetime import date

import pytest

from linli.accounts import actions as accounts
from linli.accounts.models import Account, Post
from linli.accounts.queries import actor_for, operator
from linli.core.access import Role
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.desk import actions
from linli.desk.cli import add_command
from linli.desk.forms import AreasForm
from linli.desk.models import FirstDayChoice
from linli.desk.queries.first_day import card_of, first_day_of
from linli.matters import actions as matters
from linli.matters import queries
from linli.matters.models import MatterKind, Queue
from linli.places import actions as places
from linli.places.models import Building, Dwelling, Estate, Grid, SubArea
from linli.places.rules import parse_building_line
from linli.residents.models import Resident

from .conftest import text, title

pytestmark = pytest.mark.django_db
CODE = "330105002054"
LINES = "1-3幢 2单元 3层 每层2户\n5幢 一单元 2层 一梯四户"


class Empty:
    """An empty community with a secretary, an administrator and a browser for each."""

    def __init__(self, browse):
        self.browse = browse
        self.community = places.set_up_community(
            operator(), id=9, name="大浒弄社区", code=CODE, valid_from=date(2023, 1, 1)
        )
        self.accounts = {}
        for name, role, scope in (
            ("沈红", Role.SECRETARY, {"community": self.community}),
            ("管理员", Role.ADMINISTRATOR, {}),
        ):
            account = accounts.add_account(operator(), username=f"x{len(self.accounts)}x", display_name=name)
            accounts.grant_post(operator(), account=account, role=role, **scope)
            self.accounts[name] = account

    def actor(self, name="沈红"):
        return actor_for(self.accounts[name], self.community, code=CODE)

    def get(self, path="", name="沈红"):
        return self.browse(self.accounts[name]).get(f"/c/{CODE}/desk/first-day/{path}")

    def post(self, path, data, name="沈红"):
        return self.browse(self.accounts[name]).post(f"/c/{CODE}/desk/first-day/{path}", data)


@pytest.fixture
def empty(db, browse):
    house = Empty(browse)
    with active(house.community.id):
        yield house


def done(empty):
    return [step.guide.step.value for step in first_day_of(empty.actor()).steps if step.is_done]


def test_five_forms_lead_from_nothing_to_the_first_matter(empty):
    assert title(empty.get()) == "五步就能开始用，先划片区和网格"
    assert empty.post("areas/", {"lines": "东片 2\n西片"}).status_code == 302
    assert list(Grid.objects.order_by("code").values_list("name", flat=True)) == ["东片1网格", "东片2网格", "西片1网格"]
    grid = Grid.objects.get(name="东片1网格")
    sent = {"estate": "大浒弄", "grid": str(grid.pk), "lines": LINES}
    looked = empty.post("buildings/", sent)
    assert title(looked) == "请看一遍：4 幢楼，44 户" and "1–3幢" in text(looked) and not Building.objects.exists()
    assert empty.post("buildings/", sent | {"confirm": "1"}).status_code == 302
    assert (Building.objects.count(), Dwelling.objects.count()) == (4, 44)
    assert empty.post("people/", {"name": "许桂花", "door": "3-2-302", "phone": "10012349901"}).status_code == 302
    area = SubArea.objects.get(name="东片")
    sent = {"name": "丁一", "username": "dingyi", "role": "specialist", "sub_area": str(area.pk)}
    assert title(empty.post("staff/", sent)) == "丁一可以上岗了"
    assert done(empty) == ["areas", "buildings", "people", "staff"]

    spot = queries.spot_named("3-2-302")
    matter = matters.report_matter(empty.actor(), kind=MatterKind.objects.get(code="leak"), words="漏水", spot=spot)
    assert matter.queue == Queue.FRONT and matter.sub_area == area
    assert title(empty.get()) == "都准备好了，可以开始用了" and card_of(empty.actor()) is None


def test_what_is_put_aside_is_kept_with_a_trail_and_may_be_taken_up_again(empty):
    actor = empty.actor()
    assert empty.post("put-aside/", {"step": "people"}).status_code == 302
    empty.post("put-aside/", {"step": "people"})  # the same again changes nothing
    step = first_day_of(actor).steps[2]
    assert step.is_aside and not step.is_done
    empty.post("take-up/", {"step": "people"})
    assert not first_day_of(actor).steps[2].is_aside
    verbs = list(TrailEntry.objects.filter(verb__startswith="first_day.").order_by("id").values_list("verb", flat=True))
    assert verbs == ["first_day.put_aside", "first_day.taken_up"] and FirstDayChoice.objects.count() == 1
    assert empty.post("put-aside/", {"step": "nothing"}).status_code == 404


def test_the_card_stands_on_todays_page_until_it_is_put_aside(empty):
    def today(name="沈红"):
        return text(empty.browse(empty.accounts[name]).get(f"/c/{CODE}/desk/"))

    assert "首日准备做好 0 步，共 5 步" in today() and "首日准备做好 0 步" in today("管理员")
    assert empty.post("put-aside/", {"step": "card"}).headers["Location"] == f"/c/{CODE}/desk/"
    assert "firstday__today" not in today()
    assert "重新显示首日准备" in text(empty.get())


def test_only_who_keeps_the_places_sees_the_first_day(cast, browse):
    root = f"/c/{cast.here.code}/desk/first-day/"
    answers = {
        who: browse(cast.accounts[who]).get(root).status_code
        for who in ("赵敏", "管理员", "李娜", "陈建国", "周国平", "王芳", "郑涛")
    }
    assert answers == {"赵敏": 200, "管理员": 200, "李娜": 403, "陈建国": 403, "周国平": 403, "王芳": 404, "郑涛": 404}
    assert "firstday__today" not in text(browse(cast.accounts["李娜"]).get(f"/c/{cast.here.code}/desk/"))


def test_an_administrator_registers_nobody(empty):
    page = text(empty.get(name="管理员"))
    assert "系统管理员不看也不填" in page and "first-day/people/" not in page
    assert empty.post("people/", {"name": "许桂花", "door": "1-1-101"}, name="管理员").status_code == 403
    assert not Resident.objects.exists()


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "请至少写一行"),
        ("1-20幢", "“1-20幢”看不懂"),
        ("1-3幢 2单元 3层 每层2户\n3幢 1单元 1层 每层1户", "3幢写了两次"),
        ("20-1幢 2单元 3层 每层2户", "看不懂"),
    ],
)
def test_a_line_that_cannot_be_read_says_which_and_keeps_all(empty, lines, sentence):
    actions.lay_out_areas(empty.actor(), [actions.AreaLine("东片")])
    sent = {"estate": "大浒弄", "grid": str(Grid.objects.get().pk), "lines": lines, "confirm": "1"}
    page = empty.post("buildings/", sent)
    assert page.status_code == 422 and text(page).count(sentence) == 2
    assert 'value="大浒弄"' in text(page) and not Building.objects.exists()


def test_a_building_that_is_there_is_not_registered_again(empty):
    actions.lay_out_areas(empty.actor(), [actions.AreaLine("东片")])
    sent = {"estate": "大浒弄", "grid": str(Grid.objects.get().pk), "lines": "1-3幢 2单元 3层 每层2户", "confirm": "1"}
    empty.post("buildings/", sent)
    again = empty.post("buildings/", sent | {"lines": "3-4幢 2单元 3层 每层2户"})
    assert again.status_code == 422 and "3幢已经登记过了" in text(again)
    assert empty.post("buildings/", sent | {"lines": "4幢 2单元 3层 每层2户"}).status_code == 302
    assert Estate.objects.count() == 1 and Building.objects.count() == 4


def test_too_much_at_once_is_refused_and_nothing_is_left(empty):
    actor = empty.actor()
    actions.lay_out_areas(actor, [actions.AreaLine("东片")])
    line = parse_building_line("1-400幢 9单元 20层 每层4户")
    with pytest.raises(actions.TooManyDwellings):
        actions.lay_out_buildings(actor, estate="大浒弄", grid=Grid.objects.get(), lines=[line])
    assert not Estate.objects.exists()


def test_a_resident_goes_behind_a_door_that_is_there_and_only_once(empty):
    actor = empty.actor()
    actions.lay_out_areas(actor, [actions.AreaLine("东片")])
    actions.lay_out_buildings(
        actor, estate="大浒弄", grid=Grid.objects.get(), lines=[parse_building_line("1幢 1单元 2层 每层2户")]
    )
    assert "没有登记这个门牌" in text(empty.post("people/", {"name": "许桂花", "door": "7-1-101"}))
    assert "请写到房号" in text(empty.post("people/", {"name": "许桂花", "door": "1幢"}))
    assert empty.post("people/", {"name": "许桂花", "door": "1-1-201"}).status_code == 302
    assert "已经登记了同名的居民" in text(empty.post("people/", {"name": "许桂花", "door": "1-1-201"}))
    assert Resident.objects.count() == 1


def test_a_colleague_with_an_account_keeps_the_password(empty):
    account = accounts.add_account(operator(), username="luting", password="somewhere-else-9", display_name="陆婷")
    page = empty.post("staff/", {"name": "陆婷", "username": "luting", "role": "back_office"})
    assert title(page) == "陆婷可以上岗了" and "firstday__password" not in text(page)
    assert Post.objects.get(account=account).role == Role.BACK_OFFICE
    again = empty.post("staff/", {"name": "陆婷", "username": "luting", "role": "back_office"})
    assert again.status_code == 409 and "已经有同样的岗位" in text(again)


def test_a_specialist_needs_a_patch_and_a_secretary_makes_no_secretary(empty):
    page = empty.post("staff/", {"name": "丁一", "username": "dingyi", "role": "specialist"})
    assert page.status_code == 422 and "请给小区专员选一个片区" in text(page)
    assert empty.post("staff/", {"name": "丁一", "username": "dingyi", "role": "secretary"}).status_code == 422
    assert not Account.objects.filter(username="dingyi").exists()


def test_areas_are_numbered_on_and_read_as_people_write_them(empty):
    for written in ("东片 2", "西片：3个网格", "南片，1"):
        assert AreasForm({"lines": written}).is_valid(), written
    actor = empty.actor()
    actions.lay_out_areas(actor, [actions.AreaLine("东片", 2)])
    actions.lay_out_areas(actor, [actions.AreaLine("西片")])
    assert list(SubArea.objects.order_by("order").values_list("code", "name")) == [("1", "东片"), ("2", "西片")]
    assert MatterKind.objects.exists()
    twice = empty.post("areas/", {"lines": "东片"})
    assert twice.status_code == 409 and "已经有“东片”了" in text(twice)


def test_the_command_makes_an_empty_community(db, capsys):
    class Arguments:
        code, name = CODE, "大浒弄社区"

    assert add_command(Arguments()) == 0 and "first-day" in capsys.readouterr().out
    assert add_command(Arguments()) == 1 and "已经属于另一个社区" in capsys.readouterr().err
