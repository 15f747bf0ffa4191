"""The pages of a household and a door, and the forms of what happens: what a clerk sees, and what is refused in words."""

from __future__ import annotations

from datetime import date

import pytest

from linli.core.tenancy import active
from linli.residents import actions, queries
from linli.residents.codes import Relation
from linli.residents.models import Household, Merge, Residence, Resident, Tie

PEOPLE = "/c/330105002053/desk/residents/"
SINCE = date(2020, 1, 1)


@pytest.fixture
def home(cast) -> Household:
    """王芳, her son 王小军 and her sister 王小玲 behind 48-2-301."""
    with active(cast.here.id):
        keeper, door = cast.actor("赵敏"), cast.here.door("48-2-301")
        plans = [("王小军", "1", date(2008, 1, 1)), ("王小玲", "2", date(1982, 1, 1))]
        for name, sex, birth_on in plans:
            plan = actions.ResidentPlan(name=name, sex=sex, birth_on=birth_on, dwelling=door, from_on=SINCE)
            cast.residents[name] = actions.register_resident(keeper, plan)
        members = {cast.residents["王小军"].pk: Relation.SON, cast.residents["王小玲"].pk: Relation.SIBLING}
        return actions.form_household(keeper, dwelling=door, head=cast.residents["王芳"], members=members, on=SINCE)


def text_of(response) -> str:
    return response.content.decode()


def test_the_household_says_who_is_what_to_the_head(cast, browse, home) -> None:
    page = text_of(browse(cast.accounts["李娜"]).get(f"{PEOPLE}households/{home.pk}/"))
    assert "王*一户 3 人" in " ".join(page.split()) and "兄弟姐妹" in page
    assert "王小玲" not in page


def test_the_door_says_who_lives_there_who_is_registered_and_who_left(cast, browse, home) -> None:
    with active(cast.here.id):
        keeper = cast.actor("赵敏")
        actions.leave_for(keeper, resident=cast.residents["王小军"], on=date(2026, 3, 1), whereabouts="上海市")
        actions.split_household(
            keeper,
            household=home,
            head=cast.residents["王小玲"],
            members={},
            on=date(2026, 3, 1),
            dwelling=cast.here.door("9-1-101"),
        )
        door = cast.here.door("48-2-301")
    page = " ".join(text_of(browse(cast.accounts["李娜"]).get(f"{PEOPLE}dwellings/{door.pk}/")).split())
    assert "48幢2单元301室住着 1 人" in page
    assert "人在上海市" in page
    assert "以前住过" in page and "2026年3月1日前" in page


def test_a_household_outside_the_patch_is_not_there(cast, browse, home) -> None:
    for who, status in (("孙伟", 404), ("吴静", 404), ("李娜", 200), ("陈建国", 200), ("王芳", 404)):
        assert browse(cast.accounts[who]).get(f"{PEOPLE}households/{home.pk}/").status_code == status, who


def test_a_birth_is_written_down_in_one_page_without_a_script(cast, browse, home) -> None:
    client, url = browse(cast.accounts["李娜"]), f"{PEOPLE}households/{home.pk}/birth/"
    sent = {"name": "王小宝", "sex": "1", "born_on": "2026-11-01", "relation_to_head": "8"}
    refused = client.post(url, sent)
    assert refused.status_code == 422 and "不满 14 周岁，要登记监护人" in text_of(refused)
    assert 'value="王小宝"' in text_of(refused)
    done = client.post(url, sent | {"mother": str(cast.residents["王芳"].pk)})
    assert done.status_code == 302 and done["Location"].endswith("?did=birth")
    assert "已登记出生。" in text_of(client.get(done["Location"]))
    with active(cast.here.id):
        assert Tie.objects.filter(resident__name="王小宝", other=cast.residents["王芳"]).count() == 2


def test_a_spouse_is_found_by_name_and_chosen_before_anything_is_written(cast, browse, home) -> None:
    fang, ma = cast.residents["王芳"], cast.residents["老马"]
    client, url = browse(cast.accounts["赵敏"]), f"{PEOPLE}{fang.pk}/marry/"
    sent = {"on": "2026-03-01", "spouse_words": "老马", "mover": "spouse"}
    asked = client.post(url, sent)
    assert asked.status_code == 422 and "请点选是哪一位" in text_of(asked)
    with active(cast.here.id):
        assert not Tie.objects.exists()
    assert client.post(url, sent | {"spouse": str(ma.pk)}).status_code == 302
    with active(cast.here.id):
        moved = queries.residence_of(ma)
        assert moved is not None and moved.household == home and moved.relation_to_head == Relation.SPOUSE
    page = text_of(client.get(f"{PEOPLE}{fang.pk}/"))
    assert "登记离婚" in page and "登记结婚" not in page and "配偶" in page


