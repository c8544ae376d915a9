"""One question, one answer, without a conversation: for the command line and for other programs. Nothing is logged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from handlers import Conversation, Situation, Utterance, crisis_reply
from handlers.cards import card
from handlers.crisis import in_danger
from handlers.dialogue import Card, Reply
from handlers.find import IN_SCOPE, answered
from handlers.refer import responsible
from knowledge.base import Knowledge
from knowledge.model import DANGER, OUT_OF_SCOPE, Audience, Pack

MOST = 5  # concerns in an answer
Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one question. *concerns* best first, empty or `sonstiges` first if it is none of ours."""

    concerns: tuple[str, ...]
    confidence: float
    danger: bool
    actors: tuple[str, ...]
    why: tuple[str, ...]
    language: str
    situation: Situation

    @property
    def understood(self) -> bool:
        return self.danger or (bool(self.concerns) and self.concerns[0] != OUT_OF_SCOPE)

    def cards(self) -> list[Card]:
        """The contact cards of the responsible actors, in order."""
        pack = self.situation.pack
        entries = (
            responsible(pack, self.concerns[0], self.situation.audience, self.situation.answers)
            if self.concerns
            else ()
        )
        return [card(self.situation, pack.actors[entry.actor], why=[entry.why]) for entry in entries]

    def replies(self) -> tuple[Reply, ...]:
        """The answer as a person reads it."""
        first = crisis_reply(self.situation) if self.danger else ()
        if not self.understood:
            return (Reply(self.situation.say(self.situation.texts.out_of_scope)),)
        labels = [self.situation.pack.concerns[concern].label for concern in self.concerns]
        told = Reply(self.situation.say(self.situation.texts.understood, concern=" · ".join(labels[:3])))
        return (*first, told, *(Reply(card=item) for item in self.cards()))


def ask(knowledge: Knowledge, question: Asked, at: datetime) -> Found:
    """The answer to {"text", "lang"?, "region"?, "audience"?}. ValueError says what is wrong with the question."""
    text = question.get("text")
    if not isinstance(text, str):
        raise ValueError("'text' is missing or is not a string")  # noqa: TRY004 - reported like every malformed line
    region = _one_of(question, "region", knowledge.regions) or knowledge.regions[0]
    audience = _one_of(question, "audience", tuple(item.value for item in Audience)) or Audience.PARENT.value
    language = question.get("lang")
    if language is not None and not isinstance(language, str):
        raise ValueError("'lang' is not a string")
    spoken = language if language in knowledge.languages else "de"
    start = Conversation(region=region, audience=Audience(audience), language=spoken)
    situation = Situation(knowledge, start, Utterance(text, at))
    ranking = knowledge.search.rank(text, audience=audience)
    danger = in_danger(knowledge, text, ranking)
    read = answered(situation, text)
    situation = situation.become(answers=read)
    concerns = _concerns(
        situation.pack, [concern for concern, _ in ranking.concerns], ranking.confidence, danger=danger
    )
    actors = responsible(situation.pack, concerns[0], Audience(audience), dict(read)) if concerns else ()
    return Found(
        concerns=tuple(concerns[:MOST]),
        confidence=round(max(ranking.confidence, float(danger)), 4),
        danger=danger,
        actors=tuple(entry.actor for entry in actors),
        why=ranking.why,
        language=ranking.language,
        situation=situation,
    )


def _concerns(pack: Pack, ranked: list[str], confidence: float, *, danger: bool) -> list[str]:
    known = [concern for concern in ranked if concern in pack.concerns]
    if danger:
        return [DANGER, *(concern for concern in known if concern not in (DANGER, OUT_OF_SCOPE))]
    if confidence < IN_SCOPE and known and known[0] != OUT_OF_SCOPE:
        return [OUT_OF_SCOPE, *(concern for concern in known if concern != OUT_OF_SCOPE)]
    return known


def _one_of(question: Asked, name: str, known: tuple[str, ...]) -> str | None:
    value = question.get(name)
    if value is None or value in known:
        return value
    raise ValueError(f"'{name}' is {json.dumps(value, ensure_ascii=False)}, but must be one of: {', '.join(known)}")


def lines(knowledge: Knowledge, source: TextIO, target: TextIO, at: datetime) -> None:
    """A JSON line in, a JSON line out, each flushed. A malformed line gets its error and the loop goes on."""
    for line in source:
        if line.strip():
            told = json.dumps(_line(knowledge, line, at), ensure_ascii=False)
            target.write(told.encode("utf-8", "replace").decode() + "\n")  # half a surrogate pair cannot be written
            target.flush()


def _line(knowledge: Knowledge, line: str, at: datetime) -> dict[str, Any]:
    question: Any = None
    try:
        question = json.loads(line)
        if not isinstance(question, dict):
            raise ValueError("the line is not a JSON object")  # noqa: TRY004 - reported like every malformed line
        found = ask(knowledge, question, at)
    except (ValueError, RecursionError) as error:
        known = question.get("id") if isinstance(question, dict) else None
        said = "the line is not valid JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
        return {"id": known, "error": said}
    return {"id": question.get("id"), **summary(found)}


def summary(found: Found) -> dict[str, Any]:
    """The answer in the keys of the contract."""
    return {
        "concerns": list(found.concerns),
        "confidence": found.confidence,
        "danger": found.danger,
        "actors": list(found.actors),
        "why": list(found.why),
    }
