"""The desk's list with a matter beside it, taking one and putting it back, and two colleagues at the same matter."""

from __future__ import annotations

import re

import pytest

from linli.core.tenancy import active
from linli.matters import actions
from linli.matters.models import Ending, Matter, State

from .test_pages import SECRETARY, SPECIALIST, house, text, title  # noqa: F401  # the fixture

pytestmark = pytest.mark.django_db
SWAP = {"HX-Request": "true"}


def test_the_address_says_what_is_open_beside_the_list(house):  # noqa: F811
    matter, other = house.report(), house.report(words="楼道灯不亮")
    page = text(house.get(SPECIALIST, f"/desk/?open={matter.id}"))
    assert f'id="matter" class="handling__page" data-matter="{matter.id}"' in page
    row = re.search(rf'<tr data-row="{matter.id}".*?</tr>', page, re.DOTALL).group(0)
    assert "is-chosen" in row
    assert page.count("is-chosen") == 1 and "楼道灯不亮" in page and f'data-row="{other.id}"' in page
    assert 'data-rows-url="/c/330105002053/desk/"' in page  # what refreshes the list opens nothing again


def test_what_may_not_be_seen_is_not_opened(house):  # noqa: F811
    west = house.report(name="老马", door="9-1-101")
    page = house.get(SPECIALIST, f"/desk/?open={west.id}")
    assert page.status_code == 200 and 'id="matter"' not in text(page)
    assert house.get(SPECIALIST, "/desk/?open=nonsense").status_code == 200


def test_a_step_taken_beside_the_list_brings_the_matter_alone(house):  # noqa: F811
    matter = house.report()
    client = house.browser(SPECIALIST)
    taken = client.post(f"{house.root}/desk/matters/{matter.id}/accept/", headers=SWAP, follow=True)
    assert text(taken).lstrip().startswith('<div id="matter"') and "李娜在办" in text(taken)
    passed = client.post(f"{house.root}/desk/matters/{matter.id}/pass/", {"pass-words": "要修电"}, headers=SWAP)
    assert "已转给后台" in text(passed) and 'id="matter"' in text(passed)


def test_what_was_taken_by_mistake_goes_back_where_it_was(house):  # noqa: F811
    matter = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    page = house.post(SPECIALIST, f"/desk/matters/{matter.id}/put-back/", follow=True)
    assert "还没有人接" in text(page) and "放回待受理" in text(page)
    with active(house.cast.here.id):
        row = Matter.objects.get(pk=matter.pk)
    assert (row.state, row.handler, row.accepted_at, row.queue) == (State.REPORTED, None, None, "front")
    house.act(SPECIALIST, actions.accept_matter, matter=matter)
    house.act(SPECIALIST, actions.reveal_contact, matter=matter)
    assert "put-back" in text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/"))  # looking is not working on it


def test_what_was_worked_on_is_passed_on_and_not_put_back(house):  # noqa: F811
    matter = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    house.act(SPECIALIST, actions.note_handling, matter=matter, words="电工看过了")
    assert "put-back" not in text(house.get(SPECIALIST, f"/desk/matters/{matter.id}/"))
    page = house.post(SPECIALIST, f"/desk/matters/{matter.id}/put-back/")
    assert page.status_code == 409 and "已经记过处置" in text(page)
    assert house.state_of(matter) == State.ACCEPTED


def test_nobody_puts_back_what_a_colleague_took(house):  # noqa: F811
    matter = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    assert house.post(SECRETARY, f"/desk/matters/{matter.id}/put-back/").status_code == 409
    assert house.state_of(matter) == State.ACCEPTED


def test_two_answers_to_one_matter_are_both_kept_in_sight(house):  # noqa: F811
    matter = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    house.act(SECRETARY, actions.feed_back, matter=matter, ending=Ending.EXPLAINED, words="书记已经上门讲清楚了")
    sent = {"answer-ending": "solved", "answer-words": "水管换好了"}
    page = house.post(SPECIALIST, f"/desk/matters/{matter.id}/answer/", sent)
    assert page.status_code == 409
    said = re.search(r'<section class="section overtaken".*?</section>', text(page), re.DOTALL).group(0)
    assert "赵敏在今天" in said and "已答复" in said
    assert "书记已经上门讲清楚了" in said and "水管换好了" in said


def test_who_comes_second_to_take_it_is_told_who_was_first(house):  # noqa: F811
    matter = house.act(SPECIALIST, actions.accept_matter, matter=house.report())
    page = house.post(SECRETARY, f"/desk/matters/{matter.id}/accept/")
    assert page.status_code == 409 and "李娜在今天" in text(page) and "不用重复受理" in text(page)
    assert title(page).startswith("48幢2单元301室")
