"""The assistant with its store, as the terminal uses it."""

from typing import Any

from bot.assistant import Assistant, take_turn
from bot.channels.port import Incoming
from bot.keyring import Keyring
from bot.library import Library
from bot.store import Store
from handlers import Reply
from knowledge.base import Knowledge


class Talker:
    """Answers one message after another."""

    def __init__(self, knowledge: Knowledge, store: Store, keyring: Keyring, **more: Any) -> None:
        self._assistant = Assistant(Library(knowledge), keyring, **more)
        self._store = store

    def answer(self, incoming: Incoming) -> tuple[Reply, ...]:
        return take_turn(self._assistant, self._store, incoming)
