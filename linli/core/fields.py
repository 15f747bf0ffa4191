"""Model fields for personal data: EncryptedTextField, and BlindIndexField that finds its rows by equality.

    phone = EncryptedTextField("电话", null=True)
    phone_index = BlindIndexField(of="phone", normalise=normalise_phone, null=True)

    Resident.objects.filter(phone_index="138 0000 1111")       # normalised and hashed on the way

The index follows its field: it is read from the instance's plain value, so save, bulk_create and bulk_update write the
right one, and an UPDATE that would leave it behind is refused while the SQL is made: name both fields there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any, cast

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldError
from django.db import IntegrityError, models, transaction
from django.db.models import Expression, ExpressionWrapper, F, QuerySet, UniqueConstraint, Value
from django.db.models.lookups import Exact, In, IsNull
from django.db.models.query_utils import DeferredAttribute
from django.db.models.sql import InsertQuery, UpdateQuery
from django.utils.functional import cached_property

from .crypto import INDEX_BYTES, blind_index, field_cipher, other_blind_indexes


def _is_expression(value: object) -> bool:
    return hasattr(value, "resolve_expression")


class EncryptedTextField(models.TextField):
    """Text kept as encrypted bytes (bytea). None stays NULL; "" is encrypted like any text.

    It can be asked for NULL and nothing else: give it a BlindIndexField to be found by. Each value is bound to
    "table.column"; when one is renamed, `bound_to` keeps the old name, or what is stored no longer opens.
    """

    description = "Encrypted text"

    def __init__(self, *args: Any, bound_to: str | None = None, **kwargs: Any) -> None:
        self.bound_to = bound_to
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.bound_to is not None:
            kwargs["bound_to"] = self.bound_to
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found: list[checks.CheckMessage] = list(super().check(**kwargs))
        if self.primary_key or self.unique or getattr(self, "db_index", False):
            found.append(
                checks.Error(
                    "An encrypted column cannot be unique or indexed: the same text never has the same bytes.",
                    hint="Put the constraint on a BlindIndexField.",
                    obj=self,
                    id="linli.E001",
                )
            )
        return found

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def get_internal_type(self) -> str:
        return "EncryptedTextField"

    @property
    def context(self) -> bytes:
        if self.bound_to is not None:
            return self.bound_to.encode()
        model = getattr(self, "model", None)
        if model is None:
            raise FieldError("an EncryptedTextField outside a model has no column to bind its value to")
        return f"{model._meta.db_table}.{self.column}".encode()

    def to_python(self, value: Any) -> Any:
        if isinstance(value, bytes | bytearray | memoryview):
            raise TypeError(f"{self.name} takes text, not bytes: it encrypts by itself")
        return super().to_python(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        if value is None or _is_expression(value):
            return value
        return field_cipher().encrypt(value.encode(), self.context)

    def from_db_value(self, value: bytes | memoryview | None, expression: Expression, connection: Any) -> str | None:
        return None if value is None else field_cipher().decrypt(bytes(value), self.context).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return IsNull
        found_by = " or ".join(index.name for index in self.indexes) or "a BlindIndexField"
        raise FieldError(f"{self.name} is encrypted and knows no {lookup_name}; filter on {found_by} instead")

    def get_transform(self, lookup_name: str) -> Any:
        self.get_lookup(lookup_name)

    @cached_property
    def indexes(self) -> tuple[BlindIndexField, ...]:
        """The blind indexes that follow this field."""
        fields = self.model._meta.concrete_fields if hasattr(self, "model") else ()
        return tuple(field for field in fields if isinstance(field, BlindIndexField) and field.of == self.name)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Django asks for this as it writes each SET and VALUES: the one place that sees the whole of an UPDATE."""
        if self.indexes:
            self._refuse_to_leave_an_index_behind(compiler.query)
        return "%s"

    def _refuse_to_leave_an_index_behind(self, query: Any) -> None:
        if isinstance(query, UpdateQuery):
            written = {field.name for field, _, _ in getattr(query, "values", ())}
        elif isinstance(query, InsertQuery):  # an upsert says what it overwrites, a plain insert nothing
            written = {getattr(field, "name", field) for field in getattr(query, "update_fields", None) or ()}
        else:
            return
        left_behind = [index.name for index in self.indexes if index.name not in written]
        if self.name in written and left_behind:
            names = ", ".join(left_behind)
            raise FieldError(f"{self.name} is written without {names}, which would go on finding the old value")


