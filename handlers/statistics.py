"""What may be counted: events become cells of closed lists. The filter between the conversation and the numbers."""

from dataclasses import dataclass

from handlers.dialogue import (
    Conversation,
    CrisisShown,
    Dropped,
    Event,
    FactDisputed,
    Forgotten,
    NotUnderstood,
    Rated,
    Referred,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing to count. Every value is an id of the packs, or one of the words below."""

    concern: str
    actor: str
    audience: str
    outcome: str


def record(event: Event, conversation: Conversation) -> tuple[Cell, ...]:
    """The cells that *event* adds one to. A message in danger is counted without concern, actor or audience."""
    audience = conversation.audience.value if conversation.audience else ""
    match event:
        case Referred(concern, actors, _):
            return tuple(Cell(concern, actor, audience, "referred") for actor in actors[:1])
        case NotUnderstood():
            return (Cell("", "", audience, "not-understood"),)
        case CrisisShown():
            return (Cell("", "", "", "crisis-shown"),)
        case Rated(helpful, concern):
            return (Cell(concern or "", "", audience, "helped" if helpful else "not-helped"),)
        case FactDisputed(actor, kind):
            return (Cell("", actor, "", f"wrong:{kind}"),)
        case Dropped(flow, question):
            return (Cell("", "", audience, f"dropped-at:{flow}/{question}"),)
        case Forgotten():
            return ()
