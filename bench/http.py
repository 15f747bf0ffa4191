"""`./run bench http [--quick]`: what sign-in, row-level security and the trail cost a request, and whether pages are quick enough.

Four cases under wrk with 8 clients: the matter list, a matter's page, a report, an acceptance. Each against the real site, as `linli serve`
starts it, and in turn against the same views and templates without sign-in, row-level security and trail; beside a bare one-query view. Then
the write path without HTTP, with the trail and without. See README.md in this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

# This file's folder must not stand on the path: the file is called what it measures, and so is a module of Python's own.
sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).resolve().parent)]

import argparse  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from itertools import cycle, islice  # noqa: E402
from random import Random  # noqa: E402
from statistics import median  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

from bench.common import CannotRun, Result, ThrowAway, Unmeasured, Watch, machine, say, table  # noqa: E402
from bench.kit import wrk  # noqa: E402
from linli.ops.supervisor import WEB_THREADS, WEB_WORKERS, Supervisor  # noqa: E402

if TYPE_CHECKING:
    from bench.kit.town import Town

RATIO, P95_MS = 0.5, 150.0
PAGES, WRITES = ("list", "matter"), ("report", "accept")
CASES = (*PAGES, *WRITES)
ACCEPT_MARGIN = 4  # matters ready for an accepting round: so many times what one client by itself could take in it
CSRF = r"[A-Za-z0-9]{64}"  # masked anew in each answer
SAME_SIZE = 0.15  # how far a round's mean answer may be from the pages looked at: a sign-in page would be far off
WARM_UP = 24  # requests by hand before a case: every worker has its connections and its templates
SEALED_WITHIN_SECONDS = 180.0


@dataclass(frozen=True)
class Sizes:
    """How much of everything: `seconds` a round, `rounds` of each kind in turn."""

    residents: int
    matters: int
    seconds: float
    rounds: int


FULL, QUICK = Sizes(6000, 50_000, 8, 3), Sizes(600, 5000, 3, 1)


@dataclass
class Site:
    """One of the sites under load; `name` is real, plain or bare."""

    name: str
    port: int
    cookie: str


@dataclass
class Bench:
    """The sites, the data and what was measured so far: case → site → rounds."""

    place: ThrowAway
    town: Town
    sizes: Sizes
    token: str
    sites: dict[str, Site]
    rounds: dict[str, dict[str, list[wrk.Round]]] = field(default_factory=dict)
    relay_behind_seconds: float = 0.0

    @property
    def base(self) -> str:
        return f"/c/{self.town.code}"

    # -- pages

    def pages(self) -> None:
        """The list and the pages of matters; beside the list the bare view."""
        from bench.kit import town

        shown = town.shown_on_desk(self.town, 50)
        Random(0).shuffle(shown)  # wherever one begins, open and answered ones take turns
        bare = [f"/bare/{self.town.community_id}/{matter_id}/" for matter_id in shown]
        for case, paths in (
            ("list", [f"{self.base}/desk/"]),
            ("matter", [f"{self.base}/desk/matters/{i}/" for i in shown]),
        ):
            sizes = self._compare(case, paths)
            in_turn = {"real": paths, "plain": paths} | ({"bare": bare} if case == "list" else {})
            for name, theirs in self._in_turn(in_turn):
                done = self._load(case, name, "get", theirs)
                if name in sizes and abs(done.bytes_each / sizes[name] - 1) > SAME_SIZE:
                    raise Unmeasured(
                        f"{case}/{name}:每次平均 {done.bytes_each:.0f} 字节,和先看过的 {sizes[name]:.0f} 不是同一页。"
                    )

    def _compare(self, case: str, paths: Sequence[str]) -> dict[str, float]:
        """Open WARM_UP of the paths on both sites: they must be the same page. Their mean sizes on the wire."""
        sizes: dict[str, list[int]] = {"real": [], "plain": []}
        for path in islice(cycle(paths), WARM_UP):
            for may_retry in (
                True,
                False,
            ):  # a minute may pass between the two, and a page that says "3 minutes left" differ
                seen = {name: self._open(case, name, path) for name in sizes}
                lines = [re.sub(CSRF, "", answer.body.decode()).splitlines() for answer in seen.values()]
                if lines[0] == lines[1]:
                    break
                if not may_retry:
                    one, other = next((pair for pair in zip(*lines, strict=False) if pair[0] != pair[1]), ("", ""))
                    raise Unmeasured(f"{case}:两边打开 {path} 看到的不一样,比较没有意义。\n{one}\n{other}")
            for name, answer in seen.items():
                sizes[name].append(answer.size)
        return {name: sum(each) / len(each) for name, each in sizes.items()}

    def _open(self, case: str, name: str, path: str) -> wrk.Answer:
        site = self.sites[name]
        answer = wrk.ask(site.port, path, cookie=site.cookie)
        if answer.status != 200:
            raise Unmeasured(f"{case}/{name}:{path} 答复 {answer.status} {answer.location}")
        return answer

    # -- writes

    def reports(self) -> None:
        """Reports of one resident, with a new id each."""
        from bench.kit import town

        path = f"{self.base}/report/"
        form = {
            "csrfmiddlewaretoken": self.token,
            "kind": "repair",
            "place": "home",
            "words": "楼道灯不亮",
            "whom": "self",
        }
        for name in ("real", "plain"):
            for _ in range(WARM_UP):
                self._expect(name, path, form, rf"^{self.base}/matters/[0-9a-f-]+/saved/$")
        for name, paths in self._in_turn({"real": [path], "plain": [path]}):
            self._load_writing("report", name, paths, lambda: town.count_reported(self.town))

    def acceptances(self) -> None:
        """The specialist takes matters, each once."""
        from bench.kit import town

        town.add_reported(self.town, 2 * WARM_UP)
        ids, took = iter(town.untaken(self.town)[-2 * WARM_UP :]), []
        for name in ("real", "plain"):
            for matter_id in islice(ids, WARM_UP):
                page, began = f"{self.base}/desk/matters/{matter_id}/", time.monotonic()
                self._expect(name, f"{page}accept/", {"csrfmiddlewaretoken": self.token}, f"^{page}$")
                took.append(time.monotonic() - began)
        a_round = math.ceil(self.sizes.seconds * ACCEPT_MARGIN / min(took))
        town.add_reported(self.town, max(0, a_round * 2 * self.sizes.rounds - len(town.untaken(self.town))))
        self.wait_for_relay()
        self.place.settle()
        ids = iter(town.untaken(self.town))
        for name, _ in self._in_turn({"real": [], "plain": []}):
            paths = [f"{self.base}/desk/matters/{matter_id}/accept/" for matter_id in islice(ids, a_round)]
            self._load_writing("accept", name, paths, lambda: town.count_accepted(self.town))

    def _expect(self, name: str, path: str, form: dict[str, str], pattern: str) -> None:
        site = self.sites[name]
        answer = wrk.ask(site.port, path, cookie=self._cookie(site, path), form=form)
        if answer.status != 302 or not re.search(pattern, answer.location):
            raise Unmeasured(
                f"{name}:提交到 {path} 答复 {answer.status} {answer.location}\n{answer.body[:400].decode()}"
            )

    def _load_writing(self, case: str, name: str, paths: Sequence[str], count: Callable[[], int]) -> None:
        """A round of writes; the database must have gained as many rows as were answered."""
        before = count()
        done = self._load(case, name, case, paths)
        time.sleep(0.5)  # what was under way when wrk hung up
        gained = count() - before
        if not done.requests <= gained <= done.requests + wrk.CLIENTS:
            raise Unmeasured(f"{case}/{name}:答复 {done.requests} 次,库里多了 {gained} 件,对不上。")
        began = time.monotonic()
        self.wait_for_relay()  # what one round leaves behind is not the next one's burden
        if name == "real":
            self.relay_behind_seconds = max(self.relay_behind_seconds, time.monotonic() - began)

    # -- what they share

    def _cookie(self, site: Site, path: str) -> str:
        return site.cookie if "/desk/" in path else self.sites["resident"].cookie

    def _in_turn(self, paths: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
        """Each site in turn, `rounds` times; who begins changes from round to round."""
        for n in range(self.sizes.rounds):
            yield from list(paths.items())[:: -1 if n % 2 else 1]

    def _load(self, case: str, name: str, mode: str, paths: Sequence[str]) -> wrk.Round:
        site = self.sites[name]
        cookie = self._cookie(site, paths[0])
        done = wrk.load(
            site.port,
            mode,
            paths,
            seconds=self.sizes.seconds,
            folder=self.place.home.path,
            cookie=cookie,
            token=self.token,
        )
        self.place.check_alive()
        self.rounds.setdefault("bare" if name == "bare" else case, {}).setdefault(name, []).append(done)
        say(f"  {case:7}{name:6}{done.rps:8.1f} 次/秒  p50 {done.p50_ms} ms  p95 {done.p95_ms} ms")
        return done

    def wait_for_relay(self) -> None:
        """Until every trail entry is sealed and what follows it is deferred."""
        from bench.kit import town

        deadline = time.monotonic() + SEALED_WITHIN_SECONDS
        while town.count_unsealed():
            self.place.check_alive()
            if time.monotonic() > deadline:
                raise Unmeasured(f"{SEALED_WITHIN_SECONDS:.0f} 秒后留痕还没有封完,relay 跟不上,不作数。")
            time.sleep(0.1)

    def median(self, case: str, name: str, what: str) -> float:
        return round(median(getattr(each, what) for each in self.rounds[case][name]), 1)


class Plain(Supervisor):
    """A web process as the supervisor starts it, with the plain site's settings and the owner's login."""

    more: dict[str, str] = {}

    def _environment(self, *roles: str) -> dict[str, str]:
        assert self.database is not None
        more = {"DJANGO_SETTINGS_MODULE": "bench.kit.plain_settings", "LINLI_DB_APP": self.database.logins.owner}
        return super()._environment(*roles) | more | self.more


class Bare(Plain):
    more = {"BENCH_BARE": "1"}


@contextmanager
def prepared(sizes: Sizes, watch: Watch) -> Iterator[Bench]:
    """A throw-away linli with the data, the relay, and the three sites running."""
    wrk.find()
    with ThrowAway() as place:
        place.open_django()
        watch.say("数据库和表")
        from bench.kit import town

        built = town.build(residents=sizes.residents, matters=sizes.matters)
        place.settle()
        watch.say(f"数据:{built.sizes}")
        place.run("relay", "app", "audit")
        Plain.more = {
            "BENCH_CODE": built.code,
            "BENCH_SPECIALIST": str(built.specialist.pk),
            "BENCH_REPORTER": str(built.reporter.pk),
        }
        os.environ["LINLI_LIVE_ORIGIN"] = "http://localhost:1"  # pages name it, nobody listens: the same on all sites
        token = "linliBench" * 3 + "ok"  # 32 letters, as a browser's secret; made up, for a site that lives minutes
        staff, resident = (wrk.cookie(town.session_of(who), token) for who in (built.specialist, built.reporter))
        ports = place.serve(Supervisor, Plain, Bare)
        sites = {name: Site(name, port, staff) for name, port in zip(("real", "plain", "bare"), ports, strict=True)}
        sites["resident"] = Site("resident", 0, resident)
        watch.say("三个站点")
        yield Bench(place, built, sizes, token, sites)


def measure(bench: Bench, watch: Watch) -> tuple[dict[str, Any], dict[str, Any]]:
    """Everything, case by case; the write path's figures and the machine's limits in commits."""
    from bench.kit import writes

    bench.pages()
    bench.reports()
    bench.acceptances()
    watch.say("HTTP")
    seconds = bench.sizes.seconds / 2
    found: dict[bool, list[float]] = {True: [], False: []}
    for n in range(bench.sizes.rounds):
        for with_trail in (True, False)[:: -1 if n % 2 else 1]:
            found[with_trail].append(writes.reports_per_second(bench.town, with_trail=with_trail, seconds=seconds))
            bench.wait_for_relay()
    owner = bench.place.database.logins.owner
    commits = {
        name: round(writes.commits_per_second(owner, one_row=one_row, seconds=seconds / 2), 1)
        for name, one_row in (("commits_per_s", False), ("commits_per_s_one_row", True))
    }
    watch.say("写入")
    names = {"with_trail_tps": True, "without_tps": False}
    return {name: round(median(found[which]), 1) for name, which in names.items()}, commits


def result_of(bench: Bench, write_path: dict[str, Any], commits: dict[str, Any], facts: dict[str, Any]) -> Result:
    """Medians, ratios, and whether all targets are met."""
    kept = ("rps", "p50_ms", "p95_ms", "p99_ms")
    figures: dict[str, Any] = {
        case: {name: {what: bench.median(case, name, what) for what in kept} for name in ("real", "plain")}
        for case in CASES
    }
    ratio = {case: round(figures[case]["real"]["rps"] / figures[case]["plain"]["rps"], 3) for case in CASES}
    p95 = {case: figures[case]["real"]["p95_ms"] for case in PAGES}
    figures["write_path"] = write_path
    figures["relay_behind_s"] = round(bench.relay_behind_seconds, 1)
    bare = bench.median("bare", "bare", "rps")
    sizes = bench.town.sizes | {
        "clients": wrk.CLIENTS,
        "web_workers": WEB_WORKERS,
        "web_threads": WEB_THREADS,
        "rounds": bench.sizes.rounds,
        "round_seconds": bench.sizes.seconds,
    }
    return Result(
        name="http",
        machine=facts,
        sizes=sizes,
        figures=figures,
        limit={"bare_view_rps": bare, "bare_view_p95_ms": bench.median("bare", "bare", "p95_ms"), **commits},
        ratio=ratio
        | {f"{case}_to_bare_view": round(figures[case]["real"]["rps"] / bare, 3) for case in PAGES}
        | {"write_path": round(write_path["with_trail_tps"] / write_path["without_tps"], 3)},
        target={"ratio_at_least": dict.fromkeys(CASES, RATIO), "p95_ms_at_most": dict.fromkeys(PAGES, P95_MS)},
        met=all(value >= RATIO for value in ratio.values()) and all(value <= P95_MS for value in p95.values()),
    )


def show(result: Result) -> None:
    """The figures as a table for people."""
    rows: list[list[Any]] = []
    for case in CASES:
        for name in ("real", "plain"):
            told = result.figures[case][name]
            ratio = result.ratio[case] if name == "real" else None
            rows.append([f"{case} {name}", told["rps"], told["p50_ms"], told["p95_ms"], told["p99_ms"], ratio])
    rows.append(["bare view", result.limit["bare_view_rps"], None, result.limit["bare_view_p95_ms"], None, None])
    path = result.figures["write_path"]
    rows.append(["write path, trail", path["with_trail_tps"], None, None, None, result.ratio["write_path"]])
    rows.append(["write path, none", path["without_tps"], None, None, None, None])
    rows.append(["bare commits", result.limit["commits_per_s"], None, None, None, None])
    rows.append(["bare, one row", result.limit["commits_per_s_one_row"], None, None, None, None])
    say("\n" + table(["case", "per s", "p50 ms", "p95 ms", "p99 ms", "ratio"], rows))
    say(
        f"\n目标:四项比值不低于 {RATIO},两个页面 p95 不超过 {P95_MS:.0f} ms。{'达到。' if result.met else '没有达到。'}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; 0 when it was measured (met or not: see the JSON line), 1 when it could not be, 2 when a tool is missing."""
    parser = argparse.ArgumentParser(prog="./run bench http", description="网页和提交的速度")
    parser.add_argument("--quick", action="store_true", help="一分钟内:十分之一的数据,每项一轮")
    sizes = QUICK if parser.parse_args(argv).quick else FULL
    facts, watch = machine(), Watch()
    try:
        with prepared(sizes, watch) as bench:
            result = result_of(bench, *measure(bench, watch), facts)
    except Unmeasured as trouble:
        say(f"\n没有测成:{trouble}")
        return trouble.exit_code
    except CannotRun as trouble:
        say(f"\n{trouble}")
        return 1
    except KeyboardInterrupt:
        say("\n已停止,没有结果。")
        return 130
    show(result)
    say(f"共 {watch.seconds:.0f} 秒。")
    result.print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