def test_a_relation_nobody_can_work_out_is_asked_on_the_same_page(cast, browse, home) -> None:
    with active(cast.here.id):
        actions.register_birth(
            cast.actor("赵敏"),
            name="王小宝",
            sex="1",
            born_on=date(2026, 3, 1),
            household=home,
            mother=cast.residents["王芳"],
            relation_to_head=Relation.OTHER,
        )
        baby = Resident.objects.get(name="王小宝")
    client, url = browse(cast.accounts["李娜"]), f"{PEOPLE}households/{home.pk}/change-head/"
    sent = {"head": str(cast.residents["王小军"].pk), "on": "2026-06-01"}
    asked = client.post(url, sent)
    assert asked.status_code == 422 and f'name="relation_{baby.pk}"' in text_of(asked)
    sibling = cast.residents["王小玲"].pk
    done = client.post(url, sent | {f"relation_{baby.pk}": "7", f"relation_{sibling}": "8"})
    assert done.status_code == 302
    with active(cast.here.id):
        assert Residence.objects.get(resident=baby, span__contains=date(2026, 6, 1)).relation_to_head == "7"


def test_a_split_and_a_join_are_one_page_each(cast, browse, home) -> None:
    client, sister = browse(cast.accounts["赵敏"]), str(cast.residents["王小玲"].pk)
    url = f"{PEOPLE}households/{home.pk}/"
    sent = {"leaving": [sister], "head": sister, "door": "9-1-102", "on": "2026-03-01"}
    assert client.post(url + "split/", sent).status_code == 302
    with active(cast.here.id):
        made = Household.objects.get(head=sister)
    joined = {"door": "48-2-301", "into": str(home.pk), "on": "2026-06-01", f"relation_{sister}": "7"}
    assert client.post(f"{PEOPLE}households/{made.pk}/join/", joined).status_code == 302
    assert "这一户已经撤户" in text_of(client.get(f"{PEOPLE}households/{made.pk}/"))
    assert client.post(url + "move/", {"door": "没有这里", "on": "2026-07-01"}).status_code == 422
    assert client.post(url + "move/", {"door": "9-1-102", "on": "2026-07-01"}).status_code == 302
    with active(cast.here.id):
        moved = queries.residence_of(cast.residents["王小玲"])
        assert moved is not None and moved.dwelling.door == "9-1-102"


def test_the_page_says_where_somebody_lives_and_where_they_are_registered(cast, browse, home) -> None:
    fang = cast.residents["王芳"]
    client = browse(cast.accounts["赵敏"])
    done = client.post(f"{PEOPLE}{fang.pk}/register-at/", {"door": "9-1-101", "on": "2026-03-01"})
    assert done.status_code == 302
    page = text_of(client.get(f"{PEOPLE}{fang.pk}/"))
    assert "人户分离" in page and "人住48幢2单元301室，户口在9幢1单元101室" in page


@pytest.mark.parametrize("name", ["divorce", "widow", "change-class", "leave", "come-back", "name-guardian"])
def test_every_form_opens_and_says_what_is_missing(cast, browse, home, name) -> None:
    client, url = browse(cast.accounts["李娜"]), f"{PEOPLE}{cast.residents['王芳'].pk}/{name}/"
    assert client.get(url).status_code == 200
    refused = client.post(url, {"on": "三月"})
    assert refused.status_code == 422 and "读不出来" in text_of(refused)


def twin_of(cast, name: str, **more) -> Resident:
    with active(cast.here.id):
        fang = cast.residents["王芳"]
        plan = actions.ResidentPlan(name=name, birth_on=fang.birth_on, from_on=SINCE, **more)
        return actions.register_resident(cast.actor("赵敏"), plan)


