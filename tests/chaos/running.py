"""One run: load and faults together, then quiet, then the checker's verdict over all that is left."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cairn.settling import unsettled
from tests.chaos import checker, evidence, nemesis, rollup, site
from tests.chaos.clients import CLIENTS, Client
from tests.chaos.history import INFO, OK, History, by_key
from tests.chaos.site import Site
from tests.support.stack import until

QUIET_SECONDS = 60
ASKED_AGAIN = 150
"""So many finished requests are sent once more under their keys, after the storm."""

Say = Callable[[str], None]


@dataclass
class Report:
    """What came out; the run passed when there are no violations."""

    violations: list[str]
    faults: list[str]
    types: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    figures: dict[str, float] = field(default_factory=dict)


def run(folder: Path, seed: int, seconds: float, faults: Sequence[str], say: Say, mutant: str = "") -> Report:
    """A whole run on servers of its own in this folder; with a mutant the workers have lost a rule."""
    with site.running(folder) as here:
        world = site.settle_in(here)
        if mutant:
            site.mutate(here, mutant)
        say(f"seed {seed}: everything is up; {seconds:.0f} s of load under {', '.join(faults)}")
        history = History(folder / "history.jsonl")
        began = time.monotonic()
        clients = [Client(n, here.stack.url, world, seed, history, began) for n in range(CLIENTS)]
        bad = _storm(here, clients, seed, seconds, faults, say)
        say(f"{len(history.attempts)} attempts under {len(bad.done)} faults; faults off")
        calm = time.monotonic()
        nemesis.all_up(here)
        asked_again = _ask_again(clients, random.Random(seed))
        report = _verdict(here, clients, history, bad, calm)
        history.close()
        report.figures["asked again"] = asked_again
    return report


def _storm(
    here: Site, clients: Sequence[Client], seed: int, seconds: float, faults: Sequence[str], say: Say
) -> nemesis.Nemesis:
    stop = threading.Event()
    bad = nemesis.Nemesis(here, stop, say)
    with ThreadPoolExecutor(len(clients) + 2) as threads:
        doing = [threads.submit(client.work, stop) for client in clients]
        doing += [threads.submit(bad.run, lane, random.Random(f"{seed} lane {number}"))
                  for number, lane in enumerate(nemesis.lanes(faults))]  # fmt: skip
        timer = threading.Timer(seconds, stop.set)
        timer.start()
        try:
            for one in doing:
                one.result()
        finally:
            timer.cancel()
            stop.set()
    return bad


def _ask_again(clients: Sequence[Client], chance: random.Random) -> int:
    """Whatever nobody knows the outcome of, and some of the rest: each must be answered now, and as before."""
    wanting = []
    for client in clients:
        ended = {key: attempts[-1].type for key, attempts in by_key(list(client.history.attempts)).items()}
        known = [one for one in client.requests if ended.get(one.key) == OK]
        unknown = [one for one in client.requests if ended.get(one.key, INFO) == INFO]
        again = chance.sample(known, min(len(known), ASKED_AGAIN // len(clients)))
        wanting.append((client, unknown + again))
    with ThreadPoolExecutor(len(clients)) as threads:
        for done in [threads.submit(_ask, client, requests) for client, requests in wanting]:
            done.result()
    return sum(len(requests) for _, requests in wanting)


def _ask(client: Client, requests: Sequence[object]) -> None:
    for request in requests:
        until(lambda request=request: client.send(request) != INFO, 30, f"{request} is answered")  # type: ignore[misc]
    client.close()


def _verdict(here: Site, clients: Sequence[Client], history: History, bad: nemesis.Nemesis, calm: float) -> Report:
    """`calm` is when the faults ended."""
    with here.stack.parts() as parts:
        try:
            until(lambda: not unsettled(parts), QUIET_SECONDS, "outboxes are empty and inboxes complete")
            until(lambda: evidence.lag(here.kafka.bootstrap, parts) == 0, 20, "no consumer group lags")
            loud = []
        except AssertionError as fault:
            loud = [f"not quiet: {fault}; {unsettled(parts)}"]
        quiet = time.monotonic() - calm
        found = evidence.gather(here, parts)
    letters = [str(letter["Message-ID"]) for letter in here.mail.letters()]
    violations = loud + judge(found, clients, history, bad.poisoned) + _letters(letters, found)
    report = Report(violations, bad.done)
    report.types.update(attempt.type for attempt in history.attempts)
    report.statuses.update(attempt.status for attempt in history.attempts)
    sent = [event.id for event in found.topics]
    report.figures |= {
        "quiet after s": round(quiet, 1),
        "events": len(set(sent)),
        "sent twice": len(sent) - len(set(sent)),
        "letters": len(letters),
        "letters twice": len(letters) - len(set(letters)),
        "parked": sum(map(len, evidence.parked(found).values())),
    }
    return report


def judge(found: evidence.Evidence, clients: Sequence[Client], history: History, poisoned: set[str]) -> list[str]:
    """All invariants over all that is left."""
    owned = evidence.owned(found, [request for client in clients for request in client.requests])
    poison = {f"poison {key}" for key in poisoned}
    genuine = [event for event in found.topics if event.id not in poison]
    goals, said = found.tables["goals"], found.tables["checkins"]
    naive = rollup.recomputed(goals["objectives"], goals["key_results"], goals["objective_links"], said["check_ins"])
    return [
        *checker.i1_written(history.attempts, owned),
        *checker.i2_published(evidence.outbox(found), genuine),
        *checker.i3_received(genuine, evidence.inboxes(found), found.reads),
        *checker.i3_once(evidence.effects(found)),
        *(wrong for name in found.reads for wrong in checker.i4_in_order(name, evidence.taken(found, name))),
        *checker.i5_equal([*evidence.copies(found), naive]),
        *checker.i6_one_resource(history.attempts, owned),
        *checker.i7_told_once(evidence.deliveries(found)),
        *_parked(found, poisoned),
        *(f"500 for {one.op} {one.key}" for one in history.attempts if one.status == 500),
    ]


def _parked(found: evidence.Evidence, poisoned: set[str]) -> list[str]:
    return [
        f"parked by {name}: {key}, {reason}"
        for name, letters in evidence.parked(found).items()
        for key, reason in letters
        if key not in poisoned
    ]


def _letters(sent: Sequence[str], found: evidence.Evidence) -> list[str]:
    """A letter may come twice where its sender died in between, but under the Message-ID of its one delivery."""
    known = {f"<{row['id']}@cairn>" for row in found.tables["notifications"]["deliveries"]}
    return [f"I7 {id_}: a letter of no delivery" for id_ in sorted(set(sent) - known)]
