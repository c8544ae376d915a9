"""The last answer of each conversation, so that a reloaded page or a double click is not answered twice."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from handlers.dialogue import Reply

KEPT = 600.0  # seconds; who reloads later is asking anew
MOST = 2_000  # conversations; an answer has a few kB

Replies = tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class _Last:
    sent: bytes
    until: float
    replies: "asyncio.Future[Replies]"


class Again:
    """In memory only, at most MOST answers of the last KEPT seconds. What was sent is known by its hash alone.

    The same form sent again gets the answer it got; anything else is asked. *clock* counts seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: OrderedDict[str, _Last] = OrderedDict()

    async def once(self, chat: str, sent: str, ask: Callable[[], Awaitable[Replies]]) -> Replies:
        digest = sha256(f"{chat}\0{sent}".encode("utf-8", "surrogatepass")).digest()
        self._forget()
        last = self._last.get(chat)
        if last is not None and last.sent == digest:
            await asyncio.wait([last.replies])
            if not last.replies.cancelled():
                return last.replies.result()
        replies: asyncio.Future[Replies] = asyncio.get_running_loop().create_future()
        self._last[chat] = _Last(digest, self._clock() + KEPT, replies)
        self._last.move_to_end(chat)
        try:
            answered = await ask()
        except BaseException:
            replies.cancel()  # who waits for it asks anew
            self._last.pop(chat, None)
            raise
        replies.set_result(answered)
        return answered

    def _forget(self) -> None:
        now = self._clock()
        while self._last and (len(self._last) >= MOST or next(iter(self._last.values())).until < now):
            self._last.popitem(last=False)
