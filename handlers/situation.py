"""What a handler sees: the knowledge, the conversation so far, and the message; with short ways to speak."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from handlers.dialogue import Button, Conversation, Event, Message, Press, Reply, Turn
from knowledge.base import Knowledge
from knowledge.model import Audience, Pack, Text
from knowledge.search import Ranking
from knowledge.texts import Texts


@dataclass(frozen=True, slots=True)
class Situation:
    """One message in its conversation. Immutable; become() makes the next one."""

    knowledge: Knowledge
    conversation: Conversation
    message: Message
    ranking: Ranking | None = None  # of typed text; read once, before any handler
    free_text: bool = True  # whether typed text is understood, or only looked at for danger and commands

    @property
    def pack(self) -> Pack:
        """The knowledge of the chosen region, or of the first one as long as none is chosen."""
        region = self.conversation.region or self.knowledge.regions[0]
        return self.knowledge.pack(region, self.conversation.language)

    @property
    def texts(self) -> Texts:
        return self.knowledge.texts[self.conversation.language]

    @property
    def audience(self) -> Audience | None:
        return self.conversation.audience

    @property
    def at(self) -> datetime:
        return self.message.at

    @property
    def answers(self) -> Mapping[str, str]:
        return dict(self.conversation.answers)

    @property
    def pressed(self) -> tuple[str, ...]:
        """The parts of a pressed value ("a", "fehlzeiten", "dauer", "tage"); empty for typed text."""
        return tuple(self.message.value.split("/")) if isinstance(self.message, Press) else ()

    def say(self, text: Text, **values: Any) -> str:
        """*text* in the user's form of address, its placeholders filled."""
        return text.to(self.audience).format(**values) if values else text.to(self.audience)

    def button(self, text: Text, value: str, *, minor: bool = True, **values: Any) -> Button:
        return Button(shortened(self.say(text, **values)), value, minor)

    def become(self, **changes: Any) -> "Situation":
        """The same message, in a conversation with *changes*."""
        return replace(self, conversation=replace(self.conversation, **changes))

    def turn(self, *replies: Reply, events: tuple[Event, ...] = ()) -> Turn:
        """This conversation, answered: the buttons of the last reply that has any are what is offered now."""
        offered = next((reply.buttons for reply in reversed(replies) if reply.buttons), ())
        return Turn(replace(self.conversation, offered=offered), replies, events)


def shortened(label: str) -> str:
    """*label* in at most 40 characters."""
    return label if len(label) <= 40 else label[:39].rstrip() + "…"
