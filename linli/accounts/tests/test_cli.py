from __future__ import annotations

import argparse
import io
import sys

import pytest

from linli.accounts import cli, queries
from linli.accounts.models import Account, Scope
from linli.core.access import Role
from linli.core.tenancy import active
from linli.places.models import SubArea
from linli.places.tests.factories import HOME_CODE

from .factories import PASSWORD, actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(monkeypatch, capsys):
    parser = argparse.ArgumentParser()
    cli.register(parser.add_subparsers())

    def run(words: str, *, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        args = parser.parse_args(words.split())
        assert args.needs_database
        code = args.run(args)
        told = capsys.readouterr()
        return code, (told.out + told.err).strip()

    return run


def test_the_first_accounts_are_made_from_the_command_line(say, here):
    with active(here.id):
        SubArea.objects.create(code="E", name="东片")

    assert say("account add lina --name 李娜", typed=PASSWORD + "\n")[0] == 0
    assert say(f"post grant lina specialist --community {HOME_CODE} --sub-area E")[0] == 0

    account = Account.objects.get(username="lina")
    assert account.check_password(PASSWORD)
    assert {duty.role for duty in actor_of(account, here).duties} == {Role.SPECIALIST}


def test_a_systems_account_has_a_token_and_no_password(say, here):
    say("account add dashboard --no-password")
    code, secret = say(f"token make dashboard 数据看板 --community {HOME_CODE} --days 30")
    assert code == 0
    token = queries.token_by_secret(secret)
    assert (token.account.username, token.scopes, token.community_id) == ("dashboard", [Scope.READ], here.id)
    assert not token.account.has_usable_password()


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        ("account add lina", "short", "12 位以上"),
        ("post grant nobody administrator", "", "没有用户名 nobody"),
        ("post grant known secretary --community 330105009999", "", "没有代码是 330105009999 的社区"),
        ("post grant known specialist --community 330105002053 --sub-area X", "", "没有编号是 X 的片区"),
        ("post grant known secretary", "", "范围对不上"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(say, here, words, typed, told):
    say("account add known --no-password")
    code, answer = say(words, typed=typed)
    assert code == 1 and told in answer