def test_like_records_are_made_one_and_the_old_address_leads_to_the_survivor(cast, browse) -> None:
    fang, client = cast.residents["王芳"], browse(cast.accounts["赵敏"])
    twin = twin_of(cast, "王方", former_name="王小芳")
    listed = text_of(client.get(f"{PEOPLE}likely/"))
    assert "1 对档案看起来是同一个人" in listed and "姓名读音相近，出生日期一样" in listed
    url = f"{PEOPLE}likely/{fang.pk}/{twin.pk}/"
    assert "姓名用哪一份的" in text_of(client.get(url))
    assert client.post(url, {"keep": "first"}).status_code == 422
    done = client.post(url, {"keep": "first", "name": "second"})
    assert done["Location"].endswith(f"{fang.pk}/?did=merge")
    assert client.get(f"{PEOPLE}{twin.pk}/")["Location"].endswith(f"/{fang.pk}/")
    page = text_of(client.get(f"{PEOPLE}{fang.pk}/"))
    assert "并入过一份重复的档案" in page
    with active(cast.here.id):
        assert Resident.objects.get(pk=fang.pk).name == "王方"
        merge = Merge.objects.get()
    assert client.post(f"{PEOPLE}merges/{merge.pk}/split/").status_code == 302
    assert client.get(f"{PEOPLE}{twin.pk}/").status_code == 200


def test_two_people_told_apart_are_not_listed_again(cast, browse) -> None:
    fang, client = cast.residents["王芳"], browse(cast.accounts["赵敏"])
    twin = twin_of(cast, "王芳")
    pair = sorted((fang.pk, twin.pk))
    client.post(f"{PEOPLE}likely/{pair[0]}/{pair[1]}/verdict/", {"says": "apart"})
    assert "没有疑似重复的档案" in text_of(client.get(f"{PEOPLE}likely/"))


@pytest.mark.parametrize(("name", "is_like"), [("王房", True), ("王分", False), ("李芳", False), ("王芳", True)])
def test_names_that_sound_alike_are_shown_and_others_are_not(cast, browse, name, is_like) -> None:
    twin_of(cast, name)
    page = text_of(browse(cast.accounts["赵敏"]).get(f"{PEOPLE}likely/"))
    assert ("1 对档案看起来是同一个人" in page) is is_like


def test_what_was_changed_since_a_merge_is_named_when_it_is_taken_back(cast, browse) -> None:
    fang, client = cast.residents["王芳"], browse(cast.accounts["赵敏"])
    twin = twin_of(cast, "王芳", former_name="王小芳")
    with active(cast.here.id):
        keeper = cast.actor("赵敏")
        merge = actions.merge_residents(keeper, keep=fang, drop=twin)
        fang.refresh_from_db()
        actions.correct_resident(keeper, resident=fang, to={"former_name": "王大芳"}, because="核对户口本")
    page = text_of(client.post(f"{PEOPLE}merges/{merge.pk}/split/"))
    assert "曾用名" in page and "看分回来的那一份" in page


def test_a_household_written_down_twice_is_made_one_and_two_again_from_its_page(cast, browse, home) -> None:
    client, place = browse(cast.accounts["李娜"]), "48-2-301"
    with active(cast.here.id):
        plan = actions.ResidentPlan(
            name="周小舟", dwelling=cast.here.door(place), from_on=SINCE, household="x", relation_to_head="0"
        )
        again = Residence.objects.get(resident=actions.register_resident(cast.actor("赵敏"), plan)).household_id
    page = f"{PEOPLE}households/{home.pk}/"
    asked = client.get(f"{page}merge-household/")
    assert "周*舟等 1 人" in text_of(asked)
    assert client.post(f"{page}merge-household/", {"door": place}).status_code == 422
    done = client.post(f"{page}merge-household/", {"door": place, "into": str(again), "because": "登记了两次"})
    assert done.status_code == 302
    told = " ".join(text_of(client.get(done["Location"])).split())
    assert "已合并成一户。" in told and "王*一户 4 人" in told and "原因：登记了两次" in told
    assert client.get(f"{PEOPLE}households/{again}/")["Location"].endswith(page)
    with active(cast.here.id):
        merge = Merge.objects.get(kind="household")
    for stranger in ("孙伟", "周国平"):
        assert browse(cast.accounts[stranger]).post(f"{PEOPLE}merges/{merge.pk}/split/").status_code in {403, 404}
    undone = client.post(f"{PEOPLE}merges/{merge.pk}/split/")
    assert undone["Location"].endswith("?did=split_households")
    assert "已分回两户。" in text_of(client.get(undone["Location"]))
    assert client.get(f"{PEOPLE}households/{again}/").status_code == 200
