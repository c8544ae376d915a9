"""However often a message comes, and in whatever company: conversations and counts are those of the clean run."""

import asyncio
import random
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.port import Incoming
from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from knowledge.base import Knowledge
from tests.bot.test_pipeline import Loft

TEXTS = (
    *("hallo", "1", "2", "3", "zurück", "hilfe", "neu", "löschen", "danke", "sprache", "mobbing", "nummer vom kub"),
    *("mein kind hat angst vor der schule", "ich will nicht mehr leben", "qxv zzyk wrrp"),
)
CHATS = "abc"
spoken = st.lists(st.tuples(st.sampled_from(CHATS), st.sampled_from(TEXTS)), min_size=1, max_size=9)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new database."""
    path = tmp_path_factory.mktemp("migrated") / "schullotse.db"
    SqlStore(f"sqlite:///{path}").close()
    return path


def batches_of(said: Sequence[tuple[str, str]], chance: random.Random) -> list[list[Incoming]]:
    """What was said, cut into one to three batches."""
    messages = [
        Incoming("pigeon", chat, text=text, id=str(number), sender=chat) for number, (chat, text) in enumerate(said)
    ]
    cuts = sorted(chance.randint(0, len(messages)) for _ in range(2))
    return [messages[: cuts[0]], messages[cuts[0] : cuts[1]], messages[cuts[1] :]]


def repeated(batches: Sequence[Sequence[Incoming]], chance: random.Random) -> list[list[Incoming]]:
    """Each message one to five times, shuffled within its batch; some of it comes again in a later batch.

    As platforms promise, a message of a chat is first seen after the earlier ones of that chat.
    """
    known: list[Incoming] = []
    result = []
    for batch in batches:
        new = {chat: [message for message in batch if message.chat == chat] for chat in CHATS}
        slots = [message.chat for message in batch for _ in range(chance.randint(1, 5))]
        chance.shuffle(slots)
        noisy = []
        for chat in slots:
            before = [message for message in known if message.chat == chat]
            if new[chat] and (not before or chance.random() < 0.5):
                before = [new[chat].pop(0)]
                known += before
            noisy.append(chance.choice(before))
        rest = [message for chat in CHATS for message in new[chat]]
        known += rest
        result.append(noisy + rest)
    return result


async def outcome(knowledge: Knowledge, store: Store, batches: Sequence[Sequence[Incoming]]) -> Any:
    """What each chat was shown, what was counted, and what is remembered."""
    loft = Loft(knowledge, store)
    async with loft.running():
        for batch in batches:
            loft.platform.waiting += batch
            loft.platform.news.set()
            while loft.platform.waiting:
                await asyncio.sleep(0)
    assert (store.inbox(), store.outbox()) == ([], [])
    epochs = {epoch.number: epoch for epoch in loft.keys.living(loft.clock())}
    shown = {chat: [text for who, text in loft.platform.delivered if who == chat] for chat in CHATS}
    return shown, store.tally(), sorted(epochs[one.epoch].open(one.body, one.key) for one in store.conversations())


@settings(max_examples=200, deadline=None)
@given(said=spoken, seed=st.integers(0, 2**16))
def test_repeats_change_nothing_in_memory(knowledge: Knowledge, said: list[Any], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    batches = batches_of(said, chance)
    clean = asyncio.run(outcome(knowledge, MemoryStore(), batches))

    assert asyncio.run(outcome(knowledge, MemoryStore(), repeated(batches, chance))) == clean
    assert sum(map(len, clean[0].values())) == len(said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=spoken, seed=st.integers(0, 2**16))
def test_repeats_change_nothing_in_a_database(
    knowledge: Knowledge, migrated: Path, tmp_path: Path, said: list[Any], seed: int
) -> None:
    for left in tmp_path.iterdir():
        left.unlink()
    path = shutil.copy(migrated, tmp_path / "schullotse.db")
    chance = random.Random(seed)  # noqa: S311 - no secret
    batches = batches_of(said, chance)
    clean = asyncio.run(outcome(knowledge, MemoryStore(), batches))

    with closing(SqlStore(f"sqlite:///{path}")) as store:
        assert asyncio.run(outcome(knowledge, store, repeated(batches, chance))) == clean
