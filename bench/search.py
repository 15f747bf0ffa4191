"""`./run bench search [--quick]`: whether a person is found, and a list shown, as fast in a million people as in six thousand.

Every figure is a whole request (session, rights, row-level security, template) in this process, one after the other, by a secretary,
who may see everybody. The same community of 6,000 is asked alone in its database and again among a million; a community of 100,000
beside it. The limit is the index by itself: bare SQL on the pinyin index, in the same run. See README.md in this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

# This file's folder must not stand on the path: a module beside it is called as one of Python's own.
sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).resolve().parent)]

import argparse  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from dataclasses import dataclass, replace  # noqa: E402
from random import Random  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

from bench.common import CannotRun, Result, ThrowAway, Unmeasured, Watch, machine, say, table  # noqa: E402

if TYPE_CHECKING:
    from bench.kit.crowd import Crowd

P95_MS, STREET_P95_MS, FLAT = 100.0, 300.0, 2.0
STREET = 10  # communities of a street that are asked one by one


@dataclass(frozen=True)
class Sizes:
    """People in the small community, in the large one, in each of the others, how many others; requests a case."""

    small: int
    large: int
    other: int
    others: int
    requests: int


FULL, QUICK = Sizes(6000, 100_000, 6700, 134, 30), Sizes(600, 2000, 400, 11, 5)
TRIES = 3
"""Each question is put so often, and its shortest answer counts: what other programs took of the machine is not ours."""
KINDS = (
    "name",
    "part",
    "surname",
    "pinyin",
    "initials",
    "homophone",
    "mixed",
    "phone tail",
    "phone",
    "ID tail",
    "door",
)
LISTS = ("first page", "next page", "aged 80", "living alone", "80, by age")
CASES = (*KINDS, *LISTS)


class Asker:
    """Asks one community for people drawn from it, as its secretary does in a browser."""

    def __init__(self, crowd: Crowd, requests: int) -> None:
        from django.test import Client

        self.crowd, self.requests = crowd, requests
        self.root = f"/c/{crowd.code}/desk"
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(crowd.secretary, backend="django.contrib.auth.backends.ModelBackend")
        self.people = self._drawn()

    def _drawn(self) -> list[Any]:
        from linli.core.tenancy import active
        from linli.residents.models import Resident
        from linli.residents.queries import with_cards

        with active(self.crowd.community.id):
            ids = list(Resident.objects.values_list("pk", flat=True))
            return list(with_cards(Resident.objects.filter(pk__in=Random("asked").sample(ids, self.requests))))

    def words(self, kind: str) -> Iterator[str]:
        """What somebody types to find each of the people drawn."""
        for person in self.people:
            name, sounds = person.name, person.pinyin.split()
            yield {
                "name": name,
                "part": name[1:],
                "surname": name[0],
                "pinyin": "".join(sounds),
                "initials": person.initials,
                "homophone": "张章王汪李"[ord(name[0]) % 5] + name[1:],
                "mixed": name[0] + person.initials[1:],
                "phone tail": person.phone[-4:],
                "phone": person.phone,
                "ID tail": person.id_number[-4:],
                "door": person.card_doors[0] if person.card_doors else "1-1-101",
            }[kind]

    def times(self, case: str) -> list[float]:
        """Milliseconds of each request, after three that warm up."""
        works = list(self._works(case))
        for work in works[:3]:
            work()
        return [min(_timed(work) for _ in range(TRIES)) for work in works]

    def _works(self, case: str) -> Iterator[Callable[[], Any]]:
        if case in KINDS:
            for words in self.words(case):
                yield lambda words=words: self._asked("post", "/find/", {"q": words}, HTTP_HX_REQUEST="true")
            return
        old = "what=resident.age&op=ge&value=80"
        query = {
            "first page": "",
            "aged 80": f"?{old}",
            "living alone": "?what=category.kind&op=is&value=living_alone",
            "80, by age": f"?{old}&sort=oldest",
        }
        for person in self.people:
            path = query.get(case, f"?after={person.pk}")
            yield lambda path=path: self._asked("get", f"/residents/{path}")

    def _asked(self, verb: str, path: str, *data: Any, **more: Any) -> None:
        answer = getattr(self.client, verb)(self.root + path, *data, secure=True, **more)
        if answer.status_code != 200:
            raise Unmeasured(f"{self.root}{path.partition('?')[0]} 回答了 {answer.status_code}。")


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _told(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": round(ordered[len(ordered) // 2], 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
    }


def measured(crowd: Crowd, sizes: Sizes) -> dict[str, dict[str, float]]:
    """Every case in one community."""
    asker = Asker(crowd, sizes.requests)
    return {case: _told(asker.times(case)) for case in CASES}


def street_wide(crowds: Sequence[Crowd], sizes: Sizes) -> dict[str, float]:
    """One name looked for in ten communities, one after the other, each under its own row-level security."""
    from linli.core.tenancy import active
    from linli.residents.queries import cards_of
    from linli.residents.searching import search_residents

    actors = [(crowd.community.id, crowd.actor(crowd.secretary)) for crowd in crowds[:STREET]]

    def ask(words: str) -> None:
        for community_id, actor in actors:
            with active(community_id):
                cards_of(search_residents(actor, words)[:6])

    words = list(Asker(crowds[0], sizes.requests).words("name"))
    ask(words[0])
    return _told([min(_timed(lambda each=each: ask(each)) for _ in range(TRIES)) for each in words])  # type: ignore[misc]


def bare(own: ThrowAway, crowd: Crowd, sizes: Sizes) -> dict[str, float]:
    """The pinyin index by itself: one prepared statement, without rights, policy or page."""
    from linli.core.pinyin import pinyin_of

    sql = (
        "SELECT id, name FROM residents_resident WHERE community_id = %s AND pinyin >= %s AND pinyin < %s"
        " ORDER BY pinyin, id LIMIT 6"
    )
    sounds = [pinyin_of(person.name) for person in Asker(crowd, sizes.requests).people]
    with own.superuser() as database:
        ask = lambda sound: database.execute(sql, [crowd.community.id, sound, sound + "~"]).fetchall()  # noqa: E731
        ask(sounds[0])
        times = [_timed(lambda sound=sound: ask(sound)) for sound in sounds]  # type: ignore[misc]
    ordered = sorted(times)
    return {"p50_ms": round(ordered[len(ordered) // 2], 2), "p95_ms": round(ordered[int(len(ordered) * 0.95)], 2)}


def run(sizes: Sizes, watch: Watch, facts: dict[str, Any]) -> Result:
    with ThrowAway() as own:
        watch.say("数据库已建好")
        own.open_django()
        from django.conf import settings

        from bench.kit import crowd

        # One account asks thousands of questions here: who reads so much is slowed, and that is not what is measured.
        settings.LINLI_READING = dict.fromkeys(("people_told", "people_asked", "rows_told", "rows_asked"), 10**8)

        with own.superuser() as database:
            small = crowd.settle(database, 1, sizes.small)
            own.settle()
            alone = measured(small, sizes)
            watch.say(f"{sizes.small} 人一个社区,量过")
            large = crowd.settle(database, 2, sizes.large)
            own.settle()
            big = measured(large, sizes)
            watch.say(f"{sizes.large} 人一个社区,量过")
            began = time.monotonic()
            others = [crowd.settle(database, 3 + n, sizes.other) for n in range(sizes.others)]
            rate = sizes.other * sizes.others / (time.monotonic() - began)
            watch.say(f"再加 {sizes.others} 个社区,每秒 {rate:.0f} 人")
        own.settle()
        watch.say("整理过")
        among, big_among = measured(small, sizes), measured(large, sizes)
        watch.say("全部人里,量过")
        street, floor = street_wide(others, sizes), bare(own, small, sizes)
    people = sizes.small + sizes.large + sizes.other * sizes.others
    figures = {
        "alone": alone, "large_alone": big, "among_all": among, "large_among_all": big_among, "street": street,
        "loaded_per_s": round(rate),
    }  # fmt: skip
    flat = {case: round(among[case]["p50_ms"] / alone[case]["p50_ms"], 2) for case in CASES}
    worst = max(among[case]["p95_ms"] for case in CASES)
    worst_large = max(big_among[case]["p95_ms"] for case in KINDS)
    return Result(
        name="search",
        machine=facts,
        sizes={"people": people, "small": sizes.small, "large": sizes.large, "requests": sizes.requests},
        figures=figures,
        limit={"pinyin_index": floor},
        ratio={"flattest_to_steepest": max(flat.values()), **{f"flat {case}": flat[case] for case in CASES}},
        target={"p95_ms_at_most": P95_MS, "street_p95_ms_at_most": STREET_P95_MS, "flat_within": FLAT},
        met=max(worst, worst_large) <= P95_MS and street["p95_ms"] <= STREET_P95_MS and max(flat.values()) <= FLAT,
    )


def show(result: Result) -> None:
    """The figures as one table for people: p50 / p95 in milliseconds."""
    told, sizes = result.figures, result.sizes
    places = ("alone", "among_all", "large_alone", "large_among_all")
    rows: list[list[Any]] = [
        [case, *(f"{told[place][case]['p50_ms']} / {told[place][case]['p95_ms']}" for place in places), result.ratio[f"flat {case}"]]
        for case in CASES
    ]  # fmt: skip
    head = [
        "p50 / p95 ms",
        f"{sizes['small']} alone",
        f"same, of {sizes['people']}",
        f"{sizes['large']}",
        f"same, of {sizes['people']}",
        "flat",
    ]
    say("\n" + table(head, rows))
    street, floor = told["street"], result.limit["pinyin_index"]
    say(
        f"\n街道十个社区:{street['p50_ms']} / {street['p95_ms']} ms。索引本身:{floor['p50_ms']} / {floor['p95_ms']} ms。"
    )
    say(
        f"目标:p95 不超过 {P95_MS:.0f} ms,街道 {STREET_P95_MS:.0f} ms,人多人少相差 {FLAT} 倍以内。{'达到。' if result.met else '没有达到。'}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; 0 when it was measured (met or not), 1 when it could not be."""
    parser = argparse.ArgumentParser(prog="./run bench search", description="找人和清单的速度")
    parser.add_argument("--quick", action="store_true", help="一分钟内:十分之一的数据")
    parser.add_argument("--people", type=int, default=0, help="全部人数（默认一百万）")
    wanted = parser.parse_args(argv)
    sizes = QUICK if wanted.quick else FULL
    if wanted.people:
        rest = max(0, wanted.people - sizes.small - sizes.large)
        sizes = replace(sizes, others=max(STREET, rest // sizes.other))
    watch = Watch()
    try:
        result = run(sizes, watch, machine())
    except (Unmeasured, CannotRun) as trouble:
        say(f"\n没有测成:{trouble}")
        return getattr(trouble, "exit_code", 1)
    except KeyboardInterrupt:
        say("\n已停止,没有结果。")
        return 130
    show(result)
    say(f"共 {watch.seconds:.0f} 秒。")
    result.print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
