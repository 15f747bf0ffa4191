"""`python -m linli WORD`: what an operator can say.

Exit codes: 0 done, 1 something is wrong (it is said what), 2 not understood.

An app adds words of its own with a module `linli/<app>/cli.py` and in it `register(words)`, which calls
`words.add_parser(name, help=…).set_defaults(run=function)`. `function(args)` runs with the database open and Django
ready and returns an exit code or None; so such a module imports Django's models inside its functions.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from linli import __version__
from linli.ops.home import CODE, URL_NAMES, Home
from linli.ops.processes import CannotRun

# Django's own commands that ask for no database.
WITHOUT_DATABASE = {
    "makemigrations",
    "check",
    "findstatic",
    "makemessages",
    "compilemessages",
    "help",
    "version",
    "diffsettings",
}
WORKER_CONCURRENCY = 4
# Words with files of their own.
OWN_WORDS = ("linli.ops.backup.words", "linli.ops.keys")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words on the command line say; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] == ["manage"]:  # Django reads its own options, --help among them
            return _manage(words[1:])
        args = _parser().parse_args(words)
        if args.needs_database:
            with ready():
                return int(args.run(args) or 0)
        return int(args.run(args) or 0)
    except CannotRun as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="linli", description="邻里：社区综合服务平台")
    parser.add_argument("--version", action="version", version=f"linli {__version__}")
    words = parser.add_subparsers(metavar="命令", required=True, title="命令")
    parser.set_defaults(needs_database=True)

    demo = _word(words, "demo", "打开示范社区（第一次会建好数据）", _demo)
    demo.add_argument("--reset", action="store_true", help="先清空示范数据，重新建")
    serve = _word(words, "serve", "正式运行（不带示范数据）", _serve)
    for word in (demo, serve):
        word.add_argument("--lan", action="store_true", help="让同一网络里的手机也能打开（https，本机根证书）")

    doctor = _word(words, "doctor", "检查：什么在运行，哪里不对，怎么办", _doctor)
    doctor.add_argument("--json", action="store_true", help="用 JSON 输出，给程序看")
    docs = _word(words, "docs", "生成 docs/ 里由代码得出的文档", _docs)
    openapi = _word(words, "openapi", "生成接口说明 docs/openapi.json", _openapi)
    for word in (docs, openapi):
        word.add_argument("--check", action="store_true", help="只看是否和代码一致，不改文件")

    _word(words, "migrate", "建表、更新表结构和权限", _migrate, needs_database=True)
    audit = words.add_parser("audit", help="操作留痕").add_subparsers(metavar="动作", required=True)
    _word(audit, "verify", "核对留痕有没有被改、被删、被调换或截断", _audit_verify, needs_database=True)
    words.add_parser("manage", help="Django 的管理命令，例如 manage shell")  # taken before parsing
    for name, run in (("worker", _worker), ("relay", _relay), ("seed", _seed)):
        _word(words, name, "由 demo 或 serve 启动" if name != "seed" else "建示范社区", run, needs_database=True)
    for module in [*map(importlib.import_module, OWN_WORDS), *_words_of_apps()]:
        module.register(words)
    return parser


def _word(
    words: Any, name: str, help: str, run: Callable[[argparse.Namespace], int | None], *, needs_database: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = words.add_parser(name, help=help)
    parser.set_defaults(run=run, needs_database=needs_database)
    return parser


def _words_of_apps() -> Iterator[Any]:
    for path in sorted((CODE / "linli").glob("*/cli.py")):
        if path.parent.name != "ops":
            yield importlib.import_module(f"linli.{path.parent.name}.cli")


@contextmanager
def ready() -> Iterator[None]:
    """The database open and Django set up. A supervisor's child is told its logins; a person's command finds them."""
    opened = None
    if not any(os.environ.get(name) for name in URL_NAMES.values()):
        os.environ.setdefault("LINLI_LOG", "WARNING")  # a person reads along
        home = Home.of_environment()
        opened = home.open_database()
        os.environ.update(home.environment(opened.logins, *URL_NAMES, port=_port()))
    try:
        _set_up()
        yield
    finally:
        if opened is not None:
            opened.close()


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if str(CODE) not in sys.path:
        sys.path.insert(0, str(CODE))
    import django

    django.setup()


# -- the words


def _demo(args: argparse.Namespace) -> int:
    if os.environ.get("LINLI_PROFILE") == "production":
        raise CannotRun(
            "LINLI_PROFILE=production 时不开示范社区（它把登录验证码显示在网页上）。正式运行请用 ./run serve"
        )
    return _supervise("demo", lan=args.lan, reset=args.reset)


def _serve(args: argparse.Namespace) -> int:
    return _supervise("production", lan=args.lan)


def _supervise(profile: str, *, lan: bool, reset: bool = False) -> int:
    from linli.ops.supervisor import Supervisor

    return Supervisor(Home.of_environment(profile), port=_port(), lan=lan, reset=reset).run()


def _doctor(args: argparse.Namespace) -> int:
    from linli.ops.doctor import examine, show

    return show(examine(Home.of_environment(), port=_port()), as_json=args.json)


def _docs(args: argparse.Namespace) -> int:
    return _generate("docs", check=args.check) | _generate("messages", check=args.check)


def _openapi(args: argparse.Namespace) -> int:
    return _generate("openapi", check=args.check)


def _generate(name: str, *, check: bool) -> int:
    """Documents made from the code: they need the models, not the database."""
    _environment_without_database()
    _set_up()
    return int(importlib.import_module(f"linli.ops.{name}").main(check=check) or 0)


def _migrate(_args: argparse.Namespace) -> int:
    """As the owner, one at a time. The mark changes first: a migration cut short is taken up at the next start."""
    import psycopg
    from django.core.management import call_command

    from linli.ops import schema

    owner, profile = os.environ[URL_NAMES["owner"]], os.environ.get("LINLI_PROFILE", "demo")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [schema.MIGRATION_LOCK])
        schema.write_mark(owner, schema.Mark(profile, "migrating"))
        call_command("migrate", database="owner", interactive=False, verbosity=1)
        schema.write_mark(owner, schema.Mark(profile, schema.fingerprint()))
    return 0


def _manage(words: list[str]) -> int:
    from django.core.management import execute_from_command_line

    if not words or words[0] in WITHOUT_DATABASE:
        _environment_without_database()
        _set_up()
        execute_from_command_line(["linli manage", *words])
    else:
        with ready():
            execute_from_command_line(["linli manage", *words])
    return 0


def _worker(_args: argparse.Namespace) -> int:
    """Jobs, until SIGTERM; then the ones under way are finished (procrastinate listens for the signal)."""
    from django.core.management import call_command

    options = {"concurrency": WORKER_CONCURRENCY, "shutdown_graceful_timeout": 8.0, "delete_jobs": "successful"}
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    call_command("procrastinate", "worker", *words)
    return 0


def _relay(_args: argparse.Namespace) -> int:
    from linli.core.relay import Relay

    is_asked_to_stop = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal is_asked_to_stop
        is_asked_to_stop = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    Relay().run(is_stopping=lambda: is_asked_to_stop)
    return 0


def _seed(_args: argparse.Namespace) -> int:
    """Build the demo community where there is none, then say who can sign in."""
    if os.environ.get("LINLI_PROFILE", "demo") == "production":
        raise CannotRun("正式使用的数据库里不建示范社区。")
    if importlib.util.find_spec("linli.demo") is None or importlib.util.find_spec("linli.demo.seed") is None:
        print("这个版本不带示范社区。", flush=True)
        return 0
    seed: Any = importlib.import_module("linli.demo.seed")
    seed.seed_if_empty()
    print("示范社区已就绪。可以这样登录：", flush=True)
    for who, how in seed.SIGN_INS:
        print(f"  {who}:{how}", flush=True)
    return 0


def _audit_verify(_args: argparse.Namespace) -> int:
    from django.conf import settings

    from linli.core.seals import Heads, verify

    count, findings = verify(Heads(settings.LINLI_TRAIL_HEADS))
    for finding in findings:
        print(f"社区 {finding.community_id} 第 {finding.n} 条：{finding.what}")
    if findings:
        print(f"核对了 {count} 条留痕，发现 {len(findings)} 处对不上。请保留现场，联系系统管理员查明。")
        return 1
    print(f"核对了 {count} 条留痕，前后相接，和库外保存的封签一致。")
    return 0


def _environment_without_database() -> None:
    """For words that only need the code: settings with stand-in keys, and no database to find."""
    if not any(os.environ.get(name) for name in URL_NAMES.values()):
        os.environ.setdefault("LINLI_LOG", "WARNING")
        os.environ.setdefault("LINLI_PROFILE", "test")
        os.environ.setdefault("LINLI_DB_APP", "postgresql://linli_app@/linli?host=%2Fnonexistent")


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    try:
        return int(text)
    except ValueError:
        raise CannotRun(f"PORT 写的是“{text}”。请写一个数，例如 PORT=8010 ./run") from None
