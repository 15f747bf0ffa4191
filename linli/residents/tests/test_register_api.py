"""The register over the API: whoever may do it on a page may do it here, masked, once, and with a second person where one is needed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from linli.core.ids import uuid7
from linli.core.models import TrailEntry
from linli.core.tenancy import active
from linli.residents import actions
from linli.residents.codes import CATEGORY_KINDS
from linli.residents.models import Category, CorrectionRequest, Household, Residence, Resident, Tie

API = "/api/c/330105002053/"
SINCE = date(2020, 1, 1)


class Caller:
    """Somebody of the cast, by the session; what is sent and what comes back is JSON."""

    def __init__(self, client) -> None:
        self.client = client

    def get(self, path: str, status: int = 200):
        return self._told(self.client.get(API + path), status)

    def post(self, path: str, data=None, status: int = 200, **headers: str):
        sent = self.client.post(API + path, data or {}, content_type="application/json", headers=headers)
        return self._told(sent, status)

    def _told(self, answer, status: int):
        assert answer.status_code == status, answer.content.decode()
        if status >= 400:
            assert answer["Content-Type"] == "application/problem+json"
        return answer.json()


@pytest.fixture
def lina(cast, browse) -> Caller:
    return Caller(browse(cast.accounts["李娜"]))


@pytest.fixture
def zhao(cast, browse) -> Caller:
    return Caller(browse(cast.accounts["赵敏"]))


@pytest.fixture
def door(cast) -> str:
    with active(cast.here.id):
        return str(cast.here.door("48-2-301").pk)


@pytest.fixture
def home(cast) -> Household:
    """王芳 and her son 王小军 behind 48-2-301."""
    with active(cast.here.id):
        keeper, place = cast.actor("赵敏"), cast.here.door("48-2-301")
        plan = actions.ResidentPlan(name="王小军", sex="1", birth_on=date(2000, 1, 1), dwelling=place, from_on=SINCE)
        cast.residents["王小军"] = actions.register_resident(keeper, plan)
        members = {cast.residents["王小军"].pk: "2"}
        return actions.form_household(keeper, dwelling=place, head=cast.residents["王芳"], members=members, on=SINCE)


def door_of(cast, door: str):
    with active(cast.here.id):
        return cast.here.door(door)


def key(row) -> str:
    return str(row.pk)


# A person


def test_a_resident_is_registered_once_under_the_id_the_caller_chose(cast, lina, door) -> None:
    body = {"name": "周小舟", "sex": "1", "birth_on": "1990-05-06", "dwelling_id": door, "from_on": "2026-03-01"}
    chosen = str(uuid7())
    made = lina.post("residents", body, 201, **{"Idempotency-Key": chosen})
    assert (made["id"], made["name"], made["doors"]) == (chosen, "周*舟", ["48-2-301"])
    assert lina.post("residents", body | {"id": chosen}, 201) == made
    with active(cast.here.id):
        assert Resident.objects.filter(name="周小舟").count() == 1
        assert TrailEntry.objects.filter(subject_id=chosen, verb="resident.registered").count() == 1
    assert lina.post("residents", body | {"id": chosen, "name": "周大舟"}, 409)["field"] == "id"
    assert lina.post("residents", body | {"id": str(uuid7())}, 409, **{"Idempotency-Key": chosen})


def test_the_same_id_from_another_account_tells_nothing(lina, zhao, door) -> None:
    body = {"id": str(uuid7()), "name": "周小舟", "dwelling_id": door}
    lina.post("residents", body, 201)
    told = zhao.post("residents", body, 409)
    assert "周" not in told["detail"]


def test_a_retry_after_a_change_still_gives_the_person_back(lina, door) -> None:
    body = {"id": str(uuid7()), "name": "周小舟", "phone": "10012340077", "dwelling_id": door}
    lina.post("residents", body, 201)
    lina.post(f"residents/{body['id']}/facts/phone", {"value": "10012340078", "because": "换号", "since": "2026-03-01"})
    assert lina.post("residents", body, 201)["phone"] == "100****0078"


def test_what_cannot_be_written_is_said_under_its_own_code(lina, door) -> None:
    wrong = lina.post("residents", {"name": "周小舟", "id_number": "330105199005061234", "dwelling_id": door}, 409)
    assert wrong["code"].startswith("id_number") or "身份证" in wrong["detail"]
    assert lina.post("residents", {"name": "周小舟", "from_on": "2999-01-01"}, 409)["field"] == "from_on"
    assert lina.post("residents", {"name": "周小舟", "dwelling_id": str(uuid7())}, 404)["field"] == "dwelling_id"


def test_a_specialist_registers_nobody_outside_her_patch(cast, lina, zhao) -> None:
    with active(cast.here.id):
        west = str(cast.here.door("9-1-101").pk)
    lina.post("residents", {"name": "周小舟", "dwelling_id": west}, 404)
    zhao.post("residents", {"name": "周小舟", "dwelling_id": west}, 201)


@pytest.mark.parametrize("who", ["王芳", "周国平", "路人"])
def test_who_does_not_keep_the_register_registers_nobody(cast, browse, who, door) -> None:
    answer = browse(cast.accounts[who]).post(
        f"{API}residents", {"name": "周小舟", "dwelling_id": door}, content_type="application/json"
    )
    assert answer.status_code in {403, 404}


def test_somebody_joins_a_household_moves_out_and_in_again(lina, home, cast) -> None:
    body = {"name": "周小舟", "household_id": key(home), "relation_to_head": "8", "from_on": "2026-01-01"}
    made = lina.post("residents", body, 201)
    members = lina.get(f"households/{home.pk}")["members"]
    assert [each["relation"] for each in members if each["resident_id"] == made["id"]] == ["其他"]
    person = f"residents/{made['id']}"
    assert lina.post(f"{person}/move-out", {"on": "2026-03-01"})["door"] == ""
    back = {"household_id": key(home), "from_on": "2026-06-01", "relation_to_head": "8"}
    assert lina.post(f"{person}/move-in", back, 404)["code"] == "not_found"  # he lives nowhere in her patch now


def test_moving_in_the_same_again_changes_nothing(cast, zhao, home) -> None:
    made = zhao.post("residents", {"name": "周小舟"}, 201)
    person, back = f"residents/{made['id']}", {"household_id": key(home), "from_on": "2026-06-01"}
    first = zhao.post(f"{person}/move-in", back)
    assert first["door"] == "48-2-301" and zhao.post(f"{person}/move-in", back) == first
    assert zhao.post(f"{person}/move-in", {"from_on": "2026-06-01"}, 409)["field"] == "dwelling_id"
    with active(cast.here.id):
        assert Residence.objects.filter(resident=made["id"]).count() == 1


# What is known of a person


def test_facts_are_told_masked_with_their_age_and_changed_since_a_day(lina, cast) -> None:
    fang = cast.residents["王芳"]
    told = {each["field"]: each for each in lina.get(f"residents/{fang.pk}/facts")["items"]}
    assert told["name"]["words"] == "王*" and told["name"]["needs_second"] and not told["phone"]["needs_second"]
    sent = {"value": "10012340099", "because": "换号了", "since": "2026-03-01", "how": "self"}
    after = lina.post(f"residents/{fang.pk}/facts/phone", sent)
    phone = next(each for each in after["items"] if each["field"] == "phone")
    assert phone["words"] == "100****0099" and phone["source"] == "居民本人说"
    assert lina.post(f"residents/{fang.pk}/facts/phone", sent, 409)["code"] == "correction.nothing_different"
    unknown = lina.post(f"residents/{fang.pk}/facts/education", {"value": "zz", "because": "学历"}, 409)
    assert (unknown["code"], unknown["field"]) == ("resident.code_unknown", "education")
    lina.post(f"residents/{fang.pk}/facts/shoe-size", {"value": "38", "because": "不收"}, 422)


def test_the_last_writing_of_a_fact_is_taken_back_and_the_trail_keeps_both(lina, cast) -> None:
    fang = cast.residents["王芳"]
    with active(cast.here.id):
        before = Resident.objects.get(pk=fang.pk).phone
    path = f"residents/{fang.pk}/facts/phone"
    lina.post(path, {"value": "10012340099", "because": "换号了"})
    lina.post(f"{path}/take-back", {"because": "写到别人身上了"})
    with active(cast.here.id):
        assert Resident.objects.get(pk=fang.pk).phone == before
        verbs = set(TrailEntry.objects.filter(subject_id=fang.pk).values_list("verb", flat=True))
    assert {"resident.corrected", "resident.uncorrected"} <= verbs
    assert lina.post(f"{path}/take-back", {"because": "再撤一次"}, 409)["code"] == "fact.nothing_to_take_back"
    name = f"residents/{fang.pk}/facts/name/take-back"
    assert lina.post(name, {"because": "撤回"}, 409)["code"] == "fact.second_needed"


def test_a_name_waits_for_a_second_person_who_is_not_who_asked(cast, browse, lina, zhao) -> None:
    fang = cast.residents["王芳"]
    asked = lina.post(f"residents/{fang.pk}/facts/name", {"value": "王方", "because": "对照身份证"}, 202)
    assert asked["state"] == "requested" and asked["is_mine"] and not asked["may_decide"]
    assert "王方" not in str(asked)
    assert lina.post(f"corrections/{asked['id']}/confirm", None, 403)["code"] == "correction.own"
    (waiting,) = zhao.get("corrections")["items"]
    assert waiting["may_decide"]
    assert zhao.post(f"corrections/{asked['id']}/confirm")["state"] == "confirmed"
    with active(cast.here.id):
        assert Resident.objects.get(pk=fang.pk).name == "王方"
    assert zhao.post(f"corrections/{asked['id']}/refuse", {"answer": "晚了"}, 409)
    stranger = Caller(browse(cast.accounts["孙伟"]))
    stranger.post(f"corrections/{asked['id']}/confirm", None, 404)


def test_a_death_waits_and_ends_what_was_open_when_it_is_agreed_to(cast, lina, zhao, home) -> None:
    son = cast.residents["王小军"]
    sent = {"on": "2026-03-01", "because": "家属报来"}
    asked = lina.post(f"residents/{son.pk}/die", sent, 202)
    assert lina.get(f"residents/{son.pk}")["is_dead"] is False
    assert lina.post(f"residents/{son.pk}/die", sent, 409)["code"] == "correction.asked_already"
    zhao.post(f"corrections/{asked['id']}/confirm")
    assert zhao.get(f"residents/{son.pk}")["is_dead"] is True
    assert zhao.post(f"residents/{son.pk}/die", sent)["door"] == ""


def test_a_confirmation_makes_a_record_fresh(lina, cast) -> None:
    fang = cast.residents["王芳"]
    told = lina.post(f"residents/{fang.pk}/confirm", {"how": "visit", "field": "name"})
    assert next(each for each in told["items"] if each["field"] == "name")["source"] == "上门看到"
    whole = lina.post(f"residents/{fang.pk}/confirm", {"how": "phone"})
    assert all(not each["is_due"] for each in whole["items"])


# Categories


def test_a_category_begins_changes_since_a_day_and_ends(cast, lina) -> None:
    fang = cast.residents["王芳"]
    kinds = {each["code"]: each for each in lina.get("category-kinds")["items"]}
    assert kinds["disabled"]["needs_second"] and not kinds["party_member"]["needs_second"]
    begun = lina.post(
        f"residents/{fang.pk}/categories",
        {"kind": "party_member", "from_on": "2020-07-01", "because": "组织关系转入", "certificate_number": "A1234567"},
        201,
    )
    assert begun["kind_name"] == "党员" and "1234567" not in begun["certificate_number"]
    changed = lina.post(
        f"categories/{begun['id']}/put", {"decision": "转入支部", "on": "2026-01-01", "because": "换了支部"}
    )
    assert (changed["from_on"], changed["decision"]) == ("2026-01-01", "转入支部")
    held = lina.get(f"residents/{fang.pk}/categories")["items"]
    assert [(each["from_on"], each["until"], each["decision"]) for each in held if each["kind"] == "party_member"] == [
        ("2026-01-01", None, "转入支部"),
        ("2020-07-01", "2026-01-01", ""),
    ]
    assert [each["id"] for each in lina.get("categories?kind=party_member&on=2021-01-01")["items"]] == [begun["id"]]
    ended = lina.post(f"categories/{changed['id']}/end", {"on": "2026-06-01", "because": "组织关系转出"})
    assert ended["until"] == "2026-06-01"
    assert lina.get("categories?kind=party_member")["items"] == []


def test_a_correction_of_a_category_makes_no_second_period(cast, lina) -> None:
    fang = cast.residents["王芳"]
    begun = lina.post(
        f"residents/{fang.pk}/categories", {"kind": "party_member", "from_on": "2020-07-01", "because": "转入"}, 201
    )
    put = lina.post(f"categories/{begun['id']}/put", {"from_on": "2019-07-01", "because": "年份抄错"})
    assert put["id"] == begun["id"] and put["from_on"] == "2019-07-01"
    with active(cast.here.id):
        assert Category.objects.filter(resident=fang, kind="party_member").count() == 1
        assert Category.of_all_times.filter(stands_for=begun["id"]).count() == 1
    refused = lina.post(
        f"categories/{begun['id']}/put", {"from_on": "2018-07-01", "on": "2026-01-01", "because": "两样一起"}, 409
    )
    assert refused["code"] == "category.only_corrected"


def test_what_benefits_hang_on_waits_for_a_second_person_at_every_step(cast, lina, zhao) -> None:
    fang, reason = cast.residents["王芳"], {"because": "街道批了"}
    begun = lina.post(f"residents/{fang.pk}/categories", {"kind": "disabled", "from_on": "2025-01-01", **reason}, 202)
    with active(cast.here.id):
        assert not Category.objects.filter(kind="disabled").exists()
    zhao.post(f"corrections/{begun['id']}/confirm")
    with active(cast.here.id):
        row = Category.objects.get(kind="disabled")
        level = CATEGORY_KINDS["disabled"].levels[0]
    asked = lina.post(f"categories/{row.pk}/put", {"level": level, "on": "2026-02-01", **reason}, 202)
    assert (asked["deed"], asked["title"]) == ("alter", "变更类别：残疾")
    zhao.post(f"corrections/{asked['id']}/confirm")
    with active(cast.here.id):
        assert [each.level for each in Category.objects.filter(kind="disabled").order_by("span")] == ["", level]
        last = Category.objects.get(kind="disabled", level=level)
    assert lina.post(f"categories/{last.pk}/end", {"on": "2026-08-01", **reason}, 202)["deed"] == "end"
    with active(cast.here.id):
        assert CorrectionRequest.objects.filter(state="requested").count() == 1


# Two people, and households


def test_a_marriage_moves_one_to_the_other_and_a_divorce_ends_it_for_both(cast, zhao, home) -> None:
    fang, ma = cast.residents["王芳"], cast.residents["老马"]
    sent = {"on": "2026-03-01", "spouse_id": key(ma), "mover": "spouse"}
    zhao.post(f"residents/{fang.pk}/marry", sent)
    zhao.post(f"residents/{fang.pk}/marry", sent)
    assert any(each["resident_id"] == key(ma) for each in zhao.get(f"households/{home.pk}")["members"])
    with active(cast.here.id):
        assert Tie.objects.filter(kind="spouse").count() == 2
    zhao.post(f"residents/{fang.pk}/divorce", {"on": "2026-09-01"})
    assert zhao.post(f"residents/{fang.pk}/widow", {"on": "2026-10-01"}, 409)["code"] == "resident.not_married"


def test_a_child_is_born_into_a_household_once(cast, lina, home) -> None:
    body = {"name": "王小宝", "sex": "1", "born_on": "2026-11-01", "mother_id": key(cast.residents["王芳"])}
    first = lina.post(f"households/{home.pk}/births", body, 201)
    assert lina.post(f"households/{home.pk}/births", body, 201)["id"] == first["id"]
    guardian = {"guardian_id": key(cast.residents["王小军"]), "on": "2026-11-20"}
    lina.post(f"residents/{first['id']}/name-guardian", guardian)
    alone = {"name": "王二宝", "sex": "1", "born_on": "2026-11-01"}
    assert lina.post(f"households/{home.pk}/births", alone, 409)["code"] == "resident.guardian_needed"


def test_a_household_splits_and_joins_again(cast, lina, home) -> None:
    son = key(cast.residents["王小军"])
    made = lina.post(f"households/{home.pk}/split", {"head_id": son, "on": "2026-03-01"}, 201)
    assert made["head_id"] == son and [each["resident_id"] for each in made["members"]] == [son]
    assert lina.post(f"households/{home.pk}/split", {"head_id": son, "on": "2026-03-01"}, 201)["id"] == made["id"]
    back = {"into_id": key(home), "on": "2026-06-01", "relations": [{"resident_id": son, "relation": "2"}]}
    assert len(lina.post(f"households/{made['id']}/join", back)["members"]) == 2
    assert lina.get(f"households/{made['id']}")["dissolved_on"] == "2026-06-01"


def test_a_household_is_formed_of_who_lives_there(cast, lina, zhao, door) -> None:
    fang = key(cast.residents["王芳"])
    made = lina.post(f"dwellings/{door}/households", {"head_id": fang, "on": "2026-03-01", "number": "H-1"}, 201)
    assert made["head_id"] == fang
    stranger = key(cast.residents["老马"])
    elsewhere = zhao.post(f"dwellings/{door}/households", {"head_id": stranger, "on": "2026-03-01"}, 409)
    assert elsewhere["code"] == "household.not_member"
    west = zhao.post(
        f"dwellings/{key(door_of(cast, '9-1-101'))}/households",
        {"head_id": stranger, "on": "2026-03-01", "number": "H-1"},
        409,
    )
    assert west["code"] == "household.number_taken"


# Merged


def test_a_merged_person_answers_410_with_the_id_that_stays_until_split_again(cast, zhao) -> None:
    with active(cast.here.id):
        keeper = cast.actor("赵敏")
        plans = [
            actions.ResidentPlan(name="周小舟", birth_on=date(1990, 5, 6), phone=phone)
            for phone in (None, "10012340077")
        ]
        keep, drop = actions.register_many(keeper, plans)
    sent = {"drop_id": key(drop), "because": "同一人"}
    made = zhao.post(f"residents/{keep.pk}/merge", sent)
    assert zhao.post(f"residents/{keep.pk}/merge", sent)["id"] == made["id"]
    for method, path, body in (("get", "", None), ("get", "/facts", None), ("post", "/confirm", {"how": "visit"})):
        args = (f"residents/{drop.pk}{path}", 410) if method == "get" else (f"residents/{drop.pk}{path}", body, 410)
        gone = getattr(zhao, method)(*args)
        assert (gone["code"], gone["successor"]) == ("resident.merged", key(keep))
    assert zhao.get(f"residents/{keep.pk}")["phone"] == "100****0077"
    undone = zhao.post(f"merges/{made['id']}/split")
    assert undone["undone_at"] and undone["left"] == []
    assert zhao.get(f"residents/{drop.pk}")["phone"] == "100****0077"


def test_who_may_not_see_the_survivor_is_not_told_of_the_merge(cast, browse, zhao) -> None:
    with active(cast.here.id):
        plans = [actions.ResidentPlan(name="周小舟", dwelling=cast.here.door("9-1-101")) for _ in range(2)]
        keep, drop = actions.register_many(cast.actor("赵敏"), plans)
    zhao.post(f"residents/{keep.pk}/merge", {"drop_id": key(drop)})
    Caller(browse(cast.accounts["李娜"])).get(f"residents/{drop.pk}", 404)


def test_two_records_of_one_household_become_one_and_two_again(cast, zhao, home) -> None:
    with active(cast.here.id):
        keeper, place = cast.actor("赵敏"), cast.here.door("48-2-301")
        plan = actions.ResidentPlan(name="周小舟", dwelling=place, from_on=SINCE, household="x", relation_to_head="0")
        other = UUID(str(Residence.objects.get(resident=actions.register_resident(keeper, plan)).household_id))
    made = zhao.post(f"households/{home.pk}/merge", {"drop_id": str(other), "because": "登记了两次"})
    assert len(zhao.get(f"households/{home.pk}")["members"]) == 3
    assert zhao.get(f"households/{other}", 410)["successor"] == key(home)
    zhao.post(f"merges/{made['id']}/split")
    assert len(zhao.get(f"households/{other}")["members"]) == 1


# Documents


def test_a_document_is_written_put_right_and_handed_in(cast, lina) -> None:
    fang = cast.residents["王芳"]
    sent = {"kind": "414", "number": "E12345678", "issued_in": "CHN", "last_on": "9999-12-31"}
    made = lina.post(f"residents/{fang.pk}/documents", sent, 201)
    assert made["last_on"] is None and "12345" not in made["number"]
    put = lina.post(
        f"documents/{made['id']}/correct", {"number": "E12345679", "issued_in": "CHN", "last_on": "2030-01-01"}
    )
    assert put["id"] == made["id"] and put["last_on"] == "2030-01-01"
    assert len(lina.get(f"residents/{fang.pk}/documents")["items"]) == 1
    assert lina.post(f"documents/{made['id']}/drop")["items"] == []
    assert lina.post(f"residents/{fang.pk}/documents", sent | {"kind": "none_yet"}, 409)


def test_a_neighbour_reads_nobody_and_oneself_alone(cast, browse) -> None:
    fang = Caller(browse(cast.accounts["王芳"]))
    assert fang.get(f"residents/{cast.residents['王芳'].pk}/facts")["items"]
    fang.get(f"residents/{cast.residents['老马'].pk}/facts", 404)
    fang.get(f"residents/{cast.residents['老马'].pk}/documents", 404)
    fang.post(f"residents/{cast.residents['王芳'].pk}/facts/phone", {"value": "", "because": "不用了"}, 403)
