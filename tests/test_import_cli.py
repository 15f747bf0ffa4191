"""`linli import`: what a file would change is said first, in words; nothing is written unasked."""

from __future__ import annotations

import argparse

import pytest

from linli.core.tenancy import active
from linli.imports import cli
from linli.imports.models import Import, ImportRow, State
from linli.residents.models import Resident
from tests.cast import make_cast
from tests.test_import_flow import NEW, NOWHERE, UNKNOWN, roster


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def run(cast, tmp_path, capsys):
    def run(content, *words, name="陈建国"):
        path = tmp_path / "高龄.xlsx"
        path.write_bytes(content)
        parser = argparse.ArgumentParser()
        cli.register(parser.add_subparsers())
        username = cast.accounts[name].username
        args = parser.parse_args(["import", str(path), "--community", cast.here.code, "--as", username, *words])
        code = args.run(args)
        return code, "".join(capsys.readouterr())

    return run


def there(cast, name):
    with active(cast.here.id):
        return Resident.objects.filter(name=name).exists()


def test_a_dry_run_says_what_would_change_and_changes_nothing(cast, run):
    code, said = run(roster(NEW, NOWHERE, UNKNOWN), "--dry-run")
    assert code == 0 and "共 3 行：新增 1，拿不准 1，有问题 1。" in said
    assert "第 4 行 吴*妹 有问题：房屋档案里没有 77-1-101" in said and "吴小妹" not in said
    assert not there(cast, "周阿大")
    with active(cast.here.id):
        assert Import.objects.get().state == State.DROPPED and not ImportRow.objects.exists()


def test_with_yes_it_is_written_and_again_changes_nothing(cast, run):
    assert run(roster(NEW), "--yes")[0] == 0 and there(cast, "周阿大")
    code, said = run(roster(NEW), "--yes")
    assert code == 0 and "没有要写入的行" in said


def test_without_yes_and_without_anybody_to_ask_nothing_is_written(cast, run):
    code, said = run(roster(NEW))
    assert code == 1 and "没有写入" in said and not there(cast, "周阿大")


def test_doubts_are_decided_by_a_person_on_the_page(cast, run):
    code, said = run(roster(NEW, UNKNOWN), "--yes")
    assert code == 2 and "有 1 行要人来定" in said and not there(cast, "周阿大")


def test_who_may_not_import_is_told_so(cast, run):
    code, said = run(roster(NEW), "--yes", name="李娜")
    assert code == 1 and said.startswith("没有导入：")