class _FollowsItsField(DeferredAttribute):
    """Reads as the index of the instance's present plain value; the stored bytes only where that was not loaded."""

    field: BlindIndexField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        if self.field.of in instance.__dict__:
            return self.field.index_of(instance.__dict__[self.field.of])
        if self.field.attname in instance.__dict__:
            return instance.__dict__[self.field.attname]
        return super().__get__(instance, cls)

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class BlindIndexField(models.BinaryField):
    """16 keyed bytes that follow the field `of`; NULL for None and "". filter(x="plain text") hashes by itself.

    `normalise` makes one form of what people write; what it raises for text it cannot read, writes and lookups raise.
    `purpose` (default: the name `of`) separates indexes; two columns that are compared with each other share it.
    """

    description = "Blind index of an encrypted field"
    descriptor_class = _FollowsItsField

    def __init__(
        self,
        *args: Any,
        of: str,
        normalise: Callable[[str], str] | None = None,
        purpose: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.of, self.normalise, self.purpose = of, normalise, purpose or of
        kwargs["max_length"], kwargs["editable"] = INDEX_BYTES, False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        kwargs.pop("editable", None)
        kwargs["of"] = self.of
        if self.normalise is not None:
            kwargs["normalise"] = self.normalise
        if self.purpose != self.of:
            kwargs["purpose"] = self.purpose
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found: list[checks.CheckMessage] = list(super().check(**kwargs))
        if self.of not in {field.name for field in self.model._meta.concrete_fields}:
            found.append(checks.Error(f"There is no field {self.of!r} to index.", obj=self, id="linli.E002"))
        return found

    def index_of(self, value: Any) -> Any:
        """The index of plain text; bytes are taken for an index already made, None and "" have none."""
        if value is None or value == "":
            return None
        if isinstance(value, bytes | bytearray | memoryview):
            if len(value) != INDEX_BYTES:
                raise ValueError(f"{self.name} takes plain text or an index of {INDEX_BYTES} bytes")
            return bytes(value)
        if _is_expression(value):
            return value
        return blind_index(self.purpose, self._normal(value))

    def _normal(self, value: Any) -> str:
        return self.normalise(str(value)) if self.normalise else str(value)

    def others_of(self, value: Any) -> tuple[bytes, ...]:
        """The indexes plain text may have besides, while the key is being exchanged; of bytes nobody can say."""
        if value is None or value == "" or isinstance(value, bytes | bytearray | memoryview) or _is_expression(value):
            return ()
        return other_blind_indexes(self.purpose, self._normal(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        index = getattr(model_instance, self.attname)
        if _is_expression(index):
            raise FieldError(f"{self.of} must be plain text to be saved: {self.name} cannot follow an expression")
        setattr(model_instance, self.attname, index)
        if others := self.others_of(model_instance.__dict__.get(self.of)):
            self._refuse_what_is_there(model_instance, others)
        return index

    def _refuse_what_is_there(self, row: models.Model, others: tuple[bytes, ...]) -> None:
        """While the key is being exchanged two indexes of one number differ, and the database cannot keep it unique by itself."""
        for promise in row._meta.constraints:
            if not isinstance(promise, UniqueConstraint) or self.name not in promise.fields:
                continue
            columns = {name: str(getattr(row._meta.get_field(name), "attname", name)) for name in promise.fields}
            same = {column: getattr(row, column) for name, column in columns.items() if name != self.name}
            there = type(row)._base_manager.filter(**same, **{f"{self.name}__in": list(others)}).exclude(pk=row.pk)
            if promise.condition is not None:
                wanted: list[Any] = [row._meta.get_field(name) for name in promise.condition.referenced_base_fields]
                told = {each.name: Value(getattr(row, each.attname), output_field=each) for each in wanted}
                there = there.filter(promise.condition) if promise.condition.check(told) else there.none()
            if there.exists():
                raise IntegrityError(f"{promise.name} would be broken under the other key") from _Broken(promise.name)

    def get_prep_value(self, value: Any) -> Any:
        return self.index_of(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def from_db_value(self, value: bytes | memoryview | None, expression: Expression, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def get_lookup(self, lookup_name: str) -> Any:
        lookups = {"exact": _SameIndex, "in": _OneOfIndexes, "isnull": IsNull}
        if lookup_name not in lookups:
            raise FieldError(f"{self.name} is a blind index: it knows exact, in and isnull, not {lookup_name}")
        return lookups[lookup_name]

    def get_transform(self, lookup_name: str) -> Any:
        self.get_lookup(lookup_name)


class _Broken(Exception):
    """Tells the name of a constraint as the database's driver does (`core.db.constraint_of`)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.diag = SimpleNamespace(constraint_name=name)


class _OneOfIndexes(In):
    """Each text under every key that rows may have now."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if not _is_expression(rhs) and not hasattr(rhs, "_result_cache"):
            rhs = [each for value in rhs for each in (value, *lhs.output_field.others_of(value))]
        super().__init__(lhs, rhs)


class _SameIndex(Exact):
    def __init__(self, lhs: Any, rhs: Any) -> None:
        self.others = lhs.output_field.others_of(rhs)
        super().__init__(lhs, rhs)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if not self.others:
            return super().as_sql(compiler, connection)
        sql, params = self.process_lhs(compiler, connection)
        _, wanted = self.process_rhs(compiler, connection)
        marks = ", ".join(["%s"] * (len(wanted) + len(self.others)))
        return f"{sql} IN ({marks})", [*params, *wanted, *self.others]

    def get_prep_lookup(self) -> Any:
        # An empty search box must not find everyone who has no phone.
        if isinstance(self.rhs, str) and not self.rhs:
            raise ValueError("an empty text has no index; ask for isnull=True if rows without one are meant")
        return super().get_prep_lookup()


def rewrap(rows: QuerySet[Any], names: Sequence[str], *, batch: int = 200) -> int:
    """Write the encrypted fields `names` of `rows` again where they have an old key; returns how many values changed.

    A value somebody else writes meanwhile is left alone (it has the current key then): safe while the community works. Rows are
    taken `batch` at a time; those somebody holds are left for the end, one by one, so that nobody's transaction is turned away.
    """
    changed = 0
    for name in names:
        field = cast(EncryptedTextField, rows.model._meta.get_field(name))
        as_bytes = {"_stored": ExpressionWrapper(F(name), output_field=models.BinaryField())}
        held = rows.filter(**{f"{name}__isnull": False}).annotate(**as_bytes).values_list("pk", "_stored")
        write = _Rewrap(rows.model._base_manager.using(rows.db), field, as_bytes)
        stale = _stale(held.iterator(chunk_size=batch))
        while some := list(islice(stale, batch)):
            changed += write.those_free(some)
        changed += write.the_rest()
    return changed


class _Rewrap:
    """The writing of one field: compare and write, so that nothing newer is overwritten."""

    def __init__(self, base: Any, field: EncryptedTextField, as_bytes: dict[str, Any]) -> None:
        self.base, self.field, self.as_bytes = base, field, as_bytes
        self.held: list[tuple[Any, bytes]] = []

    def those_free(self, some: Sequence[tuple[Any, bytes]]) -> int:
        with transaction.atomic(using=self.base.db):
            wanted = self.base.filter(pk__in=[pk for pk, _ in some])
            free = set(wanted.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
            self.held += [(pk, stored) for pk, stored in some if pk not in free]
            return sum(self._write(pk, stored) for pk, stored in some if pk in free)

    def the_rest(self) -> int:
        return sum(self._write(pk, stored) for pk, stored in self.held)

    def _write(self, pk: Any, stored: bytes) -> int:
        plain = field_cipher().decrypt(stored, self.field.context).decode()
        same = {index.name: F(index.name) for index in self.field.indexes}
        still_old = self.base.filter(pk=pk).annotate(**self.as_bytes).filter(_stored=stored)
        return int(still_old.update(**{self.field.name: plain}, **same))


def _stale(held: Iterable[tuple[Any, bytes | memoryview]]) -> Iterator[tuple[Any, bytes]]:
    for pk, stored in held:
        if field_cipher().needs_rotation(bytes(stored)):
            yield pk, bytes(stored)


def blind_fields() -> Iterator[tuple[type[models.Model], list[BlindIndexField]]]:
    """Every model that has any, with its blind indexes."""
    for model in apps.get_models():
        found = [field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField)]
        if found and not model._meta.proxy:
            yield model, found


def encrypted_fields() -> Iterator[tuple[type[models.Model], list[EncryptedTextField]]]:
    """Every model that has any, with its encrypted fields."""
    for model in apps.get_models():
        found = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        if found and not model._meta.proxy:
            yield model, found
