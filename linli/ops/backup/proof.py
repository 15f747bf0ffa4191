"""One look at a restored installation as linli reads it: its keys open what is encrypted, its files are where the rows say."""

from __future__ import annotations

from pathlib import Path

SAMPLES = 50


def look() -> tuple[bool, str]:
    """Whether something is wrong, and what was seen. Runs with the restored database as `owner`."""
    from django.conf import settings

    from linli.core.crypto import CannotDecrypt
    from linli.core.fields import encrypted_fields
    from linli.core.models import StoredFile
    from linli.places.models import Community

    opened, columns, wrong = 0, 0, []
    for model, fields in encrypted_fields():
        for field in fields:
            rows = model._base_manager.using("owner").filter(**{f"{field.name}__isnull": False})
            try:
                values = list(rows.values_list(field.name, flat=True)[:SAMPLES])
            except CannotDecrypt as broken:
                wrong.append(f"{model._meta.db_table}.{field.column}：{broken}")
                continue
            opened += len(values)
            columns += bool(values)
    lost = [path for path in StoredFile._base_manager.using("owner").values_list("path", flat=True).iterator() if not
            (Path(settings.LINLI_FILES) / path).exists()]  # fmt: skip
    if wrong:
        return True, "密钥打不开这些内容：" + "；".join(wrong)
    if lost:
        return True, f"{len(lost)} 个附件在库里有记录，文件却不在备份里，例如 {lost[0]}"
    communities = Community.objects.using("owner").exclude(pk=0).count()
    return False, f"读得出来：{communities} 个社区，抽查 {columns} 个加密字段共 {opened} 个值都打得开，附件都在。"
