"""Decides: a pure function from state and message to state, replies and events. Start reading at engine.HANDLERS."""

from handlers.dialogue import Conversation, Message, Press, Reply, Turn, Utterance
from handlers.engine import respond, served
from handlers.screens import crisis as crisis_reply
from handlers.situation import Situation
from handlers.statistics import record

__all__ = [
    "Conversation",
    "Message",
    "Press",
    "Reply",
    "Situation",
    "Turn",
    "Utterance",
    "crisis_reply",
    "record",
    "respond",
    "served",
]
