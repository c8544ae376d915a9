"""Knowledge changes every 50 ms while people talk: python -m benchmarks.reload [DIALOGUES].

A third of the packs that arrive are broken and refused. Counted: errors, dialogues that saw two versions, and how long
answers took compared with a bot that is left alone. Real time is used; conversations last a few messages.
"""

import asyncio
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from bot import app
from bot.assistant import Assistant
from bot.buttons import STALE, Buttons
from bot.channels.port import Incoming
from bot.keyring import Keyring
from bot.library import Library
from bot.render import plain
from bot.store import Batch
from bot.store.memory import MemoryStore
from handlers import Conversation
from handlers.dialogue import Reply
from knowledge.base import Knowledge
from knowledge.load import PackError, load
from knowledge.model import Audience
from knowledge.source import Problem

EVERY = 0.05  # seconds between two packs
VERSIONS = 6  # of which conversations may live at the same time; the library keeps eight
MARK = "Fassung"
SAID = ("mein Kind hat Angst vor der Schule", "Nummer vom KuB", "meine Tochter schwänzt", "Kind wird gemobbt")
START = Conversation(region="dortmund", audience=Audience.PARENT)


def version(known: Knowledge, number: int) -> Knowledge:
    """The same knowledge with its number in the name of every office."""
    packs = {}
    for region in known.regions:
        pack = known.packs[region, "de"]
        named = {key: replace(one, name=f"{one.name} {MARK} {number}.") for key, one in pack.actors.items()}
        packs[region, "de"] = replace(pack, actors=named)
    return replace(known, version=f"v{number}", packs=packs, languages=("de",))


class Run:
    """Many dialogues with one assistant, some at a time, while its library changes."""

    def __init__(self, versions: Sequence[Knowledge]) -> None:
        self.versions = versions
        self.library = Library(versions[0])
        self.buttons = Buttons(b"k" * 32, self.library.versions)
        self.assistant = Assistant(self.library, Keyring(), clock=app.now, start=START)
        self.store = MemoryStore()
        self.taken = self.refused = self.failed = self.mixed = self.old = 0
        self.times: list[float] = []

    def say(self, chat: str, *, text: str | None = None, press: str | None = None) -> tuple[Reply, ...]:
        incoming = Incoming("bench", chat, text=text, press=press)
        begun = time.perf_counter()
        answer = self.assistant.answer(incoming, self.store.load(self.assistant.names(incoming)))
        self.store.write(Batch(done=(answer.done,)))
        self.times.append(time.perf_counter() - begun)
        self.failed += answer.failed
        return answer.replies

    async def dialogue(self, number: int, chance: random.Random) -> None:
        """Four messages and presses; every card must come from one version, every button must still open."""
        chat, seen = str(number), set()
        replies = self.say(chat, text=chance.choice(SAID))
        for _ in range(3):
            await asyncio.sleep(chance.random() * 0.1)
            buttons = next((reply.buttons for reply in reversed(replies) if reply.buttons), ())
            signed = [self.buttons.signed(chat, button.value) for button in buttons]
            await asyncio.sleep(chance.random() * 0.1)
            opened = [self.buttons.opened(chat, data) for data in signed]
            self.old += opened.count(STALE)
            replies = self.say(chat, press=chance.choice([one for one in opened if one != STALE] or ["k/kub"]))
            said = plain((*replies, *self.say(chat, press="k/schulpsychologie")))
            seen |= {part.partition(".")[0] for part in said.split(f" {MARK} ")[1:]}
        self.mixed += len(seen) > 1

    async def change(self) -> None:
        for number, known in enumerate(cycle(self.versions), 1):
            await asyncio.sleep(EVERY)
            try:
                if number % 3 == 0:
                    raise PackError([Problem("stadt/pack.yaml", 1, "is broken")])
                await asyncio.to_thread(self.library.take, known, app.now())
                self.taken += 1
            except PackError:
                self.refused += 1

    async def all(self, dialogues: int, *, changing: bool, at_once: int = 200) -> None:
        task = asyncio.create_task(self.change()) if changing else None
        waiting = asyncio.Semaphore(at_once)

        async def one(number: int) -> None:
            async with waiting:
                await self.dialogue(number, random.Random(number))

        await asyncio.gather(*(one(number) for number in range(dialogues)))
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def main() -> None:
    dialogues = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    known = load(cache=Path("build/cache"))
    known.gate.look("")
    versions = [version(known, number) for number in range(VERSIONS)]
    for name, changing in (("left alone", False), ("changing", True)):
        run, begun = Run(versions), time.perf_counter()
        asyncio.run(run.all(dialogues, changing=changing))
        times = sorted(run.times)
        p50, p99 = (1000 * times[int(len(times) * share)] for share in (0.5, 0.99))
        print(
            f"{name}: {dialogues} dialogues, {len(times)} messages in {time.perf_counter() - begun:.0f} s; "
            f"{run.taken} packs taken, {run.refused} refused; {run.failed} errors, {run.mixed} mixed, "
            f"{run.old} buttons old; p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
            f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
        )


if __name__ == "__main__":
    main()
