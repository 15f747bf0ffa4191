"""Encryption at rest and its fields: nothing readable in the database, nothing opens elsewhere, and rows are found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.apps.registry import Apps
from django.core.exceptions import FieldError
from django.db import connection, connections, migrations, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Q, Value
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from linli.core import fields, privacy
from linli.core.crypto import Aes256Gcm, CannotDecrypt, KeyRing, blind_index
from linli.core.fields import BlindIndexField, EncryptedTextField, rewrap
from linli.core.identifiers import PhoneWrong, normalise_phone

ONE, TWO = bytes(range(32)), bytes(range(1, 33))
HERE, THERE = b"residents_resident.phone", b"residents_resident.id_number"


# the cipher


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_is_sealed_opens_in_its_place_and_nowhere_else(plain, context):
    ring = KeyRing({"1": ONE}, "1")
    stored = ring.encrypt(plain, context)
    assert ring.decrypt(stored, context) == plain
    with pytest.raises(CannotDecrypt):
        ring.decrypt(stored, context + b".")


@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_one_changed_bit_is_noticed(plain, data):
    ring = KeyRing({"1": ONE, "2": ONE}, "1")  # the same key under two names: even the name is bound
    stored = bytearray(ring.encrypt(plain, HERE))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotDecrypt):
        ring.decrypt(bytes(stored), HERE)


@given(st.binary(max_size=60))
def test_bytes_that_were_never_sealed_do_not_open(stored):
    with pytest.raises(CannotDecrypt):
        KeyRing({"1": ONE}, "1").decrypt(stored, HERE)


def test_the_same_value_never_has_the_same_bytes():
    ring = KeyRing({"1": ONE}, "1")
    assert len({ring.encrypt(b"10000001234", HERE) for _ in range(100)}) == 100


def test_an_old_key_still_reads_and_is_due_for_rotation():
    old, new = KeyRing({"1": ONE}, "1"), KeyRing({"1": ONE, "2": TWO}, "2")
    stored = old.encrypt(b"x", HERE)
    assert new.decrypt(stored, HERE) == b"x"
    assert new.needs_rotation(stored) and not old.needs_rotation(stored)
    assert not new.needs_rotation(new.encrypt(b"x", HERE))
    with pytest.raises(CannotDecrypt, match="removed too early"):
        KeyRing({"2": TWO}, "2").decrypt(stored, HERE)


class Sm4Gcm:
    """SM4 (GB/T 32907) as the second algorithm: this is all it takes."""

    number = 2

    def seal(self, key: bytes, plain: bytes, bound: bytes) -> bytes:
        nonce = bytes(12)
        sealer = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
        sealer.authenticate_additional_data(bound)
        return nonce + sealer.update(plain) + sealer.finalize() + sealer.tag

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        if len(sealed) < 28:
            raise InvalidTag
        opener = Cipher(algorithms.SM4(key[:16]), modes.GCM(sealed[:12], sealed[-16:])).decryptor()
        opener.authenticate_additional_data(bound)
        return opener.update(sealed[12:-16]) + opener.finalize()


def test_another_algorithm_takes_over_without_rewriting_what_is_stored():
    before = KeyRing({"1": ONE}, "1")
    after = KeyRing({"1": ONE}, "1", algorithms=(Sm4Gcm(), Aes256Gcm()))
    old, new = before.encrypt("王芳".encode(), HERE), after.encrypt("王芳".encode(), HERE)
    assert after.decrypt(old, HERE) == after.decrypt(new, HERE) == "王芳".encode()
    assert after.needs_rotation(old) and not after.needs_rotation(new)
    with pytest.raises(CannotDecrypt):
        before.decrypt(new, HERE)


@pytest.mark.parametrize(
    ("keys", "current"), [({"1": b"short"}, "1"), ({"1": ONE}, "2"), ({"": ONE}, ""), ({"钥": ONE}, "钥")]
)
def test_a_ring_that_could_not_work_is_refused(keys, current):
    with pytest.raises(ValueError):
        KeyRing(keys, current)


@override_settings(LINLI_BLIND_KEYS=(ONE,))
def test_an_index_depends_on_purpose_value_and_key_alone():
    index = blind_index("phone", "10000001234")
    assert len(index) == 16 and index == blind_index("phone", "10000001234")
    assert index != blind_index("phone", "10000001235")
    assert index != blind_index("id_number", "10000001234")
    assert blind_index("a", "bc") != blind_index("ab", "c")
    with override_settings(LINLI_BLIND_KEYS=(TWO,)):
        assert index != blind_index("phone", "10000001234")
    with override_settings(LINLI_BLIND_KEYS=(b"short",)), pytest.raises(ValueError):
        blind_index("phone", "1")


# the fields, on a table of their own

own_apps = Apps()


class Caller(models.Model):
    about_people = True
    privacy = {
        "name": privacy.Held.MASKED,
        "phone": privacy.Held.ENCRYPTED,
        "phone_index": privacy.Held.INDEX,
        "note": privacy.Held.ENCRYPTED,
    }

    name = models.CharField("姓名", max_length=20)
    phone = EncryptedTextField("电话", null=True)
    phone_index = BlindIndexField("电话索引", of="phone", normalise=normalise_phone, null=True)
    note = EncryptedTextField("备注", default="")

    class Meta:
        app_label = "own"
        apps = own_apps
        db_table = "own_caller"


@pytest.fixture(scope="module")
def _caller_table(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        owner = connections["owner"]
        with owner.schema_editor() as editor:
            editor.create_model(Caller)
            editor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON own_caller TO linli_app")
        yield
        with owner.schema_editor() as editor:
            editor.delete_model(Caller)


@pytest.fixture
def callers(_caller_table, db):
    return Caller._base_manager


def stored(column: str, pk: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM own_caller WHERE id = %s", [pk])
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def test_the_database_never_sees_the_plain_text(callers):
    canary = "10000001234"
    wang = callers.create(name="王芳", phone=canary, note="住在三楼")
    with connection.cursor() as cursor:
        cursor.execute("SELECT own_caller::text, phone, note FROM own_caller")
        as_text, phone, note = cursor.fetchone()
    for form in (canary, canary.encode().hex()):
        assert form not in as_text
    assert canary.encode() not in bytes(phone) and "住在三楼".encode() not in bytes(note)
    assert "住在三楼".encode().hex() not in as_text
    wang.refresh_from_db()
    assert (wang.phone, wang.note) == (canary, "住在三楼")


def test_values_come_back_plain_however_they_are_read(callers):
    wang = callers.create(name="王芳", phone="10000001234")
    assert callers.values_list("phone", flat=True).get() == "10000001234"
    assert callers.values("phone").get() == {"phone": "10000001234"}
    assert callers.defer("phone").get().phone == "10000001234"
    assert callers.only("name").get().phone_index == blind_index("phone", "10000001234")
    assert callers.get(pk=wang.pk).phone == "10000001234"


def test_none_stays_null_and_empty_text_stays_text(callers):
    nobody = callers.create(name="无", phone=None, note="")
    assert stored("phone", nobody.pk) is None and stored("phone_index", nobody.pk) is None
    assert stored("note", nobody.pk) and callers.get().note == ""
    assert callers.filter(phone__isnull=True).count() == callers.filter(phone_index__isnull=True).count() == 1


def test_rows_are_found_by_any_way_of_writing_the_number(callers):
    callers.create(name="王芳", phone="10000001234")
    callers.create(name="李娜", phone="100 0000 5678")
    callers.create(name="无", phone=None)
    assert callers.get(phone_index="+86 100-0000-1234").name == "王芳"
    assert callers.get(phone_index=blind_index("phone", "10000005678")).name == "李娜"
    assert callers.filter(phone_index__in=["10000001234", "１００００００５６７８", ""]).count() == 2
    assert callers.exclude(phone_index="10000001234").filter(phone__isnull=False).count() == 1
    assert callers.filter(Q(phone_index="10000001234") | Q(name="无")).count() == 2
    assert callers.filter(phone_index=F("phone_index")).count() == 2
    assert not callers.filter(phone_index="10000009999").exists()


def test_an_empty_search_never_finds_those_without_a_number(callers):
    callers.create(name="无", phone=None)
    with pytest.raises(ValueError, match="empty"):
        callers.filter(phone_index="").exists()
    with pytest.raises(PhoneWrong):
        callers.filter(phone_index="张三").exists()


def test_lookups_that_cannot_work_are_refused_with_a_way_out(callers):
    for lookup in ("phone", "phone__exact", "phone__contains", "phone__startswith", "phone__in", "phone__lower"):
        with pytest.raises(FieldError, match="phone_index"):
            callers.filter(**{lookup: "1"}).exists()
    with pytest.raises(FieldError, match="exact, in and isnull"):
        callers.filter(phone_index__gt=b"0" * 16).exists()


def test_the_index_follows_save_bulk_create_and_bulk_update(callers):
    wang = callers.create(name="王芳", phone="10000000001")
    wang.phone = "10000000002"
    assert wang.phone_index == blind_index("phone", "10000000002")  # before it is saved, too
    wang.save()
    callers.bulk_create([Caller(name=f"甲{i}", phone=f"1000000010{i}") for i in range(3)])
    rows = list(callers.filter(name__startswith="甲").order_by("name"))
    for i, row in enumerate(rows):
        row.phone = f"1000000020{i}"
    callers.bulk_update(rows, ["phone", "phone_index"])
    assert callers.get(phone_index="10000000002").name == "王芳"
    assert [callers.get(phone_index=f"1000000020{i}").name for i in range(3)] == ["甲0", "甲1", "甲2"]
    assert not callers.filter(phone_index__in=["10000000001", "10000000100"]).exists()


def test_update_writes_both_from_plain_text(callers):
    wang = callers.create(name="王芳", phone="10000000001")
    callers.filter(pk=wang.pk).update(phone="10000000002", phone_index="100 0000 0002")
    assert callers.get(phone_index="10000000002").phone == "10000000002"
    callers.filter(pk=wang.pk).update(phone=None, phone_index=None)
    assert callers.get().phone is None


def test_no_update_leaves_the_index_behind(callers):
    wang = callers.create(name="王芳", phone="10000000001")
    wang.phone = "10000000002"
    attempts = (
        lambda: callers.filter(pk=wang.pk).update(phone="10000000002"),
        lambda: callers.filter(pk=wang.pk).update(phone=None),
        lambda: wang.save(update_fields=["phone"]),
        lambda: callers.bulk_update([wang], ["phone"]),
        lambda: callers.bulk_create(
            [Caller(id=wang.id, name="王芳", phone="10000000003")],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["phone"],
        ),
    )
    for attempt in attempts:
        with pytest.raises(FieldError, match="phone_index"), transaction.atomic():
            attempt()
    wang.save(update_fields=["phone", "phone_index"])
    wang.save(update_fields=["name"])
    callers.update(note="没有索引的字段不受影响")
    assert callers.get(phone_index="10000000002").phone == "10000000002"


def test_a_number_nobody_can_read_is_not_saved(callers):
    with pytest.raises(PhoneWrong), transaction.atomic():
        callers.create(name="王芳", phone="一三八")
    with pytest.raises(FieldError, match="plain text"), transaction.atomic():
        callers.create(name="王芳", phone=Value("10000000001"))
    assert not callers.exists()


def test_a_value_moved_to_another_column_does_not_open(callers):
    wang = callers.create(name="王芳", phone="10000000001", note="备注")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE own_caller SET note = phone")
    with pytest.raises(CannotDecrypt, match=r"own_caller\.note"):
        callers.get(pk=wang.pk)


def test_keys_rotate_while_rows_are_read_and_written(callers):
    with override_settings(LINLI_FIELD_KEYS={"1": ONE}, LINLI_FIELD_KEY_CURRENT="1"):
        rows = [callers.create(name=str(i), phone=f"1000000000{i}") for i in range(5)]
        callers.create(name="无", phone=None)
    with override_settings(LINLI_FIELD_KEYS={"1": ONE, "2": TWO}, LINLI_FIELD_KEY_CURRENT="2"):
        callers.filter(pk=rows[0].pk).update(phone="10000000099", phone_index="10000000099")
        assert rewrap(callers.all(), ["phone"], batch=2) == 4
        assert rewrap(callers.all(), ["phone", "note"]) == 6
        assert rewrap(callers.all(), ["phone", "note"]) == 0
    with override_settings(LINLI_FIELD_KEYS={"2": TWO}, LINLI_FIELD_KEY_CURRENT="2"):
        phones = list(callers.order_by("name").values_list("phone", flat=True))
        assert phones == ["10000000099", *(f"1000000000{i}" for i in range(1, 5)), None]
        assert callers.get(phone_index="10000000001").name == "1"


def test_rotation_never_overwrites_what_somebody_writes_meanwhile(callers, monkeypatch):
    with override_settings(LINLI_FIELD_KEYS={"1": ONE}, LINLI_FIELD_KEY_CURRENT="1"):
        wang = callers.create(name="王芳", phone="10000000001")
    read = fields._stale

    def and_then_somebody_writes(held):
        for found in read(held):
            callers.filter(pk=wang.pk).update(phone="10000000002", phone_index="10000000002")
            yield found

    monkeypatch.setattr(fields, "_stale", and_then_somebody_writes)
    with override_settings(LINLI_FIELD_KEYS={"1": ONE, "2": TWO}, LINLI_FIELD_KEY_CURRENT="2"):
        assert rewrap(callers.all(), ["phone"]) == 0
        assert callers.get(phone_index="10000000002").phone == "10000000002"


def test_fields_survive_a_migration_file():
    for field in (
        Caller._meta.get_field("phone_index"),
        EncryptedTextField("电话", null=True, bound_to="old_table.phone"),
        BlindIndexField(of="mobile", purpose="phone"),
    ):
        name, path, args, kwargs = field.deconstruct()
        assert path.startswith("linli.core.fields.")
        copy = type(field)(*args, **kwargs)
        assert copy.deconstruct()[1:] == (path, args, kwargs)
        operation = migrations.AddField("caller", name or "x", field)
        migration = type("Migration", (migrations.Migration,), {"operations": [operation]})("0001", "own")
        assert "linli.core.fields" in MigrationWriter(migration).as_string()


def test_bound_to_keeps_values_readable_after_a_rename():
    renamed = EncryptedTextField(bound_to="old_table.phone")
    old = EncryptedTextField()
    old.model, old.column = type("Old", (), {"_meta": type("M", (), {"db_table": "old_table"})}), "phone"
    assert renamed.from_db_value(old.get_db_prep_value("10000000001", None), None, None) == "10000000001"


def test_columns_that_could_not_work_are_noticed_by_the_system_check():
    class Wrong(models.Model):
        phone = EncryptedTextField(unique=True)
        index = BlindIndexField(of="mobile")

        class Meta:
            app_label = "own"
            apps = Apps()

    assert {"linli.E001", "linli.E002"} <= {found.id for found in Wrong.check()}
    assert not {"linli.E001", "linli.E002"} & {found.id for found in Caller.check()}


# what is declared of them


def test_a_model_about_people_declares_every_field():
    class Person(models.Model):
        about_people = True
        privacy = {"name": privacy.Held.MASKED, "phone": privacy.Held.ENCRYPTED, "gone": privacy.Held.PLAIN}
        name = models.CharField(max_length=9)
        phone = models.CharField(max_length=9)
        sex = models.CharField(max_length=1)
        note = EncryptedTextField()

        class Meta:
            app_label = "own"
            apps = Apps()

    class Street(models.Model):
        name = models.CharField(max_length=9)

        class Meta:
            app_label = "own"
            apps = Apps()

    assert privacy.undeclared_fields(Person) == ["sex", "note"]
    assert len(privacy.wrong_declarations(Person)) == 2  # phone is not encrypted, gone is no field
    assert privacy.undeclared_fields(Street) == privacy.wrong_declarations(Street) == []
    assert privacy.undeclared_fields(Caller) == privacy.wrong_declarations(Caller) == []


def test_the_written_list_names_each_field_in_chinese():
    rows = [(row.field, row.label, row.held.words) for row in privacy.field_table([Caller])]
    assert rows == [
        ("name", "姓名", "明文保存，显示时遮盖"),
        ("phone", "电话", "加密保存，显示时遮盖"),
        ("phone_index", "电话索引", "只存加密摘要，用来查找"),
        ("note", "备注", "加密保存，显示时遮盖"),
    ]
