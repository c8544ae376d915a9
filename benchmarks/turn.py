"""One turn's CPU without channel and disk, and the start of the command; each against a floor in the same run.

    .venv/bin/python -m benchmarks.turn

The floor of a turn is the same number of calls that only copy the conversation; the floor of the start is a Python that
imports what the command cannot do without (pydantic, typer, numpy, sqlalchemy) and ends.
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from handlers import Conversation, Press, Utterance, respond
from knowledge.load import load
from knowledge.model import Audience

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
TEXTS = (
    "mein kind hat angst vor der schule", "er fehlt seit drei wochen unentschuldigt", "Schüler 8. Klasse schwänzt",
    "bußgeld bekommen was nun", "sie wird gemobbt und will nicht mehr hin", "nummer vom kub", "wann ist der termin",
    "attest ab wann", "wie wird das wetter", "ich weiß nicht weiter",
)  # fmt: skip
STARTS = 9


def per_call(call: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    begun = time.process_time_ns()
    call()
    return (time.process_time_ns() - begun) / 1e6


def described(name: str, times: list[float], floor: list[float]) -> str:
    times.sort()
    p99, p50 = times[int(len(times) * 0.99)], statistics.median(times)
    ratio = p50 / statistics.median(floor)
    return f"{name:<34}{p50:>9.3f}{p99:>9.3f}{max(times):>9.3f}{ratio:>11.0f}"


def turns() -> None:
    with tempfile.TemporaryDirectory() as cache:
        knowledge = load(cache=Path(cache))
    pack, chance = knowledge.pack("dortmund", "de"), random.Random(1)
    pressed, typed, floor = [], [], []
    for number in range(6_000):
        flow = chance.choice(list(pack.flows.values()))
        start = Conversation(region="dortmund", audience=chance.choice(flow.audiences), greeted=True)
        conversation = respond(knowledge, start, Press(f"f/{flow.id}", AT)).conversation
        while answers := [button for button in conversation.offered if button.value.startswith("a/")]:
            press = Press(chance.choice(answers).value, AT)
            pressed.append(per_call(lambda at=conversation, what=press: respond(knowledge, at, what)))
            floor.append(per_call(lambda at=conversation: replace(at, misses=0)))
            conversation = respond(knowledge, conversation, press).conversation
        if number % 3 == 0:
            said = Utterance(chance.choice(TEXTS), AT)
            at = Conversation(region="dortmund", audience=chance.choice(list(Audience)), greeted=True)
            typed.append(per_call(lambda at=at, what=said: respond(knowledge, at, what)))
    print(f"{'one turn, CPU ms':<34}{'p50':>9}{'p99':>9}{'max':>9}{'÷ floor':>11}")
    print(described(f"pressed button ({len(pressed)})", pressed, floor))
    print(described(f"typed text ({len(typed)})", typed, floor))


def starts() -> None:
    floor = [sys.executable, "-c", "import pydantic, typer, numpy, sqlalchemy"]
    ours = [sys.executable, "-m", "bot", "chat", "--region", "dortmund"]
    with tempfile.TemporaryDirectory() as folder:
        ours += ["--db", f"sqlite:///{folder}/bench.db"]
        times: dict[str, list[float]] = {"floor": [], "ours": []}
        for turn in range(STARTS + 1):
            for name, command in (("floor", floor), ("ours", ours)):
                begun = time.perf_counter()
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
                if turn:  # the first run warms the caches
                    times[name].append(time.perf_counter() - begun)
    one, two = statistics.median(times["ours"]), statistics.median(times["floor"])
    print(f"\nstart to the end of an empty conversation, warm: {one:.2f} s; imports {two:.2f} s; ratio {one / two:.1f}")


if __name__ == "__main__":
    turns()
    starts()
