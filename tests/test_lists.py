"""Groups and exports across their apps: who may, who agrees, what the file holds, what is left on the trail."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from python_calamine import CalamineWorkbook

from linli.core import clock, uploads
from linli.core.errors import NotAllowed
from linli.core.files import files_of
from linli.core.models import TrailEntry
from linli.core.states import OutOfTurn
from linli.core.tenancy import active
from linli.core.tests.test_locked_zip import opened
from linli.lists import actions, jobs, queries
from linli.lists.models import Export, ExportState, Group
from linli.residents import actions as residents
from linli.residents import conditions
from linli.residents.models import Resident

SPECIALIST, OTHER, OFFICE, SECRETARY, OFFICIAL = "李娜", "孙伟", "陈建国", "赵敏", "周国平"
DESK = "/c/330105002053/desk"
EVERYBODY = [("resident.died_on", "empty", "")]


@pytest.fixture
def here(cast):
    with active(cast.here.id):
        yield cast


def asked(cast, name=SECRETARY, *, listed=EVERYBODY, **more) -> Export:
    wanted = {"name": "名单", "columns": ["age", "phone", "id_number"], "reason": "报送街道核对"} | more
    return actions.ask_export(cast.actor(name), conditions=conditions.of_data(listed), **wanted)


def made(export: Export) -> Export:
    entry = TrailEntry.objects.filter(subject_id=export.pk).latest("at", "id")
    jobs.make.func(community_id=export.community_id, entry_id=str(entry.pk))
    return Export.objects.get(pk=export.pk)


def rows_in(export: Export, password: str) -> list[list]:
    (stored,) = files_of(export)
    with uploads.open_stored(settings.LINLI_FILES, stored.path) as file:
        return (
            CalamineWorkbook.from_filelike(io.BytesIO(opened(file.read(), password))).get_sheet_by_index(0).to_python()
        )


def verbs() -> list[str]:
    kinds = ("lists.export", "lists.group")
    return list(TrailEntry.objects.filter(subject_kind__in=kinds).order_by("at", "id").values_list("verb", flat=True))


def test_a_group_is_asked_anew_each_time_and_shows_each_reader_only_whom_they_may_see(here) -> None:
    group = actions.save_group(
        here.actor(SECRETARY),
        name="有电话的",
        conditions=conditions.of_data([("resident.phone", "filled", "")]),
        is_shared=True,
    )
    before = set(queries.group_members(here.actor(SECRETARY), group))
    newcomer = residents.register_many(
        here.actor(SECRETARY),
        [residents.ResidentPlan(name="丁一", phone="10012349999", dwelling=here.here.door("9-1-101"))],
    )[0]
    assert set(queries.group_members(here.actor(SECRETARY), group)) == before | {newcomer}
    assert newcomer not in queries.group_members(here.actor(SPECIALIST), group)
    assert newcomer in queries.group_members(here.actor(OTHER), group)


def test_a_group_of_ones_own_is_nobody_elses(here) -> None:
    listed = conditions.of_data(EVERYBODY)
    mine = actions.save_group(here.actor(SPECIALIST), name="我的", conditions=listed)
    assert list(queries.groups_visible_to(here.actor(SPECIALIST))) == [mine]
    assert not queries.groups_visible_to(here.actor(OTHER)) and not queries.groups_visible_to(here.actor(OFFICIAL))
    with pytest.raises(actions.NameTaken):
        actions.save_group(here.actor(SPECIALIST), name=" 我的 ", conditions=listed)
    with pytest.raises(actions.NoConditions):
        actions.save_group(here.actor(SPECIALIST), name="全部", conditions=[])
    with pytest.raises(NotAllowed):
        actions.drop_group(here.actor(OTHER), group=mine)
    actions.drop_group(here.actor(SPECIALIST), group=mine)
    assert not Group.objects.exists() and verbs() == ["group.saved", "group.dropped"]


def test_a_small_list_is_made_at_once_masked_locked_and_its_password_shown_once(here) -> None:
    Resident.objects.filter(name="王芳").update(name='=HYPERLINK("x")', pinyin="a")
    export = made(asked(here))
    assert export.state == ExportState.READY and (export.expires_at - clock.now()) <= timedelta(hours=24)
    with pytest.raises(actions.NotReady):
        actions.show_password(here.actor(OFFICE), export=export)
    password = actions.show_password(here.actor(SECRETARY), export=export)
    with pytest.raises(actions.PasswordShown):
        actions.show_password(here.actor(SECRETARY), export=export)
    table = rows_in(export, password)
    assert "赵敏" in table[1][0] and "报送街道核对" in table[1][0] and "已遮盖" in table[1][0]
    assert table[2] == ["姓名", "年龄", "电话", "身份证号"]
    assert len(table) == 3 + export.count
    text = str(table)
    assert "100****0001" in text and "10012340001" not in text and "王桂英" not in text
    actions.fetch_file(here.actor(SECRETARY), export=export)
    assert verbs() == ["export.asked", "export.made", "export.password_shown", "export.fetched"]
    entry = TrailEntry.objects.get(verb="export.made")
    assert entry.facts["count"] == export.count and entry.facts["columns"] == export.columns


def test_a_name_that_looks_like_a_formula_stays_text(here) -> None:
    Resident.objects.filter(name="王芳").update(name="=1+1", pinyin="a")
    export = made(asked(here, is_unmasked=True))
    (stored,) = files_of(export)
    password = actions.show_password(here.actor(SECRETARY), export=export)
    with uploads.open_stored(settings.LINLI_FILES, stored.path) as file:
        import zipfile

        book = zipfile.ZipFile(io.BytesIO(opened(file.read(), password)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "=1+1" in book.read("xl/sharedStrings.xml").decode()
    assert "&amp;R" in sheet and "赵敏" in sheet  # on every page


def test_whole_numbers_need_the_right_to_see_them(here, monkeypatch) -> None:
    export = made(asked(here, is_unmasked=True))
    password = actions.show_password(here.actor(SECRETARY), export=export)
    assert "10012340001" in str(rows_in(export, password))
    for name in (OFFICIAL,):
        with pytest.raises(NotAllowed):
            asked(here, name)


def test_a_specialist_takes_out_her_own_patch_and_nobody_else(here) -> None:
    export = made(asked(here, SPECIALIST))
    names = {row[0] for row in rows_in(export, actions.show_password(here.actor(SPECIALIST), export=export))[3:]}
    assert names == {"王*", "王*英"}


@pytest.fixture
def many(here, monkeypatch):
    """More people than one person may answer for."""
    monkeypatch.setattr(actions, "TWO_PERSONS_ABOVE", 2)
    return here


def test_a_long_list_waits_for_a_second_person_never_the_first(many) -> None:
    export = made(asked(many))
    assert export.state == ExportState.WAITING and not files_of(export)
    with pytest.raises(actions.OwnExport):
        actions.decide_export(many.actor(SECRETARY), export=export, is_agreed=True)
    with pytest.raises(NotAllowed):
        actions.decide_export(many.actor(SPECIALIST), export=export, is_agreed=True)
    actions.decide_export(many.actor(OFFICE), export=export, is_agreed=True)
    assert made(export).state == ExportState.READY
    with pytest.raises(OutOfTurn):
        actions.decide_export(many.actor(OFFICE), export=export, is_agreed=False)
    with pytest.raises(actions.NotReady):
        actions.fetch_file(many.actor(OFFICE), export=export)


def test_the_database_itself_refuses_one_person_alone(many) -> None:
    export = asked(many)
    for change in ({"decided_by": export.made_by}, {"count": 501, "state": "ready"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(pk=export.pk).update(**change)
            connection.check_constraints()


def test_a_list_that_grew_past_the_limit_goes_back_to_wait(here, monkeypatch) -> None:
    export = asked(here)
    monkeypatch.setattr(actions, "TWO_PERSONS_ABOVE", 1)
    assert made(export).state == ExportState.WAITING and not files_of(export)


def test_who_lost_the_right_meanwhile_gets_no_file(here) -> None:
    export = asked(here, SPECIALIST)
    with pytest.raises(NotAllowed):
        actions.make_file(here.actor(OFFICIAL), export=export, who="x")
    export = made(export)
    with clock.at(clock.now() + timedelta(hours=25)):
        with pytest.raises(actions.NotReady):
            actions.fetch_file(here.actor(SPECIALIST), export=export)
        assert actions.let_expire(here.actor(SPECIALIST)) == 1
    assert not files_of(export) and Export.objects.get(pk=export.pk).password is None


def test_the_way_through_the_pages(cast, browse) -> None:
    boss, office = browse(cast.accounts[SECRETARY]), browse(cast.accounts[OFFICE])
    query = "what=resident.age&op=ge&value=80"
    page = boss.post(f"{DESK}/lists/save/?{query}", {"name": "高龄", "is_shared": "on"})
    assert page.status_code == 302
    shown = office.get(page["Location"]).content.decode()
    assert "高龄 1 位" in shown.replace("高龄1", "高龄 1") and 'aria-current="page">高龄<' in shown
    assert "年龄满 80 周岁" in office.get(f"{DESK}/lists/").content.decode()
    assert boss.post(f"{DESK}/lists/export/?{query}", {"reason": "短"}).status_code == 422
    page = boss.post(f"{DESK}/lists/export/?{query}", {"reason": "报送街道核对", "col": ["age", "phone"]})
    assert page.status_code == 302
    with active(cast.here.id):
        export = made(Export.objects.get())
    assert "可以下载" in boss.get(page["Location"]).content.decode()
    assert office.post(f"{page['Location']}file/").status_code == 409
    file = boss.post(f"{page['Location']}file/")
    assert (
        file.status_code == 200
        and file["Content-Type"] == "application/zip"
        and b"".join(file.streaming_content)[:2] == b"PK"
    )
    secret = boss.post(f"{page['Location']}password/").content.decode()
    assert "lists__secret" in secret
    assert "lists__secret" not in boss.get(page["Location"]).content.decode()
    with active(cast.here.id):
        (stored,) = files_of(export)
    assert boss.get(f"/c/330105002053/files/{stored.pk}/").status_code == 404


def test_of_two_who_decide_at_once_one_counts(committed_cast) -> None:
    cast = committed_cast
    with active(cast.here.id):
        export = asked(cast)
        Export.objects.filter(pk=export.pk).update(state=ExportState.WAITING)
    ended: list[str] = []
    gate = threading.Barrier(2)

    def decide(is_agreed: bool) -> None:
        try:
            actor = cast.actor(OFFICE)
            gate.wait()
            with active(cast.here.id):
                actions.decide_export(actor, export=export, is_agreed=is_agreed)
            ended.append("decided")
        except OutOfTurn:
            ended.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(word,)) for word in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["decided", "too late"]
